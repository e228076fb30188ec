"""A tree to shell text: `msh fmt`, `declare -f`.

What is printed parses to the same tree. Indentation is four spaces, `then` and `do` stand on the line of their `if` or
loop. With the source at hand three things are kept: blank lines between statements (at most one), line breaks inside
pipelines, `&&` lists, arrays and long commands, and compound commands that stood on one line. Comments stay before the
statement that they precede or at the end of its line; one in a place where no comment can be printed comes after the
statement. None is lost.

A compound command is printed over several lines, or, where its text was one line and inside `$( )`, inline; inline
printing is tried and given up (`NotInline`) when something needs a line of its own.
"""

from __future__ import annotations

import re

from msh.syntax import nodes as n
from msh.syntax.layout import Layout, NotInline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from msh.source import Source

_last_backslash = re.compile(r"(?<!\\)(?:\\\\)*\\\Z").search


def print_script(script: n.Script, source: Source | None = None) -> str:
    """The whole script, with its comments; `source` is what it was parsed from."""
    printer = Printer(source.text if source else "", script.comments)
    printer.statements(script.body, len(source.text) if source else _FAR)
    printer.end()
    text = "".join(printer.out).lstrip("\n")
    # A backslash that ends the text stands for itself, before a newline it would not.
    return text if not text or text.endswith("\n") or _last_backslash(text) else text + "\n"


def print_command(node: n.Command | n.Statement) -> str:
    """One command, over several lines if it has several; no newline at the end."""
    printer = Printer("", ())
    printer.statement(node) if isinstance(node, n.Statement) else printer.command(node)
    printer.end()
    return "".join(printer.out)


def print_word(word: n.Word) -> str:
    """One word."""
    printer = Printer("", ())
    printer.write(printer.word(word))
    return "".join(printer.out)


_FAR = 1 << 60


