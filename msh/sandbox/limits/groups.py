"""Cgroups of a run and its steps, the same for v1 (a directory in each hierarchy) and v2 (one directory).

A run's group is `msh-<pid>-<start time>` below this process's own; its shells are in `shell` of it, its steps in
`step-…`. The name says whose it is, so a later run can tell what a killed one left: such groups are empty, since no
process of a run outlives it, and are removed (`remove_stale`); a group with processes is never touched.
"""

from __future__ import annotations

import errno
import os
import signal
import time

from msh.record import Record
from msh.sandbox.backend import process_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from msh.sandbox.limits.tiers import Tier

PREFIX = "msh-"
_PERIOD = 100_000  # microseconds, in which a share of the processors is given
_PATIENCE = 2.0  # seconds for killed processes to be gone


class Counters(Record):
    """What a group has counted. Kills and refused forks only ever rise; memory is the peak in bytes, cpu seconds."""

    killed: int = 0
    refused: int = 0
    memory: int | None = None
    cpu: float | None = None


class Group:
    """One cgroup: `directories` by controller; in v2 they are all the same. `shared` are those of the group above."""

    def __init__(self, tier: Tier, directories: Mapping[str, str], shared: Iterable[str] = ()) -> None:
        self.tier = tier
        self.directories = dict(directories)
        self.shared = frozenset(shared)
        self._old = tier.name == "cgroup1"

    @property
    def unique(self) -> tuple[str, ...]:
        """Its directories, each once."""
        return tuple(dict.fromkeys(self.directories.values()))

    # ---- making ------------------------------------------------------------------

    def child(self, name: str, *, throttled: bool = False) -> Group:
        """A new group below, which has a throttle of its own if it is to be `throttled`. Raises OSError."""
        throttle = "" if throttled else self._throttle()
        own = {controller: place for controller, place in self.directories.items() if place != throttle}
        return make(self.tier, own, name)._throttled_by(throttle)

    def below(self, name: str) -> Group:
        """The group of that name that was made below."""
        places = {controller: f"{place}/{name}" for controller, place in self.directories.items()}
        return Group(self.tier, places)._throttled_by(self._throttle())

    def _throttle(self) -> str:
        """The directory that groups below share, empty when there is none: in v1 a throttle counts the processes of its
        own group and none below.
        """
        place = self.directories.get("io", "")
        return place if self._old and list(self.directories.values()).count(place) == 1 else ""

    def _throttled_by(self, place: str) -> Group:
        return Group(self.tier, {**self.directories, "io": place}, [place]) if place else self

    def hand_on(self) -> None:
        """Let the groups below have controllers (v2: then no process may be in this one)."""
        if not self._old:
            names = sorted(set(self.directories) - {"cpuacct"})
            _write(f"{self.unique[0]}/cgroup.subtree_control", " ".join([f"+{name}" for name in names]))

    def give_to(self, uid: int) -> None:
        """Let a user make groups below and move its processes between them; the limits of this one stay ours."""
        for directory in self.unique:
            os.chown(directory, uid, -1)
            for name in ("cgroup.procs", "tasks", "cgroup.subtree_control"):
                if os.path.exists(f"{directory}/{name}"):
                    os.chown(f"{directory}/{name}", uid, -1)

    def limit(self, bounds: Mapping[str, float], devices: Iterable[str] = ()) -> None:
        """Set what is bounded; a name that no controller holds is somebody else's care. Raises OSError."""
        if (memory := bounds.get("memory")) is not None and "memory" in self.directories:
            self._limit_memory(int(memory))
        if (pids := bounds.get("pids")) is not None and "pids" in self.directories:
            _write(f"{self.directories['pids']}/pids.max", str(int(pids)))
        if (cpus := bounds.get("cpus")) is not None and "cpu" in self.directories:
            directory, quota = self.directories["cpu"], max(1000, int(cpus * _PERIOD))
            if self._old:
                _write(f"{directory}/cpu.cfs_period_us", str(_PERIOD))
                _write(f"{directory}/cpu.cfs_quota_us", str(quota))
            else:
                _write(f"{directory}/cpu.max", f"{quota} {_PERIOD}")
        if (rate := bounds.get("throughput")) is not None and "io" in self.directories:
            self._limit_throughput(int(rate), devices)

    def _limit_memory(self, size: int) -> None:
        directory = self.directories["memory"]
        if self._old:
            _write(f"{directory}/memory.limit_in_bytes", str(size))
            _write_if_there(f"{directory}/memory.memsw.limit_in_bytes", str(size))
        else:
            _write(f"{directory}/memory.max", str(size))
            _write_if_there(f"{directory}/memory.swap.max", "0")

    def end_together(self) -> None:
        """Let an out-of-memory kill end all of this group (v2; in v1 the kernel kills one process)."""
        if not self._old and "memory" in self.directories:
            _write_if_there(f"{self.unique[0]}/memory.oom.group", "1")

    def _limit_throughput(self, rate: int, devices: Iterable[str]) -> None:
        directory = self.directories["io"]
        for device in devices:
            if self._old:
                for way in ("read", "write"):
                    _write(f"{directory}/blkio.throttle.{way}_bps_device", f"{device} {rate}")
            else:
                _write(f"{directory}/io.max", f"{device} rbps={rate} wbps={rate}")

    # ---- using -------------------------------------------------------------------

    def join(self, pid: int) -> None:
        """Move a process here; 0 is this one. Raises OSError."""
        for directory in self.unique:
            _write(f"{directory}/cgroup.procs", str(pid))

    def counters(self) -> Counters:
        """What was counted up to now. What cannot be read counts as nothing."""
        memory, pids = self.directories.get("memory", ""), self.directories.get("pids", "")
        if self._old:
            killed = _field(f"{memory}/memory.oom_control", "oom_kill")
            peak = _number(f"{memory}/memory.max_usage_in_bytes")
        else:
            killed = _field(f"{memory}/memory.events", "oom_kill")
            peak = _number(f"{memory}/memory.peak")
        return Counters(killed or 0, _field(f"{pids}/pids.events", "max") or 0, peak, self.cpu())

    def cpu(self) -> float | None:
        """Seconds of processor time of all that is or was in here."""
        directory = self.directories.get("cpuacct")
        if directory is None:
            return None
        if self._old:
            nanoseconds = _number(f"{directory}/cpuacct.usage")
            return None if nanoseconds is None else nanoseconds / 1e9
        microseconds = _field(f"{directory}/cpu.stat", "usage_usec")
        return None if microseconds is None else microseconds / 1e6

    def processes(self) -> list[int]:
        """The pids in here and below."""
        directory = self.directories.get("pids") or self.unique[0]
        found: list[int] = []
        for below in [directory, *_below(directory)]:
            try:
                with open(f"{below}/cgroup.procs") as file:
                    found += [int(line) for line in file]
            except OSError:
                continue  # it was removed meanwhile
        return found

    def kill(self) -> None:
        """End everything in here and below; returns when it is gone, or does not go."""
        end = time.monotonic() + _PATIENCE
        at_once = f"{self.unique[0]}/cgroup.kill"
        while (found := self._living()) and time.monotonic() < end:
            if self._old or not _write_if_there(at_once, "1"):
                for pid in found:
                    if pid > 1:  # 0 is a process of another pid namespace
                        _kill(pid)
            time.sleep(0.002)

    def _living(self) -> list[int]:
        """Those that have not ended: who waits for them may be the one who asks."""
        return [pid for pid in self.processes() if process_state(pid) not in "ZX"]

    def remove(self) -> None:
        """Remove it and what is below; silent about what is still in use."""
        for directory in self.unique:
            if directory not in self.shared:
                remove_tree(directory)


