"""What the commands of a script do to its aliases, as far as their text tells."""

from __future__ import annotations

from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import nodes as n
from msh.syntax.static import static_text
from msh.syntax.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.syntax.reading import Aliases

CHANGING = frozenset(["alias", "unalias", "shopt", "set"])
READING = frozenset(["eval", "source", "."])


class Follower:
    """Aliases as they will be if every command that is reached without a condition runs, and succeeds."""

    def __init__(self, aliases: Aliases) -> None:
        self.aliases = aliases
        self.defined = set(aliases.names)
        self.unsure = False
        self.changers: set[str] = set()  # functions that change aliases when they are called

    def statement(self, statement: n.Statement) -> bool:
        """Take in what a statement does; whether the aliases after it are only a guess."""
        self.unsure = False
        if not statement.background:
            self.command(statement.command)
        return self.unsure

    def command(self, node: n.Command) -> None:
        """A command that surely runs."""
        if isinstance(node, n.SimpleCommand):
            self.simple(node)
        elif isinstance(node, n.AndOr):
            self.command(node.commands[0])
            for command, operator in zip(node.commands[1:], node.operators, strict=True):
                if operator == "&&":
                    self.perhaps(command)
                else:
                    self.perhaps(command, taken=False)
        elif isinstance(node, n.Pipeline):
            if len(node.commands) == 1:
                self.command(node.commands[0])
        elif isinstance(node, n.BraceGroup):
            self.each(node.body)
        elif isinstance(node, n.Redirected):
            self.command(node.command)
        elif isinstance(node, n.FunctionDefinition):
            self.definition(node)
        elif isinstance(node, n.IfClause):
            self.branches(node)
        elif isinstance(node, (n.WhileClause, n.ForClause, n.ForArithmetic, n.SelectClause)):
            for statement in node.body:
                self.perhaps(statement.command)
        elif isinstance(node, n.CaseClause):
            for item in node.items:
                for statement in item.body:
                    self.perhaps(statement.command)

    def each(self, statements: Sequence[n.Statement]) -> None:
        for statement in statements:
            if not statement.background:
                self.command(statement.command)

    def perhaps(self, node: n.Command, *, taken: bool = True) -> None:
        """A command that may run: taken to, and what follows is unsure if that makes a difference."""
        before, sure = self.aliases, self.unsure
        self.command(node)
        self.unsure = sure or self.unsure or self.aliases != before
        if not taken:
            self.aliases = before

    def branches(self, node: n.IfClause) -> None:
        self.each(node.branches[0].condition)
        for branch in node.branches:
            for statement in branch.body:
                self.perhaps(statement.command)
        for statement in node.orelse or ():
            self.perhaps(statement.command, taken=False)

    def definition(self, node: n.FunctionDefinition) -> None:
        self.changers.discard(node.name)
        for inner in walk(node.body):
            if isinstance(inner, n.SimpleCommand) and inner.words:
                name = _text(inner.words[0])
                if name in CHANGING - {"set"} or name in READING or name in self.changers:
                    self.changers.add(node.name)

    def simple(self, node: n.SimpleCommand) -> None:
        words = list(node.words)
        while words and _text(words[0]) in ("command", "builtin"):
            del words[0]
        name = _text(words[0]) if words else None
        if name == "alias":
            self.define(words[1:])
        elif name == "unalias":
            self.remove([_text(word) for word in words[1:]])
        elif name == "shopt":
            self.switch([_text(word) for word in words[1:]])
        elif name == "set":
            self.option([_text(word) for word in words[1:]])
        elif name == "eval":
            self.text([_text(word) for word in words[1:]])
        elif name in READING or name in self.changers:
            self.guess(True)

    def text(self, texts: Sequence[str | None]) -> None:
        """`eval text …`"""
        from msh.syntax.units import read_script

        known = [text for text in texts if text is not None]
        if len(known) < len(texts):
            self.guess(True)
        elif any("alias" in text or "posix" in text for text in known):
            try:
                reading = read_script(Source("eval", " ".join(known)), self.aliases)
            except MshError:
                self.guess(True)
                return
            self.aliases = reading.after
            self.defined |= reading.defined
            self.guess(reading.unsure >= 0)

    def guess(self, unsure: bool) -> None:
        """Something that cannot be seen may change aliases; without any in force that is taken not to happen."""
        self.unsure = self.unsure or (unsure and self.aliases.on)

    def define(self, words: Sequence[n.Word | n.Assignment]) -> None:
        names = dict(self.aliases.names)
        for word in words:
            if isinstance(word, n.Assignment):
                value = "" if word.value is None else _text(word.value) if isinstance(word.value, n.Word) else None
                if value is None or word.append or word.subscript:
                    self.guess(True)
                else:
                    names[word.name] = value
                continue
            text = _text(word)
            name, equals, value = (text or "").partition("=")
            self.guess(text is None)
            if equals and name:
                names[name] = value
        self.aliases = self.aliases.replace(names=names)
        self.defined.update(names)

    def remove(self, operands: Sequence[str | None]) -> None:
        self.guess(None in operands)
        gone = self.aliases.names if "-a" in operands else operands
        names = {name: value for name, value in self.aliases.names.items() if name not in gone}
        self.aliases = self.aliases.replace(names=names)

    def switch(self, operands: Sequence[str | None]) -> None:
        """`shopt -s expand_aliases`"""
        letters = "".join([word for word in operands if word and word.startswith("-")])
        if "expand_aliases" in operands and ("s" in letters or "u" in letters):
            self.aliases = self.aliases.replace(on="s" in letters)

    def option(self, operands: Sequence[str | None]) -> None:
        """`set -o posix`, which switches aliases on."""
        if "posix" in operands:
            sign = operands[operands.index("posix") - 1]
            if sign in ("-o", "+o"):
                self.aliases = self.aliases.replace(on=sign == "-o", posix=sign == "-o")


def _text(word: n.Word | n.Assignment) -> str | None:
    return static_text(word) if isinstance(word, n.Word) else None
