"""Limits that are set on a sandbox from outside, while it waits to begin.

RLIMIT_NPROC counts the processes of a user in a user namespace (Linux 5.14), so it bounds a sandbox alone when it is
set after the sandbox's namespace was made. bubblewrap makes everything, says which pid its child has, and holds it
until a byte comes (`--block-fd`): meanwhile prlimit(2) sets what the child and all that it starts inherit.
"""

from __future__ import annotations

import os
import re
import resource

from msh.sandbox.descriptors import above

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.sandbox.backend import Controls

_MOST_HELD = 512  # open files: with more there is room below for what bubblewrap opens itself


class Held:
    """A sandbox that waits, if a limit needs that. `early` is what is set before, `words` are bubblewrap's."""

    def __init__(self, controls: Controls, floor: int, opened: list[int]) -> None:
        """`opened` gets the end that the sandbox waits at, numbered from `floor`."""
        self._late = tuple([limit for limit in controls.limits if limit[0] == resource.RLIMIT_NPROC])
        early = tuple([limit for limit in controls.limits if limit not in self._late])
        self.early = controls.replace(limits=early)
        self.words: tuple[str, ...] = ()
        self._gate = -1
        if self._late:
            read, self._gate = os.pipe()
            opened.append(above(read, floor))
            os.close(read)
            self.words = ("--block-fd", str(opened[-1]))

    def release(self, report: int) -> None:
        """Read from `report` which process is held, limit it, and let it go on.

        A sandbox that could not be made says nothing: its end is judged as always.
        """
        if self._gate < 0:
            return
        try:
            found = re.search(rb'"child-pid": (\d+)', os.read(report, 4096))
            if found is not None:
                for number, soft, hard in self._late:
                    resource.prlimit(int(found[1]), number, (soft, hard))
                os.write(self._gate, b"x")
        except (ProcessLookupError, BrokenPipeError):
            return  # it ended meanwhile
        finally:
            os.close(self._gate)


def floor_of(controls: Controls, floor: int) -> int:
    """Where bubblewrap's own descriptors are numbered from: with few files to open they must not take low numbers."""
    few = [hard for number, _, hard in controls.limits if number == resource.RLIMIT_NOFILE and hard < _MOST_HELD]
    return max([floor, *few])