def make(tier: Tier, places: Mapping[str, str], name: str) -> Group:
    """A new group of a name in these directories. Raises OSError."""
    made: dict[str, str] = {}
    for controller, place in places.items():
        directory = f"{place}/{name}"
        if directory not in made.values():
            os.mkdir(directory)
        made[controller] = directory
    return Group(tier, made)


def run_group(tier: Tier) -> Group:
    """The group of a run that this process keeps. Raises OSError."""
    places = dict(tier.places)
    prepare(tier)
    group = make(tier, places, f"{PREFIX}{os.getpid()}-{start_time(os.getpid())}")
    group.hand_on()
    return group


_prepared: set[int] = set()  # pids of processes that have


def prepare(tier: Tier) -> None:
    """Before the first group: remove what killed runs left, and in a group of our own make room for those below."""
    if os.getpid() in _prepared:
        return
    _prepared.add(os.getpid())
    remove_stale(tier)
    places = dict(tier.places)
    if tier.alone and not os.path.isdir(f"{places['memory']}/keeper"):
        make(tier, places, "keeper").join(0)
        Group(tier, places).hand_on()


def remove_stale(tier: Tier) -> int:
    """Remove the groups that killed runs left behind; how many there were."""
    removed = 0
    for place in dict.fromkeys([place for _, place in tier.places]):
        try:
            names = os.listdir(place)
        except OSError:
            continue
        for name in names:
            if name.startswith(PREFIX) and not _is_alive(name) and remove_tree(f"{place}/{name}"):
                removed += 1
    return removed


