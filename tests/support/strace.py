"""What a command did, as strace saw it: files by what was done to them, programs, connections."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 20
TRACED = "%file,%network,%process,fchmod,fchown,ftruncate,fsetxattr,fchdir,getdents64"


@dataclass
class Done:
    """What a command did, as absolute paths."""

    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)  # names that appeared, went, or were replaced
    looked: set[str] = field(default_factory=set)  # attributes only
    executed: set[str] = field(default_factory=set)
    network: bool = False


def trace(argv: list[str], root: Path, given: str) -> tuple[Done, int, str]:
    """Run a command under strace; what its processes did."""
    home = root.parent / "home"
    logs = root.parent / "logs"
    home.mkdir()
    logs.mkdir()
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
    }
    command = [
        "strace",
        "-ff",
        "-qq",
        "-y",
        "-s",
        "65536",
        "-e",
        f"trace={TRACED}",
        "-o",
        str(logs / "log"),
        "--",
        *argv,
    ]
    with open(root / given if given else os.devnull, "rb") as stdin:
        ran = subprocess.run(
            command,
            cwd=root,
            env=environment,
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=SECONDS,
        )
    done = Done()
    _Reader(logs, root, done).read()
    return done, ran.returncode, ran.stderr.decode("utf-8", "replace")


_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)(?:<(.*)>)?", re.DOTALL)
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_DIRECTORY = re.compile(r"(?:AT_FDCWD|\d+)<([^>]*)>")
_LOOKS = ("stat", "lstat", "newfstatat", "access", "faccessat", "readlink", "getxattr", "lgetxattr")
_CHANGES = ("rename", "link", "unlink", "symlink", "mkdir", "rmdir", "mknod")
_ATTRIBUTES = ("chmod", "chown", "lchown", "truncate", "utime", "setxattr", "lsetxattr", "removexattr", "futimesat")


class _Reader:
    """One log a process; a child begins in its parent's directory."""

    def __init__(self, logs: Path, root: Path, done: Done) -> None:
        self.logs = logs
        self.root = root
        self.done = done

    def read(self) -> None:
        names = {path.name.rpartition(".")[2]: path for path in self.logs.iterdir()}
        first = min(names, key=int)
        queue = [(first, str(self.root))]
        seen = {first}
        while queue:
            pid, directory = queue.pop()
            for call, arguments, result in _calls(names[pid].read_text(errors="surrogateescape")):
                if call in ("clone", "clone3", "fork", "vfork") and str(result) in names and str(result) not in seen:
                    seen.add(str(result))
                    queue.append((str(result), directory))
                elif call == "chdir":
                    directory = _paths(call, arguments, directory)[0]
                elif call == "fchdir" and (match := _DIRECTORY.search(arguments)):
                    directory = match[1]
                else:
                    self._call(call, arguments, directory)

    def _call(self, call: str, arguments: str, directory: str) -> None:
        done = self.done
        paths = _paths(call, arguments, directory)
        if call == "connect":
            done.network |= "AF_INET" in arguments
        elif call in ("sendto", "sendmsg", "bind"):
            done.network |= "sa_family=AF_INET" in arguments
        elif call == "execve":
            done.executed.add(paths[0])
        elif call in ("open", "openat", "openat2", "creat"):
            self._open(call, arguments, paths[0])
        elif call == "getdents64" and (match := _DIRECTORY.search(arguments)):
            done.listed.add(match[1])
        elif call.startswith("symlink"):
            done.changed.add(paths[-1])
        elif call.startswith(_CHANGES) or (call.endswith(("link", "linkat")) and "read" not in call):
            done.changed.update(paths)
        elif call.startswith(("fchmodat", "fchownat", "utimensat", *_ATTRIBUTES)):
            done.written.update(paths or _held(arguments))
        elif call in ("fchmod", "fchown", "ftruncate", "fsetxattr"):
            done.written.update(_held(arguments))
        elif call.startswith(_LOOKS) and "AT_EMPTY_PATH" not in arguments:
            done.looked.update(paths)

    def _open(self, call: str, arguments: str, path: str) -> None:
        done = self.done
        if not path.startswith("/") or "memfd:" in path:
            return
        if re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE", arguments) or call == "creat":
            done.written.add(path)
        elif "O_PATH" in arguments or "O_DIRECTORY" in arguments or path == str(self.root):
            done.looked.add(path)
        else:
            done.read.add(path)


_TWO_NAMES = ("rename", "link", "symlink")


def _calls(text: str) -> Iterator[tuple[str, str, int]]:
    """The calls that succeeded; of connections also those that were tried."""
    for line in text.splitlines():
        match = _CALL.match(line)
        if match and (int(match[3]) >= 0 or match[1] == "connect"):
            yield match[1], match[2], int(match[3])


def _paths(call: str, arguments: str, directory: str) -> list[str]:
    """The file names among a call's arguments, absolute. Of most calls only the first text is one."""
    found = []
    for match in _TEXT.finditer(arguments):
        before = arguments[: match.start()]
        base = directory
        if (held := re.search(r"(?:AT_FDCWD|\d+)<([^>]*)>, $", before)) is not None:
            base = held[1]
        text = match[1].encode("latin-1", "replace").decode("unicode_escape")
        found.append(os.path.normpath(os.path.join(base, text)))
        if not call.startswith(_TWO_NAMES):
            break
    return found


def _held(arguments: str) -> list[str]:
    match = _DIRECTORY.search(arguments)
    return [match[1]] if match else []
