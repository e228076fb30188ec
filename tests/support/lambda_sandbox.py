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
_ENVIRONMENT = "/opt/python"
DESCRIPTORS = 1024  # Lambda's limit
_ETC = ("alternatives", "ca-certificates", "group", "hosts", "ld.so.cache", "localtime", "mime.types", "nsswitch.conf")
_ETC += ("pki", "passwd", "ssl")
_LINKS = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")


def command(
    argv: Iterable[str],
    *,
    scratch: str,
    task: str = "",
    read: Mapping[str, str] | None = None,
    write: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """The command line that runs `argv` there.

    `scratch` is the host's directory that becomes `/tmp`; `task`, when given, becomes `/var/task` and the current
    directory. `read` and `write` are further directories of the host by their places there, which should not be below
    `/tmp`: a worker expects it to be empty. It ends with the thread that starts it, and everything in it with it.
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
    binds = [("--ro-bind", {**_python_directories(), **(read or {})}), ("--bind", write or {})]
    for option, places in binds:
        for inside, path in places.items():
            words += [option, path, inside]
    words += ["--ro-bind", task, TASK, "--chdir", TASK] if task else ["--chdir", "/tmp"]
    return [*words, "--remount-ro", "/", "--", *argv]


def python() -> str:
    """This Python and its packages as they are called there. An environment works in any place."""
    return f"{_ENVIRONMENT}/bin/python" if sys.prefix != sys.base_prefix else sys.executable


def _python_directories() -> dict[str, str]:
    """Where they are, by their places there, besides what is in `/usr`."""
    bases = {os.path.realpath(path) for path in (sys.base_prefix, sys.base_exec_prefix)}
    places = {path: path for path in sorted(bases) if path != "/usr" and not path.startswith("/usr/")}
    return places | ({_ENVIRONMENT: sys.prefix} if sys.prefix != sys.base_prefix else {})
