"""What is known of a whole script before it is taken apart: its functions, its steps, its traps and settings."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

from msh.catalog.builtins import BUILTINS
from msh.diagnostics import MshError
from msh.record import Record
from msh.source import Source
from msh.syntax import nodes as n
from msh.syntax import parse, static_text
from msh.syntax.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from msh.resolve import Resolution, Use


class Handler(Record):
    """`trap text signal…` at `node`; what is not known is None."""

    node: n.SimpleCommand
    signals: tuple[str | None, ...]
    text: str | None


class Index:
    """Looked up by everything that plans. `handlers` are the commands of all traps."""

    def __init__(self, script: n.Script, source: Source, resolution: Resolution) -> None:
        self.script = script
        self.source = source
        self.builtins = BUILTINS
        self.functions: dict[str, list[n.FunctionDefinition]] = {}
        self.handlers: list[Handler] = []
        self.namerefs = False
        self.exported: set[str] = set()
        self.declared: set[str] = set()  # names that a declaration may have given attributes
        self.assigned: set[str] = set()  # by a plain assignment or a loop
        self.errexit = False  # a failure may end the script
        self.readonly = False  # an assignment may be refused
        self.mentioned: Counter[str] = Counter()  # how often each name is called
        self.unsettled = False  # functions may come and go: `unset`, a trap that runs inside them
        self._top = {id(node) for statement in script.body for node in (statement, statement.command)}
        self.lastpipe = "lastpipe" in source.text
        self._unset: list[n.SimpleCommand] = []
        self._parsed: dict[str, n.Script | None] = {}
        self._uses: dict[int, list[Use]] = {}
        self._placed = [use for use in resolution.uses if use.command is None]
        self._starts = [use.start for use in self._placed]
        for use in resolution.uses:
            if use.command is not None:
                self._uses.setdefault(id(use.command), []).append(use)
        for node in walk(script):
            if isinstance(node, n.FunctionDefinition):
                self.functions.setdefault(node.name, []).append(node)
            elif isinstance(node, n.SimpleCommand) and node.words:
                self._command(node)
            elif isinstance(node, (n.Assignment, n.ForClause)):
                self.assigned.add(node.name)
        self.unsettled = self.unsettled or any(self._unsets_function(node) for node in self._unset)

    def is_top(self, node: n.Node) -> bool:
        """Whether it is a statement of the script itself, not of a list inside."""
        return id(node) in self._top

    def uses_of(self, node: n.SimpleCommand) -> list[Use]:
        """The steps that a simple command starts, those in a text that it is given included."""
        at = bisect_left(self._starts, node.start)
        end = bisect_left(self._starts, node.end)
        return self._uses.get(id(node), []) + self._placed[at:end]

    def assignments_in(self, root: n.Node) -> Iterator[str]:
        """The names of all assignments below a node, one for each."""
        return (node.name for node in walk(root) if isinstance(node, n.Assignment))

    def parsed(self, text: str) -> n.Script | None:
        """The tree of a text that the script holds; None when it is not a script."""
        if text not in self._parsed:
            try:
                self._parsed[text] = parse(Source("text", text))
            except MshError:
                self._parsed[text] = None
        return self._parsed[text]

    def _command(self, node: n.SimpleCommand) -> None:
        first = node.words[0]
        name = static_text(first) if isinstance(first, n.Word) else None
        self.mentioned[name or ""] += 1
        if name == "trap":
            self._trap(node, [static_text(word) if isinstance(word, n.Word) else None for word in node.words[1:]])
        elif name == "set":
            self.errexit = self.errexit or _may_set_errexit(node.words[1:])
        elif name == "unset":
            self._unset.append(node)
        elif name == "readonly":
            self.readonly = True
        if name in ("declare", "typeset", "local", "export", "readonly"):
            self.declared |= {
                word.name if isinstance(word, n.Assignment) else static_text(word) or "" for word in node.words
            }
        if name in ("declare", "typeset", "local", "export"):
            self.exported |= {word for word in _operands(node.words) if word}
            self.readonly = self.readonly or any(_has_letter(word, "r") for word in node.words[1:])
            self.namerefs = self.namerefs or (
                name != "export" and any(_has_letter(word, "n") for word in node.words[1:])
            )

    @property
    def interrupts(self) -> bool:
        """Whether the command of a trap may run in the midst of others: any but that for the end."""
        return any(signal not in ("EXIT", "0") for handler in self.handlers for signal in handler.signals)

    def _unsets_function(self, node: n.SimpleCommand) -> bool:
        """`unset -f f`, `unset "$x"`, a name that a function has too."""
        known = [static_text(word) if isinstance(word, n.Word) else None for word in node.words[1:]]
        return known[:1] != ["-v"] and any(name is None or name == "-f" or name in self.functions for name in known)

    def _trap(self, node: n.SimpleCommand, words: list[str | None]) -> None:
        if words and words[0] == "--":
            del words[0]
        if words[:1] in (["-p"], ["-l"]):
            return
        signals = tuple([signal and signal.upper().removeprefix("SIG") for signal in words[1:]])
        if "ERR" in signals or None in signals:
            self.errexit = True  # a handler may call `exit`, and must run where the failure is
        if not {"DEBUG", "RETURN", "ERR", None}.isdisjoint(signals):
            self.unsettled = True
        if len(words) > 1 and words[0] not in ("-", ""):
            self.handlers.append(Handler(node, signals, words[0]))


def _may_set_errexit(words: Sequence[n.Word | n.Assignment]) -> bool:
    for word in words:
        text = static_text(word) if isinstance(word, n.Word) else None
        if text is None or text == "errexit":
            return True
        if text == "--" or text[:1] not in ("-", "+"):
            continue
        if text[0] == "-" and "e" in text:
            return True
    return False


def _known(words: Sequence[n.Word | n.Assignment]) -> list[str]:
    """The words as far as they are known; an assignment is the name that it assigns."""
    return [word.name if isinstance(word, n.Assignment) else static_text(word) or "" for word in words]


def _operands(words: Sequence[n.Word | n.Assignment]) -> list[str]:
    """The names that a declaration names: exported ones, or for another declaration with `-x`."""
    known = _known(words)
    options = "".join([text for text in known[1:] if text[:1] == "-"])
    if known[0] != "export" and "x" not in options:
        return []
    return [text.partition("=")[0] for text in known[1:] if text[:1] != "-"]


def _has_letter(word: n.Word | n.Assignment, letter: str) -> bool:
    """Whether a word may be an option with this letter."""
    text = static_text(word) if isinstance(word, n.Word) else ""
    return text is None or (text[:1] == "-" and letter in text)
