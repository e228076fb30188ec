"""The hosts that are tried, and what is run on each. A step is good when its status is 0."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote

TESTS = "python3 -m pytest -p pytest_timeout -p no:cacheprovider --maxfail=20 --color=no"
GROUPS = """
mount -t cgroup2 none /sys/fs/cgroup
echo '+memory +pids +cpu +io' >/sys/fs/cgroup/cgroup.subtree_control
"""
#: What systemd does for `Delegate=yes`: the directory is the user's, and so are the files that move processes.
DELEGATED = f"""{GROUPS}
top=/sys/fs/cgroup/delegated
mkdir $top
echo '+memory +pids +cpu +io' >$top/cgroup.subtree_control
mkdir $top/tests
for place in $top $top/tests; do
    chown 1000 $place $place/cgroup.procs $place/cgroup.subtree_control $place/cgroup.threads
done
"""
#: What `msh doctor` tells to start a container with.
CURED = tuple([f"--security-opt={name}=unconfined" for name in ("seccomp", "apparmor", "systempaths")])
JOIN = "echo $$ >/sys/fs/cgroup/delegated/tests/cgroup.procs; "


@dataclass(frozen=True)
class Step:
    """`command` is for sh, in the project; `joins` the delegated group first."""

    name: str
    user: str
    command: str
    joins: bool = False
    options: tuple[str, ...] = ()  # of `docker run`


@dataclass(frozen=True)
class Host:
    """A kernel of a Debian release on an architecture, and what was done to it before the steps.

    Without an architecture it is a container, each step in one of its own.
    """

    name: str
    summary: str
    steps: tuple[Step, ...]
    prepare: str = ""
    suite: str = "bookworm"
    architecture: str = "amd64"
    words: str = ""  # on the kernel's command line
    seconds: float = 1200


LIMITS = f"{TESTS} tests/integration/test_limits*.py tests/unit/sandbox/test_limit_tiers.py"
ATTACKS = f"{TESTS} tests/integration/test_escape_steps.py tests/unit/sandbox/test_seccomp.py"
THROUGHPUT = f"TMPDIR=/disk {TESTS} tests/integration/test_limits_files.py -k throughput_of"
M = "python3 -m msh"
DOCTOR = f"{M} doctor"
SCOPE = "systemd-run --user --scope -p Delegate=yes"
HOG = 'python3 -c "bytearray(1 << 30)"'
MEASURE = "python3 bench/limits.py 20"
#: Those that a table of system calls holds, on both backends.
CALLS = f"{ATTACKS} -k 'calls or low_half or unix_sockets or capability or helper or seccomp'"
WITHOUT = f"{TESTS} tests/hosts/guest/without_namespaces.py"
OLD = f"{TESTS} tests/hosts/guest/old_kernel.py"
CONTAINED = f"{TESTS} tests/hosts/guest/in_container.py"

HOSTS = (
    Host(
        "v2",
        "cgroup v2 alone",
        (
            Step("doctor-root", "root", DOCTOR),
            Step("throughput-root", "root", THROUGHPUT),
            Step("limits-root", "root", LIMITS),
            Step("ends-root", "root", MEASURE),
            Step("doctor-user", "user", DOCTOR, joins=True),
            Step("limits-user", "user", LIMITS, joins=True),
            Step("ends-user", "user", MEASURE, joins=True),
            Step("ends-user-native", "user", f"{MEASURE} native", joins=True),
        ),
        DELEGATED,
    ),
    Host(
        "systemd",
        "systemd on cgroup v2: what is told to a user who has no cgroups",
        (
            Step("refused", "user", f"{M} --limit memory=60m -c true 2>&1 | grep -F '{SCOPE}'"),
            Step("scope", "user", f"{SCOPE} {DOCTOR} | grep 'cgroup v2, delegated'"),
            Step("limits", "user", f"{SCOPE} {M} --limit memory=60m,pids=30 -c {quote(HOG)} 2>&1 | grep MSH431"),
            Step("root", "root", f"{M} --limit memory=60m,pids=30 -c {quote(HOG)} 2>&1 | grep MSH431"),
        ),
        "export XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus",
        words="manager=systemd",
    ),
    Host(
        "nouserns",
        "no user namespace can be made",
        (Step("refusals", "root", WITHOUT),),
        "sysctl -q -w user.max_user_namespaces=0",
    ),
    Host(
        "noclone",
        "only root may make user namespaces",
        (Step("refusals", "root", WITHOUT), Step("attacks-root", "root", f"{ATTACKS} -k root")),
        "sysctl -q -w kernel.unprivileged_userns_clone=0",
    ),
    Host(
        "old",
        "Linux 5.10, no cgroups",
        (
            Step("doctor", "user", DOCTOR),
            Step("old-kernel", "root", OLD),
            Step("attacks", "root", f"{ATTACKS} -k 'not native'"),
        ),
        suite="bullseye",
    ),
    Host(
        "aarch64",
        "another architecture's system calls",
        (
            Step("doctor", "user", DOCTOR),
            Step("calls", "root", CALLS),
            Step("calls-user", "user", CALLS),
            Step("attacks", "root", ATTACKS),
        ),
        architecture="arm64",
        seconds=3600,
    ),
    Host(
        "container",
        "Docker containers of an ordinary user",
        (
            Step("root", "0", CONTAINED),
            Step("user", "1000", CONTAINED),
            Step("cured", "1000", f"{DOCTOR} && python3 -m msh -c 'echo x | tr x y'", options=CURED),
            Step("cured-attacks", "1000", f"{ATTACKS} -k 'not native'", options=CURED),
        ),
        architecture="",
    ),
)


def script(host: Host) -> str:
    """What runs on it."""
    lines = [host.prepare]
    for step in host.steps:
        if step.joins:  # by root, before the user is set: moving a process needs rights to where it comes from
            lines += ["(", JOIN]
        lines.append(f"step {step.name} {step.user} {quote(step.command)}")
        if step.joins:
            lines.append(")")
    return "\n".join(lines) + "\n"