def remove_all_stale() -> None:
    """The same in every place that this process may use: called when a killed run has left something else."""
    from msh.sandbox.limits.tiers import tier

    with as_root():
        remove_stale(tier())


class as_root:
    """A run that became its workspace's owner is root again for what only root may do to cgroups; gives its user."""

    def __enter__(self) -> int:
        self.user = os.geteuid()
        if self.user != 0 and os.getresuid()[2] == 0:
            os.seteuid(0)
        return self.user

    def __exit__(self, *_: object) -> None:
        if os.geteuid() != self.user:
            os.seteuid(self.user)


def _is_alive(name: str) -> bool:
    pid, _, began = name.removeprefix(PREFIX).partition("-")
    return not pid.isdigit() or not began.isdigit() or start_time(int(pid)) == int(began)


def start_time(pid: int) -> int:
    """When a process began, in clock ticks since the machine did (proc_pid_stat(5)); 0 when there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b") ")[2].split()[19])
    except (OSError, IndexError):
        return 0


def remove_tree(directory: str) -> bool:
    """Remove a group and those below it; whether it is gone. One that holds processes stays."""
    for below in reversed(_below(directory)):
        _rmdir(below)
    return _rmdir(directory)


def _rmdir(directory: str) -> bool:
    end, pause = time.monotonic() + 0.2, 0.0001
    while True:
        try:
            os.rmdir(directory)
            return True
        except FileNotFoundError:
            return True
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > end or _has_processes(directory):
                return False
        time.sleep(pause)  # an ended process is counted until the kernel has let go of it
        pause *= 2


def _has_processes(directory: str) -> bool:
    try:
        with open(f"{directory}/cgroup.procs") as file:
            return bool(file.read())
    except OSError:
        return False


def _below(directory: str) -> list[str]:
    """The groups below, outer ones first."""
    found = []
    for top, names, _ in os.walk(directory):
        found += [f"{top}/{name}" for name in names]
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return


def _write(path: str, text: str) -> None:
    number = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(number, text.encode())
    finally:
        os.close(number)


def _write_if_there(path: str, text: str) -> bool:
    try:
        _write(path, text)
    except OSError:
        return False
    return True


def _number(path: str) -> int | None:
    try:
        with open(path) as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def _field(path: str, name: str) -> int | None:
    """The number after a name at the beginning of a line."""
    try:
        with open(path) as file:
            for line in file:
                words = line.split()
                if len(words) == 2 and words[0] == name and words[1].isdigit():
                    return int(words[1])
    except OSError:
        return None
    return None
