"""`coproc`: a background command joined to the shell by two pipes."""

from __future__ import annotations

import os

from msh.expand.environment import IndexedArray
from msh.run.descriptors import keep
from msh.run.numbers import is_decimal
from msh.run.variable import AssignmentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.run.shell import Shell
    from msh.syntax.nodes import Coprocess


def start(sh: Shell, node: Coprocess, run: Callable[[Shell], int]) -> int:
    """Start it; NAME[0] reads its output, NAME[1] writes its input, NAME_PID is its process."""
    name = node.name or "COPROC"
    from_child, child_out, child_in, to_child = [
        sh.descriptors.allocate_last(keep(fd)) for _ in range(2) for fd in os.pipe()
    ]
    ends = (from_child, to_child)

    def listening(sh: Shell) -> int:
        sh.signals.enter_background(listed=True)
        return run(sh)

    def child() -> int:
        os.dup2(child_in, 0)
        os.dup2(child_out, 1)
        for fd in (child_in, child_out, *ends):  # it would never see the end of its own input
            sh.descriptors.close(fd)
        return sh.subshell(listening)

    process = sh.fork(child)
    for fd in (child_in, child_out):
        sh.descriptors.close(fd)
    for end in ends:
        os.set_inheritable(end, False)
    sh.jobs.add((process,), node).coprocess = name
    try:
        sh.variables.set_array(name, IndexedArray(enumerate(map(str, ends))))
        sh.variables.set(f"{name}_PID", str(process.pid))
    except AssignmentError as error:
        sh.complain(str(error))
    return 0


def forget(sh: Shell, name: str) -> None:
    """It has ended: its descriptors are closed, its variables unset."""
    ends = sh.variables.get(name)
    if ends is not None and isinstance(ends.value, IndexedArray):
        for number in ends.value.values():
            if is_decimal(number):
                sh.descriptors.close(int(number))
    sh.variables.unset(name)
    sh.variables.unset(f"{name}_PID")
