"""Files that a warm worker still has from the region before, so that they need not be fetched again.

An object's key stands for its content, for ever. A file that was stored or fetched under a key, and has not been
touched since, therefore is that content, whichever run asks for it; its stamp (`Seen`) says that nobody has touched it,
since no script can set a change time. It is moved, not copied: the region before has ended.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msh.aws.tree import enter, seen
from msh.diagnostics import MshError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msh.aws.commit import Entry
    from msh.aws.tree import Seen


class Kept:
    """The files of a directory by the key of their content."""

    def __init__(self, files: Mapping[str, Entry], found: Mapping[str, Seen]) -> None:
        """`files` is a manifest, `found` what a scan of the directory has seen."""
        self._files = {
            entry.key: (path, one.stamp)
            for path, one in found.items()
            if one.kind == "file" and (entry := files.get(path)) is not None and entry.key
        }

    def take(self, key: str, directory: int, name: str, *, top: int) -> int:
        """Move the file with this content from below `top` to a name in another open directory.

        A descriptor of it, or -1 when there is none that is certain.
        """
        path, stamp = self._files.pop(key, ("", ()))
        if not path:
            return -1
        *parents, last = path.split("/")
        try:
            source = enter(top, parents)
        except MshError:
            return -1
        try:
            descriptor = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=source)
        except OSError:
            return -1
        else:
            status = os.fstat(descriptor)
            one = seen(status)
            # A file with two names would be one file in the next region here, and two on any other worker.
            if one is None or one.stamp != stamp or status.st_nlink != 1:
                os.close(descriptor)
                return -1
            os.rename(last, name, src_dir_fd=source, dst_dir_fd=directory)
            return descriptor
        finally:
            os.close(source)
