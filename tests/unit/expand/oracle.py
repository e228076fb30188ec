"""Scripts whose last command is `n WORD…`, expanded by msh and by real bash, to be compared.

`ours` interprets what a table needs around the words: assignments, `set --`, `set -o`, `shopt`, `declare`, `readonly`.
`theirs` runs any number of scripts in one bash, each in a subshell of its own.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from msh.expand import ExpansionError, compile_arithmetic, compile_fields, compile_match, compile_regex, compile_text
from msh.expand.arrays import element_key, key_of
from msh.expand.environment import AssociativeArray, IndexedArray
from msh.expand.testing import DictionaryEnvironment
from msh.source import Source, decode, encode
from msh.syntax import parse
from msh.syntax.nodes import (
    ArithmeticCommand,
    ArrayLiteral,
    Assignment,
    ConditionalCommand,
    ConditionBinary,
    SimpleCommand,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from msh.expand.environment import Value
    from msh.syntax.nodes import CommandSubstitution, Word

PRELUDE = """
n() { printf '%s\\0' "$#" "$@"; }
shopt -s extglob
unset HOSTNAME
set -- p 'q r' ''
"""
VARIABLES: dict[str, Value] = {"HOME": "/home/u", "OLDPWD": "/usr", "LANG": "C.UTF-8"}


class Failure(str):
    """What an expansion says when it fails."""

    __slots__ = ()


class Shell(DictionaryEnvironment):
    """Just enough of a shell for the scripts of a table."""

    def __init__(self, text: str, directory: str) -> None:
        super().__init__(VARIABLES | {"PWD": directory}, ["p", "q r", ""], ["extglob"], self.run_bash)
        self.source = Source("test", text)
        self.specials["0"] = "bash"
        self.directory = directory
        self.output: list[str] = []

    def run_bash(self, node: CommandSubstitution) -> bytes:
        begin, end = (1, -1) if node.backquoted else (2, -1)
        text = self.source.text[node.start + begin : node.end + end]
        return subprocess.run(["bash", "-c", text], capture_output=True, check=False).stdout

    def list_directory(self, path: str) -> Sequence[str]:
        return super().list_directory(os.path.join(self.directory, path))

    def exists(self, path: str) -> bool:
        return super().exists(os.path.join(self.directory, path))

    def is_directory(self, path: str) -> bool:
        return super().is_directory(os.path.join(self.directory, path))

    def is_link(self, path: str) -> bool:
        return super().is_link(os.path.join(self.directory, path))

    def run(self) -> list[str] | Failure:
        """The arguments that `n` got, or the error."""
        try:
            for statement in parse(self.source).body:
                command = statement.command
                if isinstance(command, ArithmeticCommand):
                    self.output.append(str(compile_arithmetic(command.arithmetic)(self)))
                elif isinstance(command, ConditionalCommand):
                    self._condition(command)
                else:
                    assert isinstance(command, SimpleCommand), command
                    self._simple(command)
        except ExpansionError as error:
            return Failure(error.message)
        return self.output

    def _condition(self, command: ConditionalCommand) -> None:
        expression = command.expression
        assert isinstance(expression, ConditionBinary)
        left = compile_text(expression.left)(self)
        if expression.operator == "=~":
            groups = compile_regex(expression.right)(self, left)
            self.variables["BASH_REMATCH"] = IndexedArray(enumerate(groups or []))
        else:
            matched = compile_match(expression.right)(self, left)
            self.specials["?"] = "0" if matched == (expression.operator != "!=") else "1"

    def _simple(self, command: SimpleCommand) -> None:
        for assignment in command.assignments:
            self._assign(assignment)
        words = [word for word in command.words if not isinstance(word, Assignment)]
        if not words:
            return
        argv = compile_fields(words)(self)
        if argv[0] in ("declare", "readonly"):
            self._declare(argv, [word for word in command.words if isinstance(word, Assignment)])
        else:
            self._call(argv, words)

    def _call(self, argv: list[str], words: Sequence[Word]) -> None:
        name, *operands = argv
        if name == "set" and operands[0] == "--":
            self.positional = operands[1:]
        elif name == "set":
            self.options = self.options | {{"-u": "nounset", "-f": "noglob"}[operands[0]]}
        elif name == "shopt":
            changed = set(operands[1:])
            self.options = self.options | changed if operands[0] == "-s" else self.options - changed
        elif name == "unset":
            for operand in operands:
                self.variables.pop(operand, None)
        elif name == "n":
            self.output += [str(len(operands)), *operands]
        else:
            assert name == ":", argv

    def _declare(self, argv: list[str], assignments: Sequence[Assignment]) -> None:
        letters = "r" if argv[0] == "readonly" else "".join(word[1:] for word in argv[1:] if word[0] == "-")
        names = [word for word in argv[1:] if word[0] != "-"] + [each.name for each in assignments]
        for name in names:
            if "A" in letters and name not in self.variables:
                self.variables[name] = AssociativeArray()
        for assignment in assignments:
            if "n" in letters:
                assert assignment.value is not None and not isinstance(assignment.value, ArrayLiteral)
                self.references[assignment.name] = compile_text(assignment.value)(self)
            else:
                self._assign(assignment)
        for name in names:
            self.letters[name] = self.letters.get(name, "") + letters.replace("A", "").replace("a", "").replace("n", "")

    def _assign(self, node: Assignment) -> None:
        if isinstance(node.value, ArrayLiteral):
            self._assign_array(node.name, node.value)
            return
        text = compile_text(node.value, assignment=True)(self) if node.value is not None else ""
        if node.subscript is None:
            self.assign(node.name, text)
        else:
            self.assign_element(node.name, element_key(node.name, node.subscript, self), text)

    def _assign_array(self, name: str, literal: ArrayLiteral) -> None:
        associative = isinstance(self.variables.get(name), AssociativeArray)
        array = self.variables[name] = AssociativeArray() if associative else IndexedArray()
        index = 0
        for element in literal.elements:
            if element.subscript is None:
                for value in compile_fields([element.value])(self):
                    assert isinstance(array, IndexedArray)
                    array[index] = value
                    index += 1
                continue
            key = key_of(name, compile_text(element.subscript.word)(self), self)
            self.assign_element(name, key, compile_text(element.value)(self))
            index = int(key) + 1 if not associative else 0


def ours(script: str, directory: str = "/") -> list[str] | Failure:
    """What msh makes of a script."""
    return Shell(script, directory).run()


def theirs(scripts: Iterable[str], directory: str = "/") -> list[list[str] | Failure]:
    """What bash makes of each; failures as they are printed, without the place."""
    bodies = [f"( {{ :; }} 2>&1\n{script}\n) 2>&1; printf '\\1%s\\2' $?\n" for script in scripts]
    environment = {"HOME": "/home/u", "OLDPWD": "/usr", "LANG": "C.UTF-8", "PWD": directory, "PATH": os.environ["PATH"]}
    ran = subprocess.run(
        ["bash"],
        input=encode(PRELUDE + "".join(bodies)),
        capture_output=True,
        check=False,
        cwd=directory,
        env=environment,
    )
    assert not ran.stderr, ran.stderr
    return [_result(chunk) for chunk in decode(ran.stdout).split("\2")[:-1]]


def _result(chunk: str) -> list[str] | Failure:
    text, _, _ = chunk.rpartition("\1")
    last = text.rpartition("\0")[2]
    if last.startswith("bash: line "):
        return Failure(last.partition(": ")[2].partition(": ")[2].rstrip("\n"))
    return text.split("\0")[:-1]
