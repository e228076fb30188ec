"""What this host offers for sandboxes: each check says whether, how it knows, and what to do if not."""

from __future__ import annotations

import errno
import os

from msh.diagnostics import MshError
from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

APPARMOR_PROFILE = """\
abi <abi/4.0>,
include <tunables/global>
profile bwrap /usr/bin/bwrap flags=(unconfined) {
  userns,
}
"""


class Check(Record):
    """One thing that was looked at. `needed` ones must hold for msh to run anything here."""

    name: str
    ok: bool
    detail: str
    cure: str = ""
    needed: bool = True


def checks() -> Iterator[Check]:
    """All checks, cheapest first; each is made when it is asked for."""
    yield _bubblewrap()
    yield _namespaces()
    yield _seccomp()
    yield _kernel()
    yield _private_directory()
    yield _docker()
    yield _limits()
    yield _defaults()


def _bubblewrap() -> Check:
    from msh.sandbox.bubblewrap import Bubblewrap

    try:
        program = Bubblewrap().program
    except MshError as error:
        (found,) = error.diagnostics
        return Check("bubblewrap", False, found.message, found.help)
    status, text = _output([program, "--version"])
    return Check("bubblewrap", status == 0, f"{text.strip()} ({program})")


def _namespaces() -> Check:
    """Starts a real step: everything else is a guess."""
    from msh.catalog.model import CommandSpec, Run
    from msh.config import Settings
    from msh.effects import Effects
    from msh.sandbox.session import Session

    read, write = os.pipe()
    try:
        with Session(Settings(None), "/") as session:
            policy = session.policy(CommandSpec("true", Run("host", "true")), Effects(), ["true"], {}, "/")
            process = session.start(policy, {2: write})
            os.close(write)
            write = -1
            status = process.wait().status
            reason = process.reason
        said = os.read(read, 4096).decode("utf-8", "replace").strip()
    except MshError as error:
        return Check("a step", False, error.diagnostics[0].message, error.diagnostics[0].help)
    finally:
        os.close(read)
        if write >= 0:
            os.close(write)
    if status == 0:
        return Check("a step", True, "`true` ran in a sandbox of its own")
    return Check("a step", False, said or (reason.message if reason is not None else "it failed"), namespace_cure())


def namespace_cure(*, guess: bool = True) -> str:
    """What keeps this user from making namespaces, as the kernel's settings say; else a guess, if one is wanted."""
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor forbids user namespaces here: as root, write the profile that `msh doctor` prints to "
            "/etc/apparmor.d/bwrap and run `apparmor_parser -r /etc/apparmor.d/bwrap`"
        )
    if _setting("kernel/unprivileged_userns_clone") == "0":
        return "user namespaces are switched off: as root, `sysctl kernel.unprivileged_userns_clone=1`"
    if _setting("user/max_user_namespaces") == "0":
        return "user namespaces are switched off: as root, `sysctl user.max_user_namespaces=15000`"
    if guess and (os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv")):
        return (
            "this is a container: start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
            "--security-opt systempaths=unconfined`"
        )
    return "`msh doctor` shows what this host allows"


def namespace_reason(code: int) -> str:
    """What an errno means where a namespace was to be made, empty when it says no more than elsewhere (clone(2))."""
    return "the limit of user namespaces is met" if code in (errno.ENOSPC, errno.EUSERS) else ""


def _setting(name: str) -> str:
    try:
        with open(f"/proc/sys/{name}") as file:
            return file.read().strip()
    except OSError:
        return ""


def _seccomp() -> Check:
    from msh.sandbox.seccomp import ARCHITECTURES

    machine = os.uname().machine
    if machine not in ARCHITECTURES:
        return Check("system-call filter", False, f"there is no table of system calls for {machine}")
    known = _setting("kernel/seccomp/actions_avail").split()
    if not {"kill_process", "errno", "allow"} <= set(known):
        return Check(
            "system-call filter", False, "the kernel has no seccomp filters", "a kernel with CONFIG_SECCOMP_FILTER"
        )
    return Check("system-call filter", True, f"for {machine}")


def _kernel() -> Check:
    """What steps can do without."""
    from msh.sandbox.kernel import lacks, missing

    lacking = [lacks(need) for need in missing()]
    detail = os.uname().release + (f"; without {'; '.join(lacking)}" if lacking else "")
    return Check("kernel", not lacking, detail, "a newer kernel, with Landlock among its LSMs", needed=False)


def _private_directory() -> Check:
    from msh.sandbox.runtime import Runtime

    try:
        runtime = Runtime()
    except (MshError, OSError) as error:
        return Check("private directory", False, str(error), "set `TMPDIR` to a directory of yours")
    runtime.close()
    return Check("private directory", True, runtime.base)


def _docker() -> Check:
    """Optional: only commands whose spec names an image need it."""
    from http.client import HTTPConnection
    from socket import AF_UNIX, socket

    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not host.startswith("unix://"):
        return Check("docker", True, f"{host} (not asked: it is not on this host)", needed=False)
    connection = HTTPConnection("localhost", timeout=2)
    try:
        with socket(AF_UNIX) as client:
            client.settimeout(2)
            client.connect(host.removeprefix("unix://"))
            connection.sock = client
            connection.request("GET", "/_ping")
            version = connection.getresponse().headers.get("Api-Version", "")
    except OSError as error:
        detail = f"{host}: {(error.strerror or str(error)).lower()}"
        return Check("docker", False, detail, "only commands that run in an image need it", needed=False)
    return Check("docker", True, f"{host}, API {version}", needed=False)


def _limits() -> Check:
    """Which tier of limits there is, and what it holds less strictly than it says."""
    from msh.limits import KINDS
    from msh.sandbox.limits.demands import NAMES, cure
    from msh.sandbox.limits.tiers import detect, gap

    found = detect()
    gaps = {name: words for name in KINDS if (words := gap(found, name, run=True))}
    detail = NAMES[found.name]
    if gaps:
        detail += "; less than it says: " + ", ".join([f"{name} ({words})" for name, words in gaps.items()])
    return Check("limits", not {"memory", "cpu", "pids"} & gaps.keys(), detail, cure(found), needed=False)


def _defaults() -> Check:
    """What bounds a step that nobody has bounded: what costs nothing, of backends where it can be had."""
    from msh.limits import DEFAULTS, written
    from msh.sandbox.kernel import PIDS, has

    held = os.geteuid() != 0 and has(PIDS)
    bounds = f"{written(DEFAULTS.items())} of each step of `--backend native`, else none" if held else "none"
    return Check("default limits", True, f"{bounds}; `--limit` sets them for a run", needed=False)


def _output(argv: list[str]) -> tuple[int, str]:
    read, write = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, write, 1), (os.POSIX_SPAWN_DUP2, write, 2)]
    pid = os.posix_spawn(argv[0], argv, {}, file_actions=actions)
    os.close(write)
    with open(read, "rb") as file:
        text = file.read().decode("utf-8", "replace")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text
