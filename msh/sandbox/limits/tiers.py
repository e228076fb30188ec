"""Who holds limits here: found out once a process, by looking, never assumed from a version.

    cgroup2   a directory of the unified hierarchy whose children get controllers, and that this user may use
    cgroup1   directories of the old hierarchies, each of which has one controller or some
    rlimits   setrlimit(2): of each process, so weaker for memory, processor time and processes

A mixed host (v2 mounted, controllers still in v1) is cgroup1. What each tier cannot hold is `gap`.
"""

from __future__ import annotations

import os

from msh.record import Record
from msh.sandbox.kernel import PIDS, has

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: The controller that a limit needs; the others need none.
CONTROLLERS = {"memory": "memory", "cpus": "cpu", "pids": "pids", "throughput": "io"}
_ESSENTIAL = ("memory", "pids")
_OLD = {"memory": "memory", "cpu": "cpu", "cpuacct": "cpuacct", "pids": "pids", "blkio": "io"}


class Tier(Record):
    """`places` are pairs: a controller and the directory in which groups with it are made.

    In cgroup2 it is one directory for all. `alone`: it is this process's own, so its processes move to a leaf of it
    before its children can have controllers.
    """

    name: str
    places: tuple[tuple[str, str], ...] = ()
    alone: bool = False

    def has(self, controller: str) -> bool:
        """Whether groups of this tier have a controller."""
        return any(name == controller for name, _ in self.places)


RLIMITS = Tier("rlimits")
CONTAINERS = Tier("docker")  # a container's limits are held by its Engine
_CONTAINER_GAPS = {
    "cpu": "each process of a container has its own",
    "throughput": "an Engine does not say what it can hold",
}
_SHARED = ("memory", "cpus", "pids", "disk")  # of a run: each container has its own
_found: dict[str, Tier] = {}


def tier(proc: str = "/proc") -> Tier:
    """The best tier that this process has; looked up once."""
    known = _found.get(proc)
    if known is None:
        known = _found[proc] = detect(proc)
    return known


def detect(proc: str = "/proc") -> Tier:
    """The same, looked up now."""
    own = dict(_own_groups(proc))
    mounts = list(_mounts(proc))
    found = _unified(own, mounts) or _separate(own, mounts)
    return RLIMITS if found is None else found


def gap(tier: Tier, name: str, *, run: bool) -> str:
    """What a limit lacks on this tier, empty when it holds as it says. `run`: of a run, else of one step."""
    controller = CONTROLLERS.get(name, "")
    if tier == CONTAINERS:
        each = "each container has its own, not the run as a whole" if run and name in _SHARED else ""
        return _CONTAINER_GAPS.get(name, each)
    if tier.name == "cgroup1" and name == "throughput" and tier.has("io"):
        return "cgroup v1 slows down reading and direct writing, not what the kernel writes later"
    if name == "cpu" and not tier.has("cpuacct"):
        return "each process has its own; those of its children are not added up"
    if not controller or tier.has(controller):
        return ""
    if name == "memory":
        return "each process has its own, and address space counts as memory"
    if name == "pids" and _counts_processes():
        return "each step has its own, and the script's shells have none" if run else ""
    return "nothing here can hold it"


def _counts_processes() -> bool:
    """Whether RLIMIT_NPROC bounds a sandbox of this user: of uid 0 of the whole machine it does not (setrlimit(2))."""
    if not has(PIDS):
        return False
    if os.geteuid() != 0:
        return True
    try:
        with open("/proc/self/uid_map") as file:
            return all(line.split()[:2] != ["0", "0"] for line in file)
    except OSError:
        return False


def block_devices() -> list[str]:
    """Numbers (`8:0`) of the disks that are whole devices."""
    found = []
    try:
        for name in os.listdir("/sys/block"):
            if not name.startswith(("loop", "ram", "zram", "dm-", "md")):
                with open(f"/sys/block/{name}/dev") as file:
                    found.append(file.read().strip())
    except OSError:
        return found
    return found


# ---- what /proc says ------------------------------------------------------------


def _own_groups(proc: str) -> Iterator[tuple[str, str]]:
    """Pairs of a controller (empty for the unified hierarchy) and this process's path in its hierarchy."""
    try:
        with open(f"{proc}/self/cgroup") as file:
            for line in file:
                _, names, path = line.rstrip("\n").split(":", 2)
                for name in names.split(","):
                    yield name, path
    except (OSError, ValueError):
        return


def _mounts(proc: str) -> Iterator[tuple[str, str, str, frozenset[str]]]:
    """Cgroup mounts: type, root, mount point, options of the file system (proc_pid_mountinfo(5))."""
    try:
        with open(f"{proc}/self/mountinfo") as file:
            for line in file:
                left, _, right = line.partition(" - ")
                kind, _, options = right.split(" ", 2)
                if kind in ("cgroup", "cgroup2"):
                    words = left.split(" ")
                    yield kind, words[3], _unescaped(words[4]), frozenset(options.rstrip("\n").split(","))
    except (OSError, ValueError, IndexError):
        return


def _unescaped(path: str) -> str:
    return path.encode().decode("unicode_escape") if "\\" in path else path


def _inside(root: str, point: str, path: str) -> str:
    """Where a group's directory is; a container's mount may show a part of the hierarchy only, or another part."""
    if path == root or root == "/":
        relative = path if root == "/" else "/"
    elif path.startswith(root + "/"):
        relative = path[len(root) :]
    else:
        relative = "/"
    return (point + relative).rstrip("/")


# ---- cgroup v2 --------------------------------------------------------------------


def _unified(own: dict[str, str], mounts: list[tuple[str, str, str, frozenset[str]]]) -> Tier | None:
    """The nearest directory, from this process's own upwards, that hands controllers on and that it may use."""
    mount = next((mount for mount in mounts if mount[0] == "cgroup2"), None)
    if mount is None or "" not in own:
        return None
    _, root, point, _ = mount
    directory = start = _inside(root, point, own[""])
    while directory.startswith(point):
        if _usable(directory):
            handed_on = _words(f"{directory}/cgroup.subtree_control")
            if set(_ESSENTIAL) <= handed_on:
                return _two(directory, handed_on)
        directory = os.path.dirname(directory)
    available = _words(f"{start}/cgroup.controllers")
    if _usable(start) and set(_ESSENTIAL) <= available and _words(f"{start}/cgroup.procs") <= {str(os.getpid())}:
        return _two(start, available, alone=True)
    return None


def _two(directory: str, controllers: set[str], *, alone: bool = False) -> Tier:
    names = sorted(controllers.intersection(CONTROLLERS.values()) | {"cpuacct"})  # cpu.stat is always there
    return Tier("cgroup2", tuple([(name, directory) for name in names]), alone)


def _usable(directory: str) -> bool:
    return os.access(directory, os.W_OK) and os.access(f"{directory}/cgroup.procs", os.W_OK)


def _words(path: str) -> set[str]:
    try:
        with open(path) as file:
            return set(file.read().split())
    except OSError:
        return set()


# ---- cgroup v1 --------------------------------------------------------------------


def _separate(own: dict[str, str], mounts: list[tuple[str, str, str, frozenset[str]]]) -> Tier | None:
    places: dict[str, str] = {}
    for kind, root, point, options in mounts:
        for name in options.intersection(_OLD) if kind == "cgroup" else ():
            directory = _inside(root, point, own.get(name, "/"))
            if _usable(directory):
                places[_OLD[name]] = directory
    if not set(_ESSENTIAL) <= places.keys():
        return None
    return Tier("cgroup1", tuple(sorted(places.items())))