class Printer(Layout):
    """What each kind of node looks like."""

    # ---- statements ---------------------------------------------------------------

    def statements(self, statements: Sequence[n.Statement], limit: int) -> None:
        """Statements on lines of their own, or inline with what separates them; comments up to `limit`."""
        first = True
        for index, statement in enumerate(statements):
            if self.inline:
                self.comments_before(statement.start, first)
                self.write(" " if index else "")
                self.statement(statement)
                if not statement.background and index < len(statements) - 1:
                    self.write(";")
                continue
            first = self.comments_before(statement.start, first)
            self.separate(statement.start, first)
            first = False
            self.statement(statement)
            self.comment_after(statement.end)
        self.comments_before(limit, first)

    def statement(self, statement: n.Statement) -> None:
        self.command(statement.command)
        if statement.background:
            self.write(" &")

    def body(self, statements: Sequence[n.Statement], end: int, closer: str, after: int) -> None:
        """The statements inside a compound command and the word that closes it. `after` is where the opener ends."""
        if self.inline:
            self.write(" ")
            self.statements(statements, end)
            background = bool(statements) and statements[-1].background
            self.write((" " if background else "; ") + closer)
            return
        self.comment_after(after)
        self.indent += 1
        self.statements(statements, end)
        self.indent -= 1
        self.newline()
        self.write(closer)

    def conditions(self, statements: Sequence[n.Statement], word: str) -> None:
        """The list between `if` and `then`, on one line."""
        for statement in statements:
            self.write(" ")
            self.statement(statement)
            if not statement.background:
                self.write(";")
        self.write(" " + word)

    def command(self, node: n.Command) -> None:
        PRINTERS[type(node)](self, node)

    def either(self, node: n.Command, print_it: Callable[[Any], None]) -> None:
        """A compound command: inline if its text was one line, else over several."""
        one_line = self.text and "\n" not in self.text[node.start : node.end]
        if self.inline or not one_line or not self.try_inline(lambda: print_it(node)):
            print_it(node)

    # ---- lists --------------------------------------------------------------------------

    def and_or(self, node: n.AndOr) -> None:
        self.joined(node.commands, node.operators)

    def pipeline(self, node: n.Pipeline) -> None:
        if node.timed:
            self.write(node.timed + " ")
        if node.negated:
            self.write("! ")
        signs = ["|&" if both else "|" for both in node.both[: len(node.commands) - 1]]
        self.joined(node.commands, signs)

    def joined(self, commands: Sequence[n.Command], signs: Sequence[str]) -> None:
        """Commands with operators between them; a line may break after an operator."""
        self.command(commands[0])
        deeper = False
        for before, sign, command in zip(commands, signs, commands[1:], strict=False):
            self.write(" " + sign)
            if self.break_line(before.end, command.start):
                self.indent += not deeper
                deeper = True
                self.comment_after(before.end)
                self.comments_before(command.start, True)
                self.newline()
            else:
                self.write(" ")
            self.command(command)
        self.indent -= deeper

    # ---- simple commands ---------------------------------------------------------------

    def simple_command(self, node: n.SimpleCommand) -> None:
        items: list[n.Word | n.Assignment | n.Redirect] = [*node.assignments, *node.words, *node.redirects]
        items.sort(key=lambda item: item.start)
        before = None
        for item in items:
            if before is not None:
                continued = self.break_line(before.end, item.start) and "\\\n" in self.text[before.end : item.start]
                self.write(" \\\n" + "    " * (self.indent + 1) if continued else " ")
            before = item
            if isinstance(item, n.Word):
                self.write(self.word(item))
            elif isinstance(item, n.Assignment):
                self.assignment(item)
            else:
                self.redirect(item)

    def assignment(self, node: n.Assignment) -> None:
        subscript = self.subscript(node.subscript) if node.subscript else ""
        self.write(node.name + subscript + ("+=" if node.append else "="))
        if isinstance(node.value, n.ArrayLiteral):
            self.array(node.value)
        elif node.value is not None:
            self.write(self.word(node.value))

    def array(self, node: n.ArrayLiteral) -> None:
        """One line, or one for each line of the source."""
        self.write("(")
        self.indent += 1
        end = node.start + 1
        broken = False
        for element in node.elements:
            if self.break_line(end, element.start):
                self.comment_after(end)
                self.comments_before(element.start, True)
                self.newline()
                broken = True
            elif element is not node.elements[0]:
                self.write(" ")
            end = element.end
            if element.subscript:
                self.write(self.subscript(element.subscript) + ("+=" if element.append else "="))
            self.write(self.word(element.value))
        self.indent -= 1
        if broken:
            self.comment_after(end)
            self.indent += 1
            self.comments_before(node.end, True)
            self.indent -= 1
            self.newline()
        self.write(")")

    def redirect(self, node: n.Redirect) -> None:
        fd = f"{{{node.variable}}}" if node.variable else "" if node.fd is None else str(node.fd)
        if isinstance(node.target, n.HereDocument):
            self.pending.append(node.target)
            self.write(fd + node.operator + self.delimiter(node.target))
        else:
            space = "" if node.operator in (">&", "<&") else " "
            self.write(fd + node.operator + space + self.word(node.target))

    def redirected(self, node: n.Redirected) -> None:
        self.command(node.command)
        for redirect in node.redirects:
            self.write(" ")
            self.redirect(redirect)

    # ---- compound commands ----------------------------------------------------------------

    def brace_group(self, node: n.BraceGroup) -> None:
        self.either(node, self._brace_group)

    def _brace_group(self, node: n.BraceGroup) -> None:
        self.write("{")
        self.body(node.body, node.end, "}", node.start)

    def subshell(self, node: n.Subshell) -> None:
        self.either(node, self._subshell)

    def _subshell(self, node: n.Subshell) -> None:
        self.write("(")
        if not self.inline:
            self.body(node.body, node.end, ")", node.start)
            return
        length = len(self.out)
        self.statements(node.body, node.end)
        if "".join(self.out[length:]).startswith("("):
            self.out.insert(length, " ")  # `((` would be arithmetic
        self.write(")")

    def if_clause(self, node: n.IfClause) -> None:
        self.either(node, self._if_clause)

    def _if_clause(self, node: n.IfClause) -> None:
        word = "if"
        starts = [branch.start for branch in node.branches[1:]]
        ends = [*starts, self.else_position(node) if node.orelse else node.end]
        for branch, end in zip(node.branches, ends, strict=True):
            self.write(word)
            self.conditions(branch.condition, "then")
            self.body(branch.body, end, "", branch.condition[-1].end)
            word = "elif"
        if node.orelse is not None:
            self.write("else")
            self.body(node.orelse, node.end, "", ends[-1] + 4)
        self.write("fi")

    def while_clause(self, node: n.WhileClause) -> None:
        self.either(node, self._while_clause)

    def _while_clause(self, node: n.WhileClause) -> None:
        self.write("until" if node.until else "while")
        self.conditions(node.condition, "do")
        self.body(node.body, node.end, "done", node.condition[-1].end)

    def loop(self, node: n.ForClause | n.SelectClause) -> None:
        self.either(node, self._loop)

    def _loop(self, node: n.ForClause | n.SelectClause) -> None:
        self.write(f"{'for' if type(node) is n.ForClause else 'select'} {node.name}")
        after = node.start
        if node.words is not None:
            self.write(" in")
            for word in node.words:
                continued = self.break_line(after, word.start) and "\\\n" in self.text[after : word.start]
                self.write(" \\\n" + "    " * (self.indent + 1) if continued else " ")
                self.write(self.word(word))
                after = word.end
        self.write("; do")
        self.body(node.body, node.end, "done", after)

    def for_arithmetic(self, node: n.ForArithmetic) -> None:
        self.either(node, self._for_arithmetic)

    def _for_arithmetic(self, node: n.ForArithmetic) -> None:
        parts = [self.arithmetic(part) if part else "" for part in (node.init, node.test, node.update)]
        self.write("for ((" + ";".join(parts) + ")); do")
        self.body(node.body, node.end, "done", node.start)

    def case_clause(self, node: n.CaseClause) -> None:
        self.either(node, self._case_clause)

    def _case_clause(self, node: n.CaseClause) -> None:
        self.write(f"case {self.word(node.word)} in")
        if not self.inline:
            self.comment_after(node.word.end)
        self.indent += 1
        for index, item in enumerate(node.items):
            if self.inline:
                self.comments_before(item.start, True)
                self.write(" ")
            else:
                first = self.comments_before(item.start, index == 0)
                self.separate(item.start, first)
            self.case_item(item)
            if not self.inline:
                self.comment_after(item.end)
        self.comments_before(node.end, False)
        self.indent -= 1
        self.write(" ") if self.inline else self.newline()
        self.write("esac")

    def case_item(self, item: n.CaseItem) -> None:
        patterns = " | ".join([self.word(pattern) for pattern in item.patterns])
        self.write(("(" if patterns.startswith("esac") else "") + patterns + ")")
        one_line = self.inline or (self.text and "\n" not in self.text[item.start : item.end])
        if not item.body and not (self.comments and self.comments[-1].start < item.end):
            self.write(" " + item.terminator)
        elif not one_line or not self.try_inline(lambda: self.case_body_inline(item)):
            if self.inline:
                raise NotInline
            self.comment_after(item.patterns[-1].end)
            self.indent += 1
            self.statements(item.body, item.end)
            self.newline()
            self.write(item.terminator)
            self.indent -= 1

    def case_body_inline(self, item: n.CaseItem) -> None:
        self.write(" ")
        self.statements(item.body, item.end)
        self.write(" " + item.terminator)

    def arithmetic_command(self, node: n.ArithmeticCommand) -> None:
        self.write("((" + self.arithmetic(node.arithmetic) + "))")

    def coprocess(self, node: n.Coprocess) -> None:
        self.write("coproc " + (node.name + " " if node.name else ""))
        self.command(node.command)

    def function_definition(self, node: n.FunctionDefinition) -> None:
        self.write(f"{'function ' if node.keyword else ''}{node.name}() ")
        self.command(node.body)

    # ---- conditions --------------------------------------------------------------------------

    def conditional_command(self, node: n.ConditionalCommand) -> None:
        self.write("[[ " + self.condition(node.expression) + " ]]")

    # ---- substitutions ------------------------------------------------------------------------

    def command_text(self, body: Sequence[n.Statement], start: int, end: int) -> str:
        """The inside of `$( )`: on one line if it can be, else on lines of its own."""
        if not body and not (self.comments and self.comments[-1].start < end):
            return ""
        outer_out, outer_pending = self.out, self.pending
        self.out, self.pending = [], []
        lines = self.inline or not (self.text and "\n" in self.text[start:end])
        try:
            if not (lines and self.try_inline(lambda: self.substitution_inline(body, end))):
                if self.inline:
                    raise NotInline
                self.substitution_lines(body, end)
            return "".join(self.out)
        finally:
            self.out, self.pending = outer_out, outer_pending

    def substitution_inline(self, body: Sequence[n.Statement], end: int) -> None:
        self.statements(body, end)
        if self.pending:
            raise NotInline

    def substitution_lines(self, body: Sequence[n.Statement], end: int) -> None:
        self.write("")
        self.indent += 1
        self.statements(body, end)
        self.indent -= 1
        self.newline()


PRINTERS: dict[type, Callable[[Printer, Any], None]] = {
    n.SimpleCommand: Printer.simple_command,
    n.BraceGroup: Printer.brace_group,
    n.Subshell: Printer.subshell,
    n.IfClause: Printer.if_clause,
    n.WhileClause: Printer.while_clause,
    n.ForClause: Printer.loop,
    n.SelectClause: Printer.loop,
    n.ForArithmetic: Printer.for_arithmetic,
    n.CaseClause: Printer.case_clause,
    n.ArithmeticCommand: Printer.arithmetic_command,
    n.ConditionalCommand: Printer.conditional_command,
    n.Coprocess: Printer.coprocess,
    n.FunctionDefinition: Printer.function_definition,
    n.Redirected: Printer.redirected,
    n.Pipeline: Printer.pipeline,
    n.AndOr: Printer.and_or,
}
