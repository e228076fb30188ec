"""`$(list)` where aliases are in force: bash reads the list again when it runs, with the aliases of that moment."""

from __future__ import annotations

from msh.run.reading import aliases_of, check
from msh.syntax.nodes import CommandSubstitution, ProcessSubstitution, SimpleCommand, Word
from msh.syntax.units import read_script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from msh.run.shell import Shell

    T = TypeVar("T", CommandSubstitution, ProcessSubstitution)


def read_again(sh: Shell, node: T) -> T:
    """The substitution with its list as it is to be read now. Raises MshError.

    In POSIX's mode it stays what it was read as, as does one that stands in an alias's own text.
    """
    text = sh.source.text
    if "posix" in sh.options or text[node.start : node.start + 1] not in ("$", "`", "<", ">"):
        return node
    aliases = aliases_of(sh)
    known = sh.substitutions_read.get(id(node))
    if known is not None and known[1] == aliases:
        return known[2]  # type: ignore[return-value]  # the same kind of node as what it was made of
    again = node
    source = sh.source.replace(text=text[: node.end])
    reading = check(sh, source, read_script(source, aliases, node.start), inner=True)
    body = reading.script.body
    if len(body) == 1 and isinstance(command := body[0].command, SimpleCommand) and len(command.words) == 1:
        word = command.words[0]
        if isinstance(word, Word) and len(word.parts) == 1 and type(word.parts[0]) is type(node):
            again = word.parts[0]
    sh.substitutions_read[id(node)] = (node, aliases, again)
    return again
