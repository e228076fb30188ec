"""Files as commands name them, and the working directory."""

from __future__ import annotations

import errno
import os
import stat

from msh.config import OBJECTS
from msh.run.control import ShellError
from msh.run.messages import Messages
from msh.source import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.sandbox.gate import Gate


class Files(Messages):
    """The part of a shell that looks at files."""

    hashed: dict[str, tuple[str, int]]

    @property
    def gate(self) -> Gate:
        return self.resources.session.gate

    def locate(self, name: str) -> str:
        """The file that a command name stands for, as `command -v` prints it; empty when there is none."""
        if "/" in name:
            status = self.file_status(name)
            known = (
                status is not None and stat.S_ISREG(status.st_mode) and self.gate.access(self.absolute(name), os.X_OK)
            )
            return name if known else ""
        if name in self.hashed:
            return self.hashed[name][0]
        spec = self.resources.catalog.lookup(name)
        if spec is not None:
            return self.resources.program_path(spec, name)
        from msh.run.called import called_script

        return called_script(self, name)

    def change_directory(self, target: str, *, physical: bool = False) -> None:
        """`cd`: logical unless `physical`; sets PWD and OLDPWD. Raises ShellError."""
        path = self.absolute(target)
        if target == "":
            return
        if not physical and "/.." in path:
            self._check_parents(target, path)
        wanted = self.gate.realpath(path) if physical else os.path.normpath(path)
        wanted = "/" + wanted.lstrip("/")
        try:
            self.gate.enter(path if path.startswith(OBJECTS) else wanted)
        except OSError as error:
            raise ShellError(f"cd: {target}: {error.strerror}") from None
        old, self.directory = self.directory, wanted
        self.variables.set("OLDPWD", old)
        self.variables.set("PWD", wanted)

    def _check_parents(self, target: str, path: str) -> None:
        """What `..` leaves has to be a directory (POSIX XCU cd, step 8b)."""
        parts = path.split("/")
        for index, part in enumerate(parts):
            before = "/".join(parts[:index])
            if part == ".." and before.strip("/."):
                status = self.file_status(before)
                if status is None or not stat.S_ISDIR(status.st_mode):
                    reason = os.strerror(errno.ENOENT if status is None else errno.ENOTDIR)
                    raise ShellError(f"cd: {target}: {reason}")

    def read_file(self, path: str) -> str:
        """A whole file through the gate, as text."""
        fd = self.gate.open(self.absolute(path), os.O_RDONLY, 0)
        with open(fd, "rb") as file:
            return decode(file.read())
