"""Which steps may read the standard input that they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.catalog.arguments import read_arguments
from msh.effects import Unknown, place

if TYPE_CHECKING:
    from msh.resolve import Use

#: Commands that never read it, whatever their arguments.
_NEVER = frozenset(
    """ls dir vdir tree cp mv ln link unlink install rmdir mkdir mkfifo touch truncate mktemp df du stat chmod chown
    chgrp realpath readlink pwd which date sleep uname arch hostname nproc id whoami groups seq echo printf expr test [
    true false basename dirname yes sync locale getconf printenv cal uuidgen find rm ps uptime""".split()
)
#: Commands that read it only when no operand names a file.
_INSTEAD = frozenset("gzip gunzip zcat bzip2 bunzip2 bzcat xz unxz xzcat zstd unzstd zstdcat lz4 file".split())
_RUNNERS = frozenset("env nice nohup timeout stdbuf setsid time ionice".split())


def may_read_input(use: Use) -> bool:
    """Whether a step may read its standard input; a variable as an operand is taken for the name of a file."""
    if use.runs:
        return use.spec.name not in _RUNNERS or any(may_read_input(run) for run in use.runs)
    if use.spec.name in _NEVER:
        return bool(use.effects.runs)
    words = [f"{w.prefix}x" if isinstance(w, Unknown) and not w.many else w for w in use.arguments]
    invocation = read_arguments(use.spec, (*use.spec.arguments, *words))
    if invocation.loose is not None:
        return True
    if use.spec.name == "tar":
        files = [given.values for given in invocation.given if given.option.name in ("f", "file")]
        return not files or ("-",) in files
    if use.spec.name in _INSTEAD:
        operands = [operand.value for operand in invocation.operands]
    elif use.spec.dataflow == "effect":
        return True
    else:
        placed = place(use.spec.operands, invocation.operands)
        operands = [operand.value for slot, some in placed if slot.role == "read" for operand in some]
    return not operands or "-" in operands


def may_mean_input(use: Use) -> bool:
    """Whether a step has an operand that the run decides, and takes `-` for its standard input."""
    if use.spec.name in _NEVER and not use.runs:
        return False
    return any(isinstance(word, Unknown) and not word.prefix for word in use.arguments)
