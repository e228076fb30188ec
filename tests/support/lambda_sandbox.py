"""What a worker finds around it on Lambda, imitated with bubblewrap: the command line that starts a program in it.

As on Lambda: a file system that can be read only, a private `/tmp`, the code in `/var/task`, an ordinary user, no
capabilities, and *no user namespaces*, so no sandbox can be made inside. Unlike Lambda: the host's commands and kernel,
and the host's network, because the worker has to reach the test engine on loopback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping

USER, GROUP = 993, 990  # Lambda's `sbx_user1051`
TASK = "/var/task"
DESCRIPTORS = 1024  # Lambda's limit
_ETC = ("alternatives", "ca-certificates", "group", "hosts", "ld.so.cache", "localtime", "mime.types", "nsswitch.conf")
_ETC += ("pki", "passwd", "ssl")
_LINKS = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")


def command(
    argv: Iterable[str],
    *,
    scratch: str,
    task: str = "",
    read: Iterable[str] = (),
    write: Iterable[str] = (),
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """The command line that runs `argv` there.

    `scratch` is the host's directory that becomes `/tmp`; `task`, when given, becomes `/var/task` and the current
    directory. `read` and `write` are further host directories, in the same place. It ends with the thread that starts
    it, and everything in it ends with it.
    """
    words = ["prlimit", f"--nofile={DESCRIPTORS}", "bwrap"]
    words += ["--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    words += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--uid", str(USER), "--gid", str(GROUP)]
    words += ["--clearenv"]
    for name, value in (environment or {}).items():
        words += ["--setenv", name, value]
    words += ["--ro-bind", "/usr", "/usr"]
    for name in _LINKS:
        if os.path.islink(f"/{name}"):
            words += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
        elif os.path.isdir(f"/{name}"):
            words += ["--ro-bind", f"/{name}", f"/{name}"]
    for name in _ETC:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    words += ["--proc", "/proc", "--dev", "/dev", "--bind", scratch, "/tmp"]
    for path in python_directories():
        words += ["--ro-bind", path, path]
    for path in read:
        words += ["--ro-bind", path, path]
    for path in write:
        words += ["--bind", path, path]
    words += ["--ro-bind", task, TASK, "--chdir", TASK] if task else ["--chdir", "/tmp"]
    return [*words, "--remount-ro", "/", "--", *argv]


def python_directories() -> list[str]:
    """Where this Python and its packages are, besides `/usr`."""
    places = dict.fromkeys(os.path.realpath(path) for path in (sys.base_prefix, sys.base_exec_prefix))
    places |= dict.fromkeys(os.path.abspath(path) for path in (sys.prefix, sys.exec_prefix))
    return [path for path in places if path != "/usr" and not path.startswith("/usr/")]
