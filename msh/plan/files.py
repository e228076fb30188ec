"""The files that a part of a script may read and change, as far as that can be proved before it runs.

Names come from the effects of its steps and from the words of redirections, tests and lists. Any that is not known, a
glob, a directory whose entries change, a nested shell, a `cd` anywhere before: then nobody knows, and the answer is
None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.record import Record
from msh.syntax import nodes as n
from msh.syntax import static_text
from msh.syntax.walk import children

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from msh.plan.closure import Reader
    from msh.plan.facts import Facts


class Files(Record):
    """Paths as the script names them; None when they are not all known."""

    read: frozenset[str] | None
    changed: frozenset[str] | None


UNKNOWN = Files(None, None)
_TESTS = frozenset("-" + letter for letter in "abcdefghkprstuwxGLNOS")
_COMPARISONS = ("-nt", "-ot", "-ef")
_BEYOND = ("shell", "run-time", "cd", "glob")  # marks with which nobody knows
_READS, _WRITES = ("<", "<>"), (">", ">>", ">|", "&>", "&>>", "<>")


def files_of(nodes: Sequence[n.Node], reader: Reader) -> Files:
    """What nodes touch that run in the directory the script was started in."""
    return files_with(reader.of(*nodes), nodes, reader)


def files_with(facts: Facts, nodes: Sequence[n.Node], reader: Reader) -> Files:
    """What nodes touch of which these facts are known, perhaps nodes of another text (a trap's)."""
    if facts.has_anywhere(*_BEYOND):
        return UNKNOWN
    functions = _called(facts, reader)
    read: set[str] = set()
    changed: set[str] = set()
    if not _steps(facts, read, changed):
        return UNKNOWN
    for kind, word in file_words([*nodes, *functions]):
        text = static_text(word)
        if text is None:
            return UNKNOWN
        if not text.startswith("/dev/"):
            (read if kind == "read" else changed).add(text)
            read.add(text)
    return Files(frozenset(read - {""}), frozenset(changed - {""}))


def files_of_all(parts: Iterable[Files]) -> Files:
    """What any of them touches."""
    read: frozenset[str] | None = frozenset()
    changed: frozenset[str] | None = frozenset()
    for part in parts:
        read = None if read is None or part.read is None else read | part.read
        changed = None if changed is None or part.changed is None else changed | part.changed
    return Files(read, changed)


def _called(facts: Facts, reader: Reader) -> list[n.Node]:
    names = sorted(facts.calls | facts.inner_calls)
    reached = sorted(reader.reached(names))
    return [definition.body for name in reached for definition in reader.index.functions[name]]


def _steps(facts: Facts, read: set[str], changed: set[str]) -> bool:
    """Add what the steps touch; False when that is not all known."""
    for use in facts.uses:
        if use.effects.workspace:
            return False
        for access in use.effects.accesses:
            if not isinstance(access.path, str) or access.kind == "entries":
                return False
            read.add(access.path)
            if access.kind == "write":
                changed.add(access.path)
    return True


def file_words(nodes: Iterable[n.Node]) -> Iterator[tuple[str, n.Word]]:
    """Words below these nodes that name files, with what is done to them: `read`, `write`, `append`."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if not isinstance(node, n.FunctionDefinition):
            yield from named_files(node)
            stack += node.parts if isinstance(node, n.Arithmetic) else children(node)


def named_files(node: n.Node) -> Iterator[tuple[str, n.Word]]:
    """The same for one node, without those below it."""
    match node:
        case n.Redirect(target=n.Word() as word, operator=operator):
            if operator in _WRITES:
                yield "append" if ">>" in operator or operator == "<>" else "write", word
            elif operator in _READS:
                yield "read", word
            elif operator == ">&" and not _is_descriptor(word):
                yield "write", word
        case n.SimpleCommand():
            yield from _operands(node)
        case n.ConditionUnary(operator=operator, operand=word) if operator in _TESTS:
            yield "read", word
        case n.ConditionBinary(operator=operator, left=left, right=right) if operator in _COMPARISONS:
            yield "read", left
            yield "read", right


def _operands(node: n.SimpleCommand) -> Iterator[tuple[str, n.Word]]:
    """`[ -f x ]`: whatever stands behind an operator, or is an operand of two of which one may be a file test."""
    words = [word for word in node.words if isinstance(word, n.Word)]
    if not words or static_text(words[0]) not in ("[", "test"):
        return
    texts = [static_text(word) for word in words]
    for before, word in zip(texts[1:], words[2:], strict=False):
        tested = before is None or before in _TESTS or before in _COMPARISONS
        if tested and static_text(word) not in ("]", "=", "==", "!=", "-a", "-o"):
            yield "read", word
    for word, after in zip(words[1:], texts[2:], strict=False):
        if after in _COMPARISONS:
            yield "read", word


def _is_descriptor(word: n.Word) -> bool:
    text = static_text(word)
    return (text is not None and text.rstrip("-").isdigit()) or text == "-"
