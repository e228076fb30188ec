"""One layer of the catalog: entries by name, and where each comes from."""

from __future__ import annotations

import os

from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Protocol, TypeAlias

    Table: TypeAlias = Mapping[str, Any]

    class Layer(Protocol):
        """What `Catalog` asks of a layer."""

        def find(self, name: str) -> tuple[Table, str] | None:
            """The entry of a name, and its origin for messages."""

        def find_path(self, path: str) -> tuple[Table, str] | None:
            """The entry of a program given by its absolute path."""

        def names(self) -> Iterable[str]:
            """All names."""


#: Directories of the distribution: programs, never command files, and too many to look at.
SYSTEM = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
SHELLS = ("sh", "bash", "dash", "msh")


class TableLayer(Record):
    """Entries of a file, or those that ship with msh; `lines` has the line each begins at."""

    origin: str
    tables: Mapping[str, Table]
    lines: Mapping[str, int] = {}

    def find(self, name: str) -> tuple[Table, str] | None:
        table = self.tables.get(name)
        return None if table is None else (table, self.place(name))

    def find_path(self, path: str) -> tuple[Table, str] | None:
        return None

    def names(self) -> Iterable[str]:
        return self.tables.keys()

    def place(self, name: str) -> str:
        """`file:line` of an entry."""
        return f"{self.origin}:{self.lines[name]}" if name in self.lines else self.origin


class DirectoryLayer(Record):
    """`[[path]]`: every executable of a directory is a command, and has what `table` says."""

    directory: str  # absolute, links resolved
    table: Table
    origin: str

    def find(self, name: str) -> tuple[Table, str] | None:
        return self.find_path(os.path.join(self.directory, name)) if _is_name(name) else None

    def find_path(self, path: str) -> tuple[Table, str] | None:
        directory, name = os.path.split(path)
        if directory != self.directory and os.path.realpath(directory) != self.directory:
            return None
        path = os.path.join(self.directory, name)
        if not is_program(path):
            return None
        own: Table = {"script_path": path, "shell": True} if is_shell_script(path) else {}
        standing = {"run": {"host": path}, "files": "workspace", "options": {"style": "none"}, "operands": "text"}
        return {**standing, **own, **self.table}, self.origin

    def names(self) -> Iterable[str]:
        return _listed(self.directory, is_program)


class CommandFileLayer(Record):
    """Command files on PATH: `#!/usr/bin/env msh`, then the TOML of one entry; its name is the file's."""

    directories: tuple[str, ...]
    read: Callable[[str], Table | None]  # None for a file that is none, or does not count

    def find(self, name: str) -> tuple[Table, str] | None:
        if not _is_name(name):
            return None
        for directory in self.directories:
            found = self.find_path(os.path.join(directory, name))
            if found is not None:
                return found
        return None

    def find_path(self, path: str) -> tuple[Table, str] | None:
        if os.path.dirname(path) not in self.directories or not is_command_file(path):
            return None
        table = self.read(path)
        return None if table is None else (table, path)

    def names(self) -> Iterable[str]:
        return [name for directory in self.directories for name in _listed(directory, is_command_file)]


def is_program(path: str) -> bool:
    """Whether a path is a file that may be executed."""
    return os.path.isfile(path) and os.access(path, os.X_OK)


def is_shell_script(path: str) -> bool:
    """Whether a program is a shell script: its first line names a shell, or it has none and holds text.

    A text without a first line `#!` is what execve refuses with ENOEXEC and every shell then runs itself (XCU 2.9.1.4).
    """
    return names_shell(_start(path))


def names_shell(start: bytes) -> bool:
    """Whether a file that begins like this is a shell script."""
    if not start.startswith(b"#!"):
        return bool(start) and b"\0" not in start and start[:4] != b"\x7fELF"
    words = start[2:].split(b"\n")[0].split()
    if words and os.path.basename(words[0]) == b"env":
        words = [word for word in words[1:] if not word.startswith(b"-")]
    return bool(words) and os.path.basename(words[0]).decode("ascii", "replace") in SHELLS


def is_command_file(path: str) -> bool:
    """Whether a file holds a catalog entry: `#!/usr/bin/env msh`, and its first other line is TOML, `key = …` or
    `[key`.

    The same first line may begin a shell script. No shell assignment has blanks around its `=`.
    """
    start = _start(path)
    if not start.startswith(b"#!/usr/bin/env msh\n"):
        return False
    for line in start.decode("utf-8", "replace").split("\n")[1:]:
        if line.strip() and not line.startswith("#"):
            key, equals, _ = line.partition(" = ")
            return bool(equals) and key.strip().replace("-", "").replace(".", "").replace('"', "").isalnum()
    return False


def _start(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 512)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _listed(directory: str, wanted: Callable[[str], bool]) -> list[str]:
    try:
        return [name for name in os.listdir(directory) if wanted(os.path.join(directory, name))]
    except OSError:
        return []


def _is_name(name: str) -> bool:
    return "/" not in name and name not in ("", ".", "..")
