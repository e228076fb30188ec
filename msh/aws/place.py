"""The directories in which a worker runs one region after another, and their emptiness in between.

    /tmp/msh            the worker's own, mode 0700; `owner` in it says that a worker has this `/tmp` for itself
    /tmp/msh/workspace  the script's directory
    /tmp/msh/previous   that of the region before, while files that are still the same are taken over from it
    /tmp/msh/stdin      the script's standard input
    /tmp/…              the script's `/tmp`

Cleaning `/tmp` would be a disaster on a machine that somebody else uses. So a worker takes it only when it was told
that the machine is its own (`MSH_WORKER_MACHINE=own`, set by the template) *and* found `/tmp` empty, or with its own
mark of an earlier process in it. Otherwise it refuses (MSH514). A place elsewhere, for tests and for a worker on a
laptop, has no `/tmp`: what a script leaves in there neither travels nor is removed.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from msh.aws.stage import SCRATCH, Root
from msh.diagnostics import Diagnostic, MshError
from msh.record import Record
from msh.sandbox.runtime import remove_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN = "msh"  # the worker's directory in `/tmp`
VARIABLE = "MSH_WORKER_MACHINE"


class Place(Record):
    """`root` is the worker's own directory; `scratch` is the script's `/tmp`, empty when that does not travel."""

    root: str
    scratch: str = ""

    @property
    def workspace(self) -> str:
        return os.path.join(self.root, "workspace")

    @property
    def roots(self) -> tuple[Root, ...]:
        """What travels."""
        workspace = Root(self.workspace)
        return (workspace, Root(self.scratch, SCRATCH, (OWN,))) if self.scratch else (workspace,)

    @property
    def previous(self) -> str:
        return os.path.join(self.root, "previous")

    @property
    def stdin(self) -> str:
        return os.path.join(self.root, "stdin")

    def clean(self) -> None:
        """Nothing of any script, but for an empty workspace."""
        self._clear("owner")
        os.mkdir(self.workspace, 0o755)

    def renew(self) -> None:
        """An empty workspace, an empty `/tmp`; the workspace that there was is `previous` now."""
        self._clear("owner", "workspace", "stdin")
        if os.path.isdir(self.workspace):
            os.rename(self.workspace, self.previous)
        else:
            os.mkdir(self.previous)
        os.mkdir(self.workspace, 0o755)

    def forget(self) -> None:
        """Remove what is left of the region before."""
        remove(self.previous)

    def _clear(self, *kept: str) -> None:
        for name in os.listdir(self.root):
            if name not in kept:
                remove(os.path.join(self.root, name))
        for name in os.listdir(self.scratch) if self.scratch else ():
            if name != OWN:
                remove(os.path.join(self.scratch, name))


def machine(environment: Mapping[str, str], scratch: str = "/tmp") -> Place:
    """The place of a worker that has its machine for itself. Raises MshError MSH514 when it has not."""
    if environment.get(VARIABLE) != "own":
        raise _refused(f"`{VARIABLE}` is not `own`: nobody said that this machine is the worker's")
    root = os.path.join(scratch, OWN)
    mark = os.path.join(root, "owner")
    if not _is_ours(root) or not os.path.isfile(mark):
        others = sorted(os.listdir(scratch))
        if others:
            raise _refused(f"`{scratch}` holds things of others: {', '.join(others[:3])}")
        os.mkdir(root, 0o700)
        with open(mark, "x") as file:
            file.write("this directory and all beside it are removed by the worker of msh that made it\n")
    return Place(root, scratch)


def private(root: str) -> Place:
    """A place in a directory of its own, which is made. Scripts see the machine's `/tmp`, and it does not travel."""
    os.makedirs(root, 0o700, exist_ok=True)
    return Place(root)


def remove(path: str) -> None:
    """Remove a file or a tree, whatever a script has made of it."""
    if os.path.isdir(path) and not os.path.islink(path):
        if os.geteuid() != 0:
            os.chmod(path, 0o700)
        remove_tree(path)
    else:
        os.unlink(path)


def _is_ours(path: str) -> bool:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _refused(why: str) -> MshError:
    help_ = "run the worker where `/tmp` is its own and empty: in Lambda, a container, or bubblewrap"
    return MshError(Diagnostic("MSH514", f"this worker cannot have `/tmp` for itself: {why}", help=help_))
