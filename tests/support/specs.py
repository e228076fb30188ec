"""Specs are checked, not believed: run a command under strace, and compare what it did with what its spec says.

`python -m tests.support.specs [NAME...]` prints each command line of `tests/specs/*.txt` with what was done and not
said (`MISS`), and what was said and not done (`wide`: no fault, since an option or a size may decide it).

A line is a command line in shell quoting, with `< file` for its standard input; `@PORT` is a loopback HTTP server. It
runs in a fresh copy of a small tree. What every step may do anyway is not compared: see `BASE`.
"""

from __future__ import annotations

import http.server
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msh.catalog import Catalog
from msh.effects import Access, Effects, Unknown
from msh.resolve import resolve_argv
from tests.support.strace import Done, trace
from tests.support.tree import make_tree

DIRECTORY = Path(__file__).parent.parent / "specs"

#: What the sandbox gives to every step (the base view in ARCHITECTURE.md), or what may be missing without harm.
BASE = re.compile(
    r"/(usr|bin|sbin|lib|lib32|lib64|libx32|proc|dev)(/|$)|/$|/(home|root|tmp|etc|var|run)$"
    r"|/etc/(ld\.so\.|alternatives|ssl/|ca-certificates|localtime|timezone|passwd$|group$|nsswitch|hosts$|host\.conf|resolv"
    r"|gai\.conf|services|protocols|locale|terminfo|inputrc|magic|mime|os-release|debian_version|machine-id|login\.defs"
    r"|python3|perl|ImageMagick|fonts|wgetrc|gitconfig|default/|mke2fs|lsb-release|dpkg/(origins|dpkg\.cfg)|sysctl"
    r"|matplotlibrc|papersize|xdg|java|lynx|bc|sudo|environment|tmpfiles|screenrc|npmrc|nodejs|vim|node)"
    r"|/sys/(devices/system/(cpu|node)|kernel/mm|fs/cgroup|fs/selinux)|/selinux|/var/lib/(dbus/machine-id|mime)"
    r"|/etc/ldap/|/memfd:|/run/(nscd|systemd|resolvconf)"
)


def lines() -> list[str]:
    """All command lines of the tables."""
    texts = [path.read_text() for path in sorted(DIRECTORY.glob("*.txt")) if path.name != "packages.txt"]
    return [line for text in texts for line in text.splitlines() if line and not line.startswith("#")]


def installed(name: str) -> str | None:
    """The program that a name is, None when it is not installed."""
    return shutil.which(name, path="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")


