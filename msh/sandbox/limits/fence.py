"""One step under its limits: what it joins and inherits before its program begins, who watches it, what its end was."""

from __future__ import annotations

import os
import resource
import signal
import stat
import time
from functools import partial

from msh.sandbox.backend import Controls
from msh.sandbox.limits import keeper
from msh.sandbox.limits.clock import Watch, channel, request, take_verdict, write_verdict
from msh.sandbox.limits.demands import refuse_gaps
from msh.sandbox.limits.groups import Counters, Group, as_root, make, prepare, start_time
from msh.sandbox.limits.tiers import CONTAINERS, block_devices, tier
from msh.sandbox.limits.verdict import KILLED, Evidence, explain, judge
from msh.sandbox.policy import NO_LIMITS, Limits, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from msh.config import Settings
    from msh.sandbox.backend import Process
    from msh.sandbox.limits.growth import Growth
    from msh.sandbox.limits.meter import Meter
    from msh.sandbox.policy import Outcome, Policy
    from msh.sandbox.runtime import Runtime

_GROUPED = ("memory", "cpu", "cpus", "pids", "throughput")
_HELPERS = 2  # processes of bubblewrap that are in a step's group
#: What rlimits get besides: so that a full /tmp says so before the limit of a file's size ends its writer; the process
#: that is 1 in a sandbox.
_MORE = {"disk": keeper.OVER, "pids": 1}
_numbers: dict[int, int] = {}  # pid → how many groups this process has made


def bounds_of(limits: Limits) -> dict[str, float]:
    """Those that are set."""
    return {name: value for name in limits.__match_args__ if (value := getattr(limits, name)) is not None}


def fenced(
    policy: Policy,
    settings: Settings,
    runtime: Runtime,
    fds: Mapping[int, int],
    start: Callable[[Controls, Mapping[int, int]], Process],
    *,
    container: bool = False,
) -> Process:
    """Start a step under its limits and those of the run; `start` takes what holds it and its descriptors.

    Raises MshError MSH456 for what this host cannot hold.
    """
    fence = Fence(policy, settings, runtime, container=container)
    try:
        process = start(fence.controls, fence.placed(fds))
        fence.watch(process)
    except BaseException:
        fence.remove()
        raise
    process.follow(lambda outcome: fence.ended(process, outcome))
    return process


