"""Which programs a step can execute: its own, what its spec says it runs, and no other that is on the disk.

To deny their execution alone would not do: the loader runs what it may read. So the directories of programs are empty
in such a step's view but for those few. The libraries, and with them the loader and helpers among them, stay.
"""

from __future__ import annotations

import os

from msh.sandbox.policy import Link, Mount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEARCH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_DIRECTORIES = (*SEARCH, "/usr/games", "/usr/local/games", "/usr/libexec")
MAIN = "/usr/bin"  # where nearly all of them are
_SHELL = "/bin/sh"  # what system(3), popen(3) and many programs start their commands with
_MOST_LINKS = 40
_MOST_SHOWN = 16  # files of these directories that are mounted alone
_TOPS = ("/usr", "/bin", "/sbin")


def find_program(name: str) -> str:
    """A program of the base view. Its directory is made real, its own name kept: many programs look at argv[0]."""
    for directory in SEARCH:
        if os.access(f"{directory}/{name}", os.X_OK):
            return f"{os.path.realpath(directory)}/{name}"
    return ""


class Programs:
    """The programs of the host, as far as steps are to see only some of them; each is looked at once a run."""

    def __init__(self) -> None:
        self.directories = program_directories()
        self._known: dict[str, tuple[str, ...]] = {}
        self._views: dict[
            tuple[str, tuple[str, ...], tuple[str, ...], frozenset[str]],
            tuple[tuple[Mount, ...], tuple[Link, ...], tuple[str, ...]],
        ] = {}

    def view(
        self, program: str, names: Iterable[str], touched: Iterable[tuple[str, str]] = ()
    ) -> tuple[tuple[Mount, ...], tuple[Link, ...], tuple[str, ...]]:
        """Mounts and links of a view in which only `program`, the commands `names` and their interpreters are, and the
        paths of these. `touched` are absolute paths that the step names, with the kind of access: they are there too.
        """
        shown, opened = self._named(touched)
        key = program, tuple(names), tuple(shown), frozenset(opened)
        made = self._views.get(key)
        if made is None:
            made = self._views[key] = self._made(*key)
        return made

    def _made(
        self, program: str, names: tuple[str, ...], shown: tuple[str, ...], opened: frozenset[str]
    ) -> tuple[tuple[Mount, ...], tuple[Link, ...], tuple[str, ...]]:
        wanted = dict.fromkeys(self._with_interpreters(program))
        for name in names:
            wanted |= dict.fromkeys(self._with_interpreters(name if "/" in name else find_program(name)))
        mounts = {path: Mount("", path) for path in self.directories if path not in opened}
        links: dict[str, Link] = {}
        for path in (*wanted, *shown):
            for place, target in self._chain(path):
                if os.path.dirname(place) in opened:
                    continue
                if target:
                    links[place] = Link(place, target)
                else:
                    mounts[place] = Mount(place, place)
        return tuple(mounts.values()), tuple(links.values()), tuple(wanted)

    def _named(self, touched: Iterable[tuple[str, str]]) -> tuple[list[str], set[str]]:
        """The programs that a step names as files, and the directories of which it wants to see the names."""
        shown: list[str] = []
        opened: set[str] = set()
        for path, kind in touched:
            if not path.startswith(_TOPS):
                continue
            path = os.path.normpath(path)
            directory = os.path.realpath(os.path.dirname(path))
            if directory in self.directories:
                shown.append(path)
            if kind == "list":
                real = os.path.realpath(path)
                opened |= {each for each in self.directories if f"{each}/".startswith(f"{real.rstrip('/')}/")}
        if len(shown) > _MOST_SHOWN:
            opened |= {os.path.realpath(os.path.dirname(path)) for path in shown}
        return shown, opened

    def _with_interpreters(self, path: str) -> tuple[str, ...]:
        """A program and, when it is a script, what its first line names (execve(2))."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = tuple(_interpreted(path)) if path else ()
        return known

    def _chain(self, path: str) -> Iterator[tuple[str, str]]:
        """The places of the emptied directories that a path leads through: (place, target of the link or "")."""
        for _ in range(_MOST_LINKS):
            directory, _, name = path.rpartition("/")
            path = f"{os.path.realpath(directory)}/{name}"
            hidden = path.rpartition("/")[0] in self.directories
            try:
                target = os.readlink(path)
            except OSError:
                if hidden and os.path.exists(path):
                    yield path, ""
                return
            if hidden:
                yield path, target
            path = os.path.join(os.path.dirname(path), target)


def program_directories() -> tuple[str, ...]:
    """The directories of this host in which programs are."""
    return tuple([path for path in _DIRECTORIES if _holds_programs(path)])


def with_shell(names: Iterable[str]) -> list[str]:
    """The commands that a program runs, and what it may run them with."""
    found = list(names)
    return [*found, _SHELL] if found else []


def _interpreted(path: str) -> Iterator[str]:
    yield path
    try:
        with open(path, "rb") as file:
            first = file.readline(256)
    except OSError:
        return
    if first[:2] != b"#!":
        return
    words = os.fsdecode(first[2:]).split()
    for word in words[:1]:
        yield from _interpreted(word)
        if os.path.basename(word) == "env" and len(words) > 1:
            yield from _interpreted(find_program(words[-1]))


def _holds_programs(path: str) -> bool:
    """Whether something is to be hidden there; a directory that is a link is looked at by its own name."""
    try:
        return not os.path.islink(path) and bool(os.listdir(path))
    except OSError:
        return False
