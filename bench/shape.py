"""Whether trees have the shape that shfmt gives them: `shape.py DIRECTORY...` (needs `shfmt`).

Both trees become the same plain form: kinds of commands and how they nest, counts of words and assignments, the first
word where it is plain, operators of redirections, and commands inside of substitutions. Scripts that shfmt refuses are
left out. Prints how many agree, and where the others first differ.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.corpus_files import bash_accepts, scripts
from msh.diagnostics import MshError
from msh.syntax import nodes as n
from msh.syntax import parse, print_word
from msh.syntax.walk import children

Form = Any
BAR = 0.98
LISTS = (n.CommandSubstitution, n.ProcessSubstitution)


# ---- ours ---------------------------------------------------------------------


def our_list(statements: tuple[n.Statement, ...]) -> Form:
    return [["&" if statement.background else "", our_command(statement.command)] for statement in statements]


def our_command(node: n.Node) -> Form:
    match node:
        case n.SimpleCommand():
            return our_simple(node, [])
        case n.Redirected(command=n.SimpleCommand() as command):
            return our_simple(command, list(node.redirects))
        case n.Redirected():
            return [*our_command(node.command), our_redirects(node.redirects)]
        case n.Pipeline():
            inner = [our_command(command) for command in node.commands]
            piped = ["pipe", inner] if len(inner) > 1 else inner[0]
            piped = ["!", piped] if node.negated else piped
            return ["time", piped] if node.timed else piped
        case n.AndOr():
            return ["list", list(node.operators), [our_command(command) for command in node.commands]]
        case n.BraceGroup() | n.Subshell():
            return [type(node).__name__, our_list(node.body)]
        case n.IfClause():
            branches = [[our_list(branch.condition), our_list(branch.body)] for branch in node.branches]
            return ["if", branches, our_list(node.orelse) if node.orelse else None]
        case n.WhileClause():
            return ["until" if node.until else "while", our_list(node.condition), our_list(node.body)]
        case n.ForClause() | n.SelectClause():
            kind = "for" if isinstance(node, n.ForClause) else "select"
            count = None if node.words is None else len(node.words)
            return [kind, node.name, count, our_inside(node.words or ()), our_list(node.body)]
        case n.ForArithmetic():
            parts = [part for part in (node.init, node.test, node.update) if part]
            return ["for((", our_inside(parts), our_list(node.body)]
        case n.CaseClause():
            items = [[len(item.patterns), our_inside(item.patterns), our_list(item.body)] for item in node.items]
            return ["case", our_inside([node.word]), items]
        case n.FunctionDefinition():
            return ["function", node.name, our_command(node.body)]
        case n.Coprocess():
            return ["coproc", our_command(node.command)]
    return [type(node).__name__, our_inside([node])]


def our_simple(node: n.SimpleCommand, redirects: list[n.Redirect]) -> Form:
    name = (
        print_word(node.words[0]) if node.words and isinstance(node.words[0], n.Word) and plain(node.words[0]) else ""
    )
    count = None if name == "let" else len(node.words)
    inside = our_inside([*node.assignments, *node.words])
    return with_redirects(["simple", name, len(node.assignments), count, inside], [*node.redirects, *redirects])


def with_redirects(form: Form, redirects: list[n.Redirect]) -> Form:
    return [*form, our_redirects(redirects)] if redirects else form


def our_redirects(redirects: Any) -> Form:
    return [[redirect.operator, our_inside([redirect])] for redirect in redirects]


def plain(word: n.Word) -> bool:
    return all(isinstance(part, (n.Literal, n.Escaped)) for part in word.parts)


def our_inside(nodes: Any) -> Form:
    """The lists in substitutions below some nodes, in the order of the text, without those inside of these."""
    found: list[n.Node] = []
    stack: list[n.Node] = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, LISTS):
            found.append(node)
        elif isinstance(node, n.Arithmetic):
            stack += node.parts  # the expression holds the same parts again
        else:
            stack += children(node)
    found.sort(key=lambda node: node.start)
    return [our_list(node.body) for node in found if isinstance(node, LISTS)]


# ---- theirs ---------------------------------------------------------------------


class Shfmt:
    """shfmt's trees; what its operator numbers mean is learned from examples."""

    def __init__(self) -> None:
        signs = [">", ">>", "<", "<>", "<&", ">&", ">|", "<<<", "&>", "&>>"]
        simple = self.tree(b"a " + " ".join(f"{sign}b" for sign in signs).encode())["Stmts"][0]
        self.signs = {redirect["Op"]: sign for sign, redirect in zip(signs, simple["Redirs"], strict=True)}
        for sign in ("<<", "<<-"):
            self.signs[self.tree(f"a {sign}E\nE\n".encode())["Stmts"][0]["Redirs"][0]["Op"]] = sign
        self.pipes = {self.tree(f"a {sign} b".encode())["Stmts"][0]["Cmd"]["Op"] for sign in ("|", "|&")}
        self.operators = {self.tree(f"a {s} b".encode())["Stmts"][0]["Cmd"]["Op"]: s for s in ("&&", "||")}

    @staticmethod
    def tree(data: bytes) -> Any:
        done = subprocess.run(["shfmt", "-ln", "bash", "--to-json"], input=data, capture_output=True, check=False)
        return json.loads(done.stdout) if not done.returncode else None

    def list(self, statements: Any) -> Form:
        return [["&" if s.get("Background") else "", self.statement(s)] for s in statements or ()]

    def statement(self, node: Any) -> Form:
        form = self.command(node["Cmd"]) if node.get("Cmd") else ["simple", "", 0, 0, []]
        redirects = node.get("Redirs") or []
        if redirects:
            form = [*form, [[self.signs[r["Op"]], self.inside([r.get("Word"), r.get("Hdoc")])] for r in redirects]]
        if node.get("Negated"):
            form = ["!", form]
        return form

    def command(self, node: Any) -> Form:
        return getattr(self, "do_" + node["Type"])(node)

    def do_CallExpr(self, node: Any) -> Form:
        args, assigns = node.get("Args") or [], node.get("Assigns") or []
        return [
            "simple",
            self.literal(args[0]) if args else "",
            len(assigns),
            len(args),
            self.inside([*assigns, *args]),
        ]

    def do_DeclClause(self, node: Any) -> Form:
        args = node.get("Args") or []
        return ["simple", node["Variant"]["Value"], 0, len(args) + 1, self.inside(args)]

    def do_LetClause(self, node: Any) -> Form:
        return ["simple", "let", 0, None, self.inside(node["Exprs"])]

    def do_BinaryCmd(self, node: Any) -> Form:
        if node["Op"] in self.pipes:
            return ["pipe", self.flat(node, self.pipes)]
        operators: list[str] = []
        self.collect(node, operators)
        return ["list", operators, self.flat(node, set(self.operators))]

    def flat(self, node: Any, operators: set[int]) -> Form:
        found: list[Form] = []
        for side in (node["X"], node["Y"]):
            inner = side.get("Cmd")
            same = inner and inner["Type"] == "BinaryCmd" and inner["Op"] in operators
            bare = not side.get("Redirs") and not side.get("Negated")
            found += self.flat(inner, operators) if same and bare else [self.statement(side)]
        return found

    def collect(self, node: Any, found: list[str]) -> None:
        left, right = node["X"].get("Cmd"), node["Y"].get("Cmd")
        if left and left["Type"] == "BinaryCmd" and left["Op"] in self.operators:
            self.collect(left, found)
        found.append(self.operators[node["Op"]])
        if right and right["Type"] == "BinaryCmd" and right["Op"] in self.operators:
            self.collect(right, found)

    def do_Block(self, node: Any) -> Form:
        return ["BraceGroup", self.list(node["Stmts"])]

    def do_Subshell(self, node: Any) -> Form:
        return ["Subshell", self.list(node["Stmts"])]

    def do_IfClause(self, node: Any) -> Form:
        branches, orelse = [], None
        while node:
            if not node.get("Cond"):
                orelse = self.list(node["Then"])
                break
            branches.append([self.list(node["Cond"]), self.list(node["Then"])])
            node = node.get("Else")
        return ["if", branches, orelse]

    def do_WhileClause(self, node: Any) -> Form:
        return ["until" if node.get("Until") else "while", self.list(node["Cond"]), self.list(node["Do"])]

    def do_ForClause(self, node: Any) -> Form:
        loop = node["Loop"]
        if loop["Type"] == "CStyleLoop":
            return ["for((", self.inside([loop]), self.list(node["Do"])]
        items = loop.get("Items") or []
        count = len(items) if (loop.get("InPos") or {}).get("Line") else None
        kind = "select" if node.get("Select") else "for"
        return [kind, loop["Name"]["Value"], count, self.inside(items), self.list(node["Do"])]

    def do_CaseClause(self, node: Any) -> Form:
        items = [
            [len(item["Patterns"]), self.inside(item["Patterns"]), self.list(item.get("Stmts"))]
            for item in node.get("Items") or ()
        ]
        return ["case", self.inside([node["Word"]]), items]

    def do_FuncDecl(self, node: Any) -> Form:
        return ["function", node["Name"]["Value"], self.statement(node["Body"])]

    def do_ArithmCmd(self, node: Any) -> Form:
        return ["ArithmeticCommand", self.inside([node])]

    def do_TestClause(self, node: Any) -> Form:
        return ["ConditionalCommand", self.inside([node])]

    def do_TimeClause(self, node: Any) -> Form:
        return ["time", self.statement(node["Stmt"]) if node.get("Stmt") else ["simple", "", 0, 0, []]]

    def do_CoprocClause(self, node: Any) -> Form:
        return ["coproc", self.statement(node["Stmt"])]

    @staticmethod
    def literal(word: Any) -> str:
        parts = word["Parts"]
        return str(parts[0]["Value"]).replace("\\\n", "") if len(parts) == 1 and parts[0]["Type"] == "Lit" else ""

    def inside(self, nodes: Any) -> Form:
        found: list[Any] = []
        stack = list(nodes)
        while stack:
            node = stack.pop()
            if isinstance(node, list):
                stack += node
            elif isinstance(node, dict):
                if node.get("Type") in ("CmdSubst", "ProcSubst"):
                    found.append(node)
                else:
                    stack += node.values()
        found.sort(key=lambda node: node["Pos"]["Offset"])
        return [self.list(node.get("Stmts")) for node in found]


def first_difference(a: Form, b: Form) -> str:
    """The innermost pair of parts that differ."""
    while isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        a, b = next((x, y) for x, y in zip(a, b, strict=True) if x != y)
    return f"msh {str(a)[:150]} shfmt {str(b)[:150]}"


def main(directories: list[str]) -> int:
    """Compare and print; 1 when fewer than the bar agree."""
    shfmt, same, compared = Shfmt(), 0, 0
    for source in scripts(directories):
        assert source.path
        theirs = shfmt.tree(Path(source.path).read_bytes()) if bash_accepts(source.path) else None
        if theirs is None:
            continue
        try:
            ours = our_list(parse(source).body)
        except MshError:
            continue
        compared += 1
        form = shfmt.list(theirs.get("Stmts"))
        if ours == form:
            same += 1
        else:
            print(f"{source.path}: {first_difference(ours, form)}")
    print(f"shape: {same} of {compared} scripts, {same / max(compared, 1):.1%} (bar {BAR:.0%})")
    return int(same < BAR * compared)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
