"""Which names the steps change that make, replace or remove entries of a directory.

Effects name the directory, since a sandbox has to let names come and go there. Of the usual commands it is known which
names those are: those of their operands, with what they put behind them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.catalog.arguments import read_arguments
from msh.effects import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.catalog import CommandSpec

_OPERANDS = frozenset("rm rmdir mkdir unlink touch cp mv ln install truncate sed".split())
_ENDINGS = {"gzip": ".gz", "gunzip": ".gz", "bzip2": ".bz2", "bunzip2": ".bz2", "xz": ".xz", "unxz": ".xz"}
_ENDINGS |= {"zstd": ".zst", "unzstd": ".zst"}
_TO = ("t", "target-directory", "S", "suffix", "b", "backup", "i", "in-place", "r", "recursive")


def changed_names(spec: CommandSpec, words: Sequence[str | Unknown]) -> list[str] | None:
    """The names that change besides the files that the effects name; None when they are not known."""
    ending = _ENDINGS.get(spec.name, "")
    if not ending and spec.name not in _OPERANDS:
        return None
    invocation = read_arguments(spec, (*spec.arguments, *words))
    names = [operand.value for operand in invocation.operands]
    if invocation.loose is not None or any(isinstance(name, Unknown) for name in names):
        return None
    if any(given.values or (ending and given.option.name in _TO) for given in invocation.given):
        return None
    known = [name for name in names if isinstance(name, str)]
    if ending:
        return [found for name in known for found in (name, name + ending, name.removesuffix(ending))]
    return known[1:] if spec.name == "sed" else known