class Fence:
    """The limits of one step, from before its start to after its end."""

    def __init__(self, policy: Policy, settings: Settings, runtime: Runtime, *, container: bool = False) -> None:
        """With `container` an Engine holds what is not counted or timed here."""
        self.tier = CONTAINERS if container else tier()
        self.own = bounds_of(policy.limits)
        self.run = dict(settings.limits)
        if settings.timeout is not None:
            self.run["time"] = settings.timeout
        self.name = policy.argv[0]
        refuse_gaps(self.tier, tuple(self.own.items()), settings.allow_weaker, run=False, who=self.name)
        if container:
            refuse_gaps(self.tier, settings.limits, settings.allow_weaker, run=True)
        self._began = time.monotonic()
        self._tmp = runtime.tmp if "disk" in self.run and not container else ""
        number = _numbers[os.getpid()] = _numbers.get(os.getpid(), 0) + 1
        self._verdict = os.path.join(runtime.path, f"reason-{os.getpid()}-{number}")
        self._group = self._make_group(number)
        self._shared = keeper.current.group if keeper.current is not None else None
        self._base = Counters() if self._shared is None else self._shared.counters()
        self._shells = keeper.shells(self._shared) if self._shared is not None and "memory" in self.run else None
        self._killed = self._killed_shells()
        self._rlimits = {} if container else dict(self._of_each_process())
        self._meter: Meter | None = None
        self._writable = tuple([mount.source for mount in policy.mounts if mount.writable and mount.source])
        self._growth: Growth | None = None

    def _make_group(self, number: int) -> Group | None:
        """A group of its own, where a limit needs one or would else not be told from another step's."""
        if not self.tier.places or not any(name in self.own or name in self.run for name in _GROUPED):
            return None
        bounds = dict(self.own)
        if "pids" in bounds:
            bounds["pids"] += _HELPERS
        this = keeper.current
        with as_root() as user:
            if this is not None and this.group is not None:
                group = this.group.child(f"step-{os.getpid()}-{number}", throttled="throughput" in bounds)
            else:
                prepare(self.tier)
                name = f"msh-{os.getpid()}-{start_time(os.getpid())}-{number}"
                group = make(self.tier, dict(self.tier.places), name)
            group.limit(bounds, block_devices() if "throughput" in bounds else ())
            group.end_together()
            if user != os.geteuid():
                group.give_to(user)
        return group

    def _of_each_process(self) -> Iterator[tuple[str, tuple[int, int, int]]]:
        """What setrlimit(2) holds: by name, the tightest of the step's and the run's."""
        least = {name: min(value, self.run.get(name, value)) for name, value in {**self.run, **self.own}.items()}
        grouped = self._group is not None
        kinds = {"files": resource.RLIMIT_NOFILE, "disk": resource.RLIMIT_FSIZE}
        if not grouped:
            kinds |= {"memory": resource.RLIMIT_AS, "cpu": resource.RLIMIT_CPU, "pids": resource.RLIMIT_NPROC}
        for name, number in kinds.items():
            if name in least:
                value = int(-(-least[name] // 1)) + _MORE.get(name, 0)
                soft, hard = resource.getrlimit(number)  # the script may have set less (`ulimit`)
                most = _least(value + 1 if name == "cpu" else value, hard)
                yield name, (number, _least(value, soft, most), most)

    @property
    def controls(self) -> Controls:
        """What the step is started with."""
        return Controls(tuple(self._rlimits.values()), self._group.unique if self._group is not None else ())

    def placed(self, fds: Mapping[int, int]) -> Mapping[int, int]:
        """The step's descriptors, through a meter if its output is limited. What it may write to is looked at now."""
        if "disk" in self.own:
            self._grows(fds)
        limit = self.own.get("output")
        if limit is None:
            return fds
        from msh.sandbox.limits.meter import Meter

        self._meter = Meter({number: fds[number] for number in (1, 2) if number in fds}, int(limit))
        return {**fds, **self._meter.places}

    def _grows(self, fds: Mapping[int, int]) -> None:
        from msh.sandbox.limits.growth import Growth

        opened = [os.readlink(f"/proc/self/fd/{ours}") for ours in fds.values() if _may_grow(ours)]
        self._growth = Growth([*self._writable, *opened], int(self.own["disk"]) + keeper.SLACK)
        if self._growth.places:
            self._growth.write(f"{self._verdict}-growth")

    def watch(self, process: Process) -> None:
        """It has been started: have it watched, if there is something to watch."""
        if self._meter is not None:
            self._meter.begin(partial(end_step, self._verdict, process.pid, start_time(process.pid)))
        if process.pid == 0:
            return
        deadline = self._began + self.own["time"] if "time" in self.own else -1.0
        cpu = self.own.get("cpu", -1.0) if self._group is not None else -1.0
        growth = f"{self._verdict}-growth" if self._growth is not None and self._growth.places else ""
        if deadline < 0 and cpu < 0 and not growth:
            return
        group = tuple(self._group.directories.items()) if self._group is not None else ()
        pid = process.pid
        watch = Watch(pid, start_time(pid), deadline, cpu, self.tier.name, group, self._verdict, growth)
        this = keeper.current
        request(channel() if this is None else this.channel, watch)

    def ended(self, process: Process, outcome: Outcome) -> Outcome:
        """What the end was, with what was used; its group is removed."""
        counters = self._counted()
        if self._meter is not None:
            self._meter.wait()
        evidence = Evidence(
            verdict=take_verdict(self._verdict),
            # It has not used it alone: when who started it was ended for the run's memory, it was ended with that.
            killed=counters.killed or (outcome.status == KILLED and self._killed_shells() - self._killed),
            refused=counters.refused,
            full=bool(self._tmp) and is_full(self._tmp),
            grown=self._has_grown(),
            own=frozenset(self._rlimits),
            untold=frozenset(self._rlimits).intersection(_untold(outcome.status)),
        )
        judged = judge(outcome.status, evidence) if outcome.kind in ("exit", "signal") else outcome
        usage = outcome.usage or Usage(wall=time.monotonic() - self._began)
        if self._group is not None:
            usage = usage.replace(memory=counters.memory, cpu=counters.cpu)
        if judged.kind != "invalid":  # else it was not the step that ended
            process.reason = explain(judged, f"`{self.name}`", self.own, self.run)
        held = self.tier.name if self._group is not None or self.tier == CONTAINERS else "rlimits"
        return judged.replace(usage=usage, tier=held)

    def _has_grown(self) -> bool:
        """Whether what it may write to has grown beyond its limit, seen or not while it ran."""
        if self._growth is None or not self._growth.places:
            return False
        os.unlink(f"{self._verdict}-growth")
        return self._growth.bytes() > self._growth.limit

    def _counted(self) -> Counters:
        if self._group is None:
            return Counters()
        counters = self._group.counters()
        self.remove()
        if self._shared is not None and self.tier.name == "cgroup2":  # v1 counts them in the step's own group
            refused = self._shared.counters().refused - self._base.refused
            counters = counters.replace(refused=counters.refused + refused)
        return counters

    def _killed_shells(self) -> int:
        """How many processes of the run that are no step's were ended for want of memory."""
        return 0 if self._shells is None else self._shells.counters().killed

    def remove(self) -> None:
        """Remove its group, with whatever might be left in it."""
        if self._meter is not None:
            self._meter.close()
        if self._group is not None:
            with as_root():
                self._group.kill()
                self._group.remove()


def _may_grow(number: int) -> bool:
    """Whether a descriptor is that of a file and open for writing."""
    import fcntl

    return stat.S_ISREG(os.fstat(number).st_mode) and fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY


def _least(*values: int) -> int:
    """The smallest of rlimits, of which -1 is none."""
    return min([value for value in values if value != resource.RLIM_INFINITY])


def end_step(verdict: str, pid: int, began: int) -> None:
    """A meter's: end a step that has printed too much."""
    write_verdict(verdict, "output")
    if pid > 0 and start_time(pid) == began:
        os.kill(pid, signal.SIGKILL)


def _untold(status: int) -> tuple[str, ...]:
    """The rlimits whose hits leave no trace; who ignores SIGXCPU is killed in the end."""
    return ("memory", "pids", "cpu") if status == KILLED else ("memory", "pids")


def is_full(path: str) -> bool:
    """Whether a file system has no room left, or no names."""
    found = os.statvfs(path)
    return found.f_bfree == 0 or (found.f_files > 0 and found.f_ffree == 0)


def in_container(limits: Limits, settings: Settings) -> Limits:
    """What an Engine is told to hold: the tightest of the container's own and the run's. The rest is held here."""
    from msh.limits import tightest

    bounds = tightest(bounds_of(limits).items(), settings.limits)
    return NO_LIMITS.replace(**{name: value for name, value in bounds if name not in ("time", "output", "throughput")})
