"""A function as bash shows it: `type`, `declare -f`, `set`.

Scripts compare and cut up this text, so the layout is bash's to the blank (its manual says nothing of it): `()` and `{`
end with a blank, `do` of a `for` stands alone, `elif` is an `if` inside of `else`, and a descriptor is always written
with `<&` and `>&`; `$'…'` is in plain quotes, and the command after one with a here-document lacks its `;`. What
differs: words are else printed as they were written.
"""

from __future__ import annotations

from msh.syntax import nodes as n
from msh.syntax.printer import Printer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


def print_function(node: n.FunctionDefinition) -> str:
    """`name () `, and the body in braces."""
    printer = BashPrinter()
    printer.function(node, "")
    return "".join(printer.out)


def print_simple(node: n.SimpleCommand) -> str:
    """A simple command on one line."""
    printer = BashPrinter()
    printer.command(node)
    return "".join(printer.out)


class BashPrinter(Printer):
    """The printer with bash's layout; there is no source to keep anything of."""

    def __init__(self) -> None:
        super().__init__("", ())
        self.flat = False
        self.closed = False  # by a here-document, which ends its command as a `;` does

    # ---- lists ------------------------------------------------------------------

    def command(self, node: n.Command) -> None:
        COMMANDS[type(node)](self, node)

    def lines(self, statements: Sequence[n.Statement], *, last: str = "") -> None:
        """Statements on lines of their own; `last` ends the last one unless something else does."""
        self.indent += 1
        self.newline()
        self.several(statements, last)
        self.indent -= 1
        self.newline()

    def several(self, statements: Sequence[n.Statement], last: str) -> None:
        """Statements with what stands between; bash goes on in the line after `&`."""
        for index, statement in enumerate(statements):
            self.command(statement.command)
            more = index < len(statements) - 1
            if self.pending:
                self.write(" &" if statement.background else "")
                self.bodies()
                self.closed = not more
                self.write("\n")
                if more:
                    self.newline()
            elif statement.background:
                self.write(" & " if more else " &")
            elif more and self.flat:
                self.write("; ")
            elif more:
                self.write("" if self.closed else ";")
                self.closed = False
                self.newline()
            else:
                self.write(last)

    def command_text(self, body: Sequence[n.Statement], start: int, end: int) -> str:
        """The inside of `$( )`: it begins at the margin, and its lists stand on one line."""
        outer = self.out, self.pending, self.indent, self.flat
        self.out, self.pending, self.indent, self.flat = [], [], 0, True
        self.several(body, "")
        text = "".join(self.out)
        self.out, self.pending, self.indent, self.flat = outer
        return text

    def joined(self, commands: Sequence[n.Command], signs: Sequence[str]) -> None:
        self.command(commands[0])
        for sign, command in zip(signs, commands[1:], strict=False):
            self.write(" " + {"|&": "2>&1 |"}.get(sign, sign))
            if self.pending:
                self.write(" " if sign in ("&&", "||") else "")
                self.bodies()
                self.closed = True
                self.write("\n" if sign in ("&&", "||") else "\n ")
            self.write(" ")
            self.command(command)

    # ---- redirections -------------------------------------------------------------

    def redirect(self, node: n.Redirect) -> None:
        self.closed = False
        if isinstance(node.target, n.HereDocument) or node.operator not in (">&", "<&"):
            super().redirect(node)
            return
        usual = 1 if node.operator == ">&" else 0
        fd = f"{{{node.variable}}}" if node.variable else str(usual if node.fd is None else node.fd)
        self.write(fd + node.operator + self.word(node.target))

    # ---- words --------------------------------------------------------------------

    def part(self, part: n.WordPart) -> str:
        if isinstance(part, n.SingleQuoted) and part.ansi:
            return "'" + part.text.replace("'", "'\\''") + "'"
        return super().part(part)

    # ---- compound commands ----------------------------------------------------------

    def group(self, node: n.BraceGroup) -> None:
        self.write("{ ")
        self.lines(node.body)
        self.write("}")

    def parentheses(self, node: n.Subshell) -> None:
        self.write("( ")
        self.several(node.body, "")
        self.write(" )")

    def if_(self, node: n.IfClause) -> None:
        self.branches(node.branches, node.orelse)

    def branches(self, branches: Sequence[n.IfBranch], orelse: Sequence[n.Statement] | None) -> None:
        first, rest = branches[0], branches[1:]
        self.write("if ")
        self.several(first.condition, ";")
        self.write(" then")
        self.lines(first.body, last=";")
        if rest:
            self.write("else")
            self.indent += 1
            self.newline()
            self.branches(rest, orelse)
            self.write(";")
            self.indent -= 1
            self.newline()
        elif orelse is not None:
            self.write("else")
            self.lines(orelse, last=";")
        self.write("fi")

    def while_(self, node: n.WhileClause) -> None:
        self.write("until " if node.until else "while ")
        self.several(node.condition, ";")
        self.write(" do")
        self.lines(node.body, last=";")
        self.write("done")

    def turns(self, head: str, body: Sequence[n.Statement]) -> None:
        self.write(head)
        self.newline()
        self.write("do")
        self.lines(body, last=";")
        self.write("done")

    def for_(self, node: n.ForClause | n.SelectClause) -> None:
        words = '"$@"' if node.words is None else " ".join([self.word(word) for word in node.words])
        self.turns(f"{'for' if type(node) is n.ForClause else 'select'} {node.name} in {words};", node.body)

    def for_parts(self, node: n.ForArithmetic) -> None:
        parts = [self.arithmetic(part).lstrip() if part else "1" for part in (node.init, node.test, node.update)]
        self.turns(f"for (({'; '.join(parts)}))", node.body)

    def case_(self, node: n.CaseClause) -> None:
        self.write(f"case {self.word(node.word)} in ")
        self.indent += 1
        for item in node.items:
            self.newline()
            self.write(" | ".join([self.word(pattern) for pattern in item.patterns]) + ")")
            if item.body:
                self.lines(item.body)
            else:
                self.write("\n")
                self.newline()
            self.write(item.terminator)
        self.indent -= 1
        self.newline()
        self.write("esac")

    def condition(self, node: n.ConditionExpression) -> str:
        if isinstance(node, n.ConditionWord):
            return f"-n {self.word(node.word)}"
        return super().condition(node)

    def coprocess(self, node: n.Coprocess) -> None:
        self.write(f"coproc {node.name} " if node.name else "coproc ")
        self.command(node.command)

    def function(self, node: n.FunctionDefinition, keyword: str = "function ") -> None:
        body: n.Command = node.body
        redirects: tuple[n.Redirect, ...] = ()
        if isinstance(node.body, n.Redirected) and isinstance(node.body.command, n.BraceGroup):
            body, redirects = node.body.command, node.body.redirects
        self.write(f"{keyword}{node.name} () ")
        self.newline()
        self.write("{ ")
        self.lines(body.body if isinstance(body, n.BraceGroup) else [n.Statement(body.start, body.end, body)])
        self.write("}")
        for redirect in redirects:
            self.write(" ")
            self.redirect(redirect)


COMMANDS: dict[type, Callable[[BashPrinter, Any], None]] = {
    n.SimpleCommand: BashPrinter.simple_command,
    n.BraceGroup: BashPrinter.group,
    n.Subshell: BashPrinter.parentheses,
    n.IfClause: BashPrinter.if_,
    n.WhileClause: BashPrinter.while_,
    n.ForClause: BashPrinter.for_,
    n.SelectClause: BashPrinter.for_,
    n.ForArithmetic: BashPrinter.for_parts,
    n.CaseClause: BashPrinter.case_,
    n.ArithmeticCommand: BashPrinter.arithmetic_command,
    n.ConditionalCommand: BashPrinter.conditional_command,
    n.Coprocess: BashPrinter.coprocess,
    n.FunctionDefinition: BashPrinter.function,
    n.Redirected: BashPrinter.redirected,
    n.Pipeline: BashPrinter.pipeline,
    n.AndOr: BashPrinter.and_or,
}