@contextmanager
def served(directory: Path) -> Iterator[int]:
    """A loopback HTTP server of a directory, and its port."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(directory))  # type: ignore[arg-type]

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


# ---- running ------------------------------------------------------------------


@dataclass
class Trial:
    """One command line, run: what was not said, and what was not done."""

    argv: list[str]
    status: int
    misses: list[str]
    wide: list[str]
    stderr: str


def attempt(line: str, catalog: Catalog, tree: Path, port: int) -> Trial:
    """Run one line in a copy of the tree and compare."""
    words = shlex.split(line.replace("@PORT", str(port)))
    given = ""
    if "<" in words:
        at = words.index("<")
        words, given = words[:at], words[at + 1]
    with tempfile.TemporaryDirectory(prefix="msh-spec-", dir=tree.parent) as directory:
        root = Path(directory) / "work"
        subprocess.run(["cp", "-a", str(tree), str(root)], check=True)
        before = {str(root), *[str(path) for path in root.rglob("*")]}
        _, effects = resolve_argv(catalog, words)
        done, status, stderr = trace(words, root, given)
        judge = _Judge(root, effects, words, catalog, before)
        return Trial(words, status, judge.misses(done), judge.wide(done), stderr)


# ---- comparing --------------------------------------------------------------------


class _Judge:
    """What effects allow in a directory; `before` holds the paths that were there."""

    def __init__(self, root: Path, effects: Effects, argv: list[str], catalog: Catalog, before: set[str]) -> None:
        self.root = str(root)
        self.effects = effects
        self.argv = argv
        self.before = before
        self.programs = {name for words in _all_runs(effects, catalog) for name in words[:1] if isinstance(name, str)}

    def misses(self, done: Done) -> list[str]:
        """What was done and not said."""
        found = [f"read {path}" for path in done.read if not self._covers(path, "read")]
        found += [f"list {path}" for path in done.listed if not self._covers(path, "list")]
        for path in done.written:
            is_new = self._is_inside(path) and path not in self.before
            if not self._covers(path, "create" if is_new else "write"):
                found.append(f"write {path}")
        found += [f"change {path}" for path in done.changed if not self._covers(path, "entries")]
        found += [f"look at {path}" for path in done.looked if self._is_foreign(path)]
        found += [f"run {path}" for path in done.executed if not self._runs(path)]
        if done.network and self.effects.network == "none":
            found.append("network")
        return sorted({each.replace(self.root + "/", "") for each in found})

    def wide(self, done: Done) -> list[str]:
        """What was said of writing and the network and not done."""
        touched = done.written | done.changed
        found = []
        for access in self.effects.accesses:
            if access.kind in ("write", "entries") and isinstance(access.path, str):
                place = self._place(access)
                if not any(path == place or _below(path, place) for path in touched):
                    found.append(f"{access.kind} {access.path}")
        if self.effects.network != "none" and not done.network:
            found.append("network")
        return found

    def _covers(self, path: str, need: str) -> bool:
        if not self._is_inside(path) and (BASE.match(path) or _is_scratch(path, self.root)):
            return True
        workspace = self.effects.workspace
        if self._is_inside(path) and (workspace == "write" or (workspace == "read" and need in ("read", "list"))):
            return True
        return any(self._gives(access, path, need) for access in self.effects.accesses)

    def _gives(self, access: Access, path: str, need: str) -> bool:
        if isinstance(access.path, Unknown):
            wanted = {"read": ("read", "list", "write", "entries"), "list": ("list", "read", "entries")}
            return self._is_inside(path) and access.kind in wanted.get(need, ("write", "entries"))
        place = self._place(access)
        below = path == place or _below(path, place)
        if access.kind == "entries":
            return below
        if access.kind == "list":
            return below and need in ("read", "list")
        if access.kind == "write":
            return path == place and (need in ("read", "write") or (need == "create" and access.create))
        return path == place and need == "read"

    def _place(self, access: Access) -> str:
        """The path of an access; of `entries` the directory that is really bound."""
        place = os.path.normpath(os.path.join(self.root, str(access.path)))
        while access.kind == "entries" and (place not in self.before or not _is_directory(place, self.before)):
            if not self._is_inside(place):
                break
            place = os.path.dirname(place)
        return os.path.realpath(place) if access.kind in ("read", "list") and place not in self.before else place

    def _is_foreign(self, path: str) -> bool:
        """Whether attributes were read of something that a step's view does not have."""
        if self._is_inside(path):
            if self.effects.workspace or path == self.root:
                return False
            named = [self._place(access) for access in self.effects.accesses if isinstance(access.path, str)]
            if any(_below(place, path) or place == path or os.path.dirname(place) == path for place in named):
                return False
            return not self._covers(path, "read") and path in self.before
        return not (
            BASE.match(path) or _is_scratch(path, self.root) or _below(self.root, path) or self._covers(path, "read")
        )

    def _runs(self, path: str) -> bool:
        name = os.path.basename(path)
        if name in (os.path.basename(self.argv[0]), *self.programs) or self.effects.workspace == "write":
            return True
        if name in ("sh", "dash") and self.effects.runs:  # popen(3)
            return True
        mine = [installed(program) for program in (self.argv[0], *self.programs)]
        real = [os.path.basename(os.path.realpath(program)) for program in mine if program]
        return name in real or name in [
            interpreter for program in mine if program for interpreter in _interpreters(program)
        ]

    def _is_inside(self, path: str) -> bool:
        return path == self.root or _below(path, self.root)


def _all_runs(effects: Effects, catalog: Catalog) -> Iterator[tuple[str | Unknown, ...]]:
    """The command lines that are run, and those that they run in turn."""
    from msh.effects import effects_of

    for words in effects.runs:
        yield words
        spec = catalog.lookup(words[0]) if isinstance(words[0], str) else None
        if spec is not None and not spec.shell:
            yield from _all_runs(effects_of(spec, words[1:]), catalog)


def _interpreters(program: str) -> list[str]:
    with open(program, "rb") as file:
        first = file.readline(200)
    words = first[2:].split() if first.startswith(b"#!") else []
    return [os.path.basename(word).decode() for word in words] + (["sh", "dash"] if words else [])


def _is_directory(path: str, before: set[str]) -> bool:
    return any(_below(other, path) for other in before) or os.path.isdir(path)


def _is_scratch(path: str, root: str) -> bool:
    """The run's own /tmp and HOME; the trees under test lie elsewhere in the host's."""
    return _below(path, os.path.dirname(root)) or (_below(path, "/tmp") and not _below(path, root))


def _below(path: str, directory: str) -> bool:
    return path.startswith(directory.rstrip("/") + "/")


def main(names: list[str]) -> int:
    """Print all lines, or those of some commands."""
    catalog = Catalog()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="msh-specs-", dir="/var/tmp") as directory:
        tree = Path(directory) / "tree"
        make_tree(tree)
        with served(tree) as port:
            for line in lines():
                name = line.split()[0]
                if (names and name not in names) or not installed(name):
                    if not names:
                        print(f"not installed: {line}")
                    continue
                trial = attempt(line, catalog, tree, port)
                failed += bool(trial.misses)
                mark = "MISS" if trial.misses else "wide" if trial.wide else "ok  "
                print(mark, f"[{trial.status}]", line, "  ", "; ".join(trial.misses or trial.wide))
                if trial.status not in (0, 1) or names:
                    print("     ", trial.stderr[:200].strip().replace("\n", " | "))
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
