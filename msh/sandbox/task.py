"""task: the backend for workers on Lambda and Fargate, where no user namespace can be made.

There the microVM and its role are the wall; this backend keeps what can be kept without namespaces (`supervisor.py`
says how a step is started): no new privileges and no capability, our system-call filter, Landlock where the kernel has
it, no descriptor and no variable but the step's, and the end of all its processes with it. What that leaves open is
`GAPS`: data that `msh check --target aws` prints and docs/security.md lists. It is weaker than bubblewrap, so nobody
gets it by asking: a worker says so in its `Settings`.
"""

from __future__ import annotations

import errno
import os
import signal

from msh.diagnostics import Diagnostic, MshError
from msh.record import Record
from msh.sandbox import confine, landlock
from msh.sandbox.backend import NO_CONTROLS, Base, Controls, Pin, Plan, Process, require
from msh.sandbox.descriptors import complete, file_actions, keep
from msh.sandbox.policy import Mount
from msh.sandbox.seccomp import compile_filter
from msh.sandbox.supervisor import END, PLACE, Start, parent_of, supervise
from msh.sandbox.view import open_real

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from msh.sandbox.backend import Gap as PolicyGap
    from msh.sandbox.policy import Policy
    from msh.sandbox.runtime import Runtime


class Gap(Record):
    """Something that bubblewrap enforces and this backend does not. `landlock` says whether Landlock closes it."""

    topic: str
    text: str
    landlock: bool = False


GAPS = (
    Gap("files", "a step can open every file that the worker's user can open, whether it names it or not", True),
    Gap("read-only files", "a step can change the mode of a file that the worker's user owns, however it was granted"),
    Gap("/tmp", "/tmp is the worker's own and shared by all steps, and so is the workspace below it"),
    Gap("/etc, /usr", "the worker image's own files are seen, no synthetic /etc and no empty HOME"),
    Gap("devices", "a device node in a directory that was granted as a whole can be opened"),
    Gap("names", "names, sizes and times of all files of the worker can be looked at"),
    Gap("network", "a step with a network reaches all that the worker reaches, its runtime's own service included"),
    Gap("sockets", "a step without a network has no sockets at all, one with a network none of the Unix domain"),
    Gap("processes", "the command lines and states of the worker's processes can be read"),
    Gap("signals", "a step can signal other steps of its run, though not the worker", True),
    Gap("shared memory", "System V and POSIX shared memory of the worker is seen"),
    Gap("limits", "limits of memory, processor time and output hold for each process; of processes there is none"),
    Gap(
        "uid 0", "as root a step can change kernel settings below /proc/sys where they are not mounted read-only", True
    ),
)

#: Variables that carry the worker's own rights: never a step's, whoever passes them on.
_OWN = (
    "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN"
    " AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    " AWS_WEB_IDENTITY_TOKEN_FILE AWS_LAMBDA_RUNTIME_API"
).split()

#: What a step may see of the worker's own /etc: as much as of the synthetic one.
_ETC = (
    "alternatives debian_version gai.conf group host.conf hostname hosts ld.so.cache localtime magic mime.types"
    " nsswitch.conf os-release passwd protocols services shells ssl/openssl.cnf system-release timezone"
).split()
_NETWORK_ETC = ("resolv.conf", "ssl/certs", "pki/tls/certs", "pki/ca-trust", "crypto-policies")
_TREES = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/var/lang")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_LIMITS = {"memory": "RLIMIT_AS", "cpu": "RLIMIT_CPU", "files": "RLIMIT_NOFILE", "output": "RLIMIT_FSIZE"}


class TaskPlan(Plan):
    """A step to be: `readable` and `writable` are for Landlock, `limits` pairs of RLIMIT_ number and value."""

    environment: tuple[tuple[str, str], ...] = ()
    directory: Pin = Pin("/")
    readable: tuple[Pin, ...] = ()
    writable: tuple[Pin, ...] = ()
    listed: tuple[str, ...] = ()
    limits: tuple[tuple[int, int], ...] = ()


class TaskProcess(Process):
    """A step below its supervisor, which is the child that the pid names; `step` is the step's own."""

    def __init__(self, pid: int, created: tuple[str, ...], step: int) -> None:
        super().__init__(pid, created)
        self._step = step

    def signal(self, number: int) -> None:
        """To the step's process group; SIGKILL to all its processes, whatever groups they made."""
        if self.outcome is not None:
            return
        try:
            if number == signal.SIGSTOP:
                os.killpg(self._step, number)  # the supervisor could not pass it on
            else:
                os.kill(self.pid, END if number == signal.SIGKILL else number)
        except ProcessLookupError:
            return  # it ended meanwhile; `wait` says how


class Task:
    """Starts steps as confined processes of this user."""

    name = "task"
    capabilities = frozenset({"network", *[f"limits.{name}" for name in _LIMITS]})

    def __init__(self, *, abi: int | None = None) -> None:
        """`abi` is the version of Landlock to use, 0 for none; the kernel's if not given."""
        self.abi = landlock.version() if abi is None else abi
        self._ancestors: tuple[int, tuple[int, ...]] = (0, ())
        self._filters: dict[tuple[bool, tuple[int, ...]], bytes] = {}
        confine.hide()

    def close(self) -> None:
        """Nothing is held between steps."""

    def gaps(self, policy: Policy) -> tuple[PolicyGap, ...]:
        """None to be accepted here: who compiles for a worker is told of `GAPS`."""
        return ()

    def compile(self, policy: Policy, base: Base) -> Plan:
        """The step of a policy.

        Raises MshError: MSH444 for what cannot be enforced, MSH452 when the step would get the worker's credentials.
        """
        require(policy, self.name, self.capabilities)
        for name, value in policy.environment:
            if name in _OWN and value and value == os.environ.get(name):
                message = f"`{policy.argv[0]}` would get the worker's own `{name}`"
                raise MshError(Diagnostic("MSH452", message, help="a step never gets the rights of its worker"))
        mounts = [*base.mounts, *(base.network_mounts if policy.network else ()), *policy.mounts]
        mounts = [mount for mount in mounts if mount.source != base.empty]
        for mount in mounts:
            if mount.source != mount.target:
                message = (
                    f"`{policy.argv[0]}`: the backend `{self.name}` cannot show `{mount.source}` at `{mount.target}`"
                )
                raise MshError(Diagnostic("MSH444", message, help="it has no view of its own: paths are the worker's"))
        return TaskPlan(
            backend=self.name,
            words=tuple(_words(policy, mounts)),
            arguments=(policy.program, *policy.argv),
            network=policy.network,
            created=policy.created,
            environment=policy.environment,
            directory=Pin(policy.directory),
            readable=tuple([Pin(mount.source) for mount in mounts if not mount.writable]),
            writable=tuple([Pin(mount.source) for mount in mounts if mount.writable]),
            listed=policy.directories,
            limits=tuple(_limits(policy)),
        )

    def prepare(self) -> None:
        """Forks share nothing that could be made now."""

    def start(
        self,
        plan: Plan,
        fds: Mapping[int, int],
        ignored: frozenset[int] = frozenset(),
        controls: Controls = NO_CONTROLS,
    ) -> Process:
        """Fork the supervisor and wait until the step runs, or could not be started.

        Raises MshError: MSH442 when a granted path is no longer what it was, MSH451 for too many arguments, MSH453
        when the step could not be confined or executed.
        """
        assert isinstance(plan, TaskPlan)
        wanted, opened = complete(fds)
        read, report = (keep(number) for number in os.pipe())
        opened.append(report)
        try:
            start = self._prepared(plan, wanted, opened, ignored, report)
            pid, said = _forked(start, read)
        finally:
            for number in (read, *opened):
                os.close(number)
        if not said.isdigit():
            os.waitpid(pid, 0)
            raise _failure(plan, said)
        return TaskProcess(pid, plan.created, int(said))

    def _prepared(
        self, plan: TaskPlan, wanted: Mapping[int, int], opened: list[int], ignored: frozenset[int], report: int
    ) -> Start:
        """All that the supervisor needs; `opened` gets the descriptors that are to be closed afterwards."""
        directory = _pin(plan.directory.path)
        opened.append(directory)
        ruleset = -1
        if self.abi:
            ruleset = self._ruleset(plan, wanted)
            opened.append(ruleset)
        actions, spare = file_actions(wanted, ())
        opened += spare
        sources = {source for _, source, _ in actions}
        return Start(
            program=plan.arguments[0],
            argv=plan.arguments[1:],
            environment=dict(plan.environment),
            held=tuple(sorted(sources.union([directory, report], [ruleset] if ruleset >= 0 else []))),
            actions=actions,
            directory=directory,
            ruleset=ruleset,
            report=report,
            filter=self._filter(plan.network),
            limits=plan.limits,
            ignored=ignored,
        )

    def ancestors(self) -> tuple[int, ...]:
        """This process and those above it: no step may end them."""
        own = os.getpid()
        if self._ancestors[0] != own:
            found = [own]
            while len(found) < 50 and (above := parent_of(found[-1])) > 0:
                found.append(above)
            self._ancestors = (own, tuple(found))
        return self._ancestors[1]

    def _filter(self, network: bool) -> bytes:
        """For a supervisor of this process, whose pid is not known yet."""
        above = self.ancestors()
        known = self._filters.get((network, above))
        if known is None:
            machine = os.uname().machine
            known = compile_filter(machine, network=network, namespace=False, protected=(PLACE, *above))
            self._filters[network, above] = known
        return known

    def _ruleset(self, plan: TaskPlan, fds: Mapping[int, int]) -> int:
        """What Landlock allows: the base view, the grants, and the files that the step has open anyway."""
        opened: list[int] = []
        rules: list[tuple[int, int]] = []

        def allow(path: str, rights: int) -> None:
            opened.append(_pin(path))
            rules.append((opened[-1], rights))

        try:
            for pin in plan.readable:
                allow(pin.path, landlock.READING)
            for pin in plan.writable:
                allow(pin.path, landlock.WRITING)
            for path in filter(os.path.isdir, plan.listed):
                allow(path, landlock.READ_DIR)
            allow("/proc", landlock.READ_FILE | landlock.READ_DIR)
            for path in filter(os.path.exists, _DEVICES):
                allow(path, landlock.READ_FILE | landlock.WRITE_FILE)
            rules += [(ours, landlock.rights_of(ours)) for ours in fds.values()]
            return keep(landlock.ruleset(self.abi, rules))
        finally:
            for number in opened:
                os.close(number)


def worker_base(runtime: Runtime, *, network: bool) -> Base:
    """What every step of a worker sees: the worker's own programs, some of its /etc, its /tmp."""
    mounts, links = [Mount("/tmp", "/tmp", True)], []
    found = [*_TREES, *[f"/etc/{name}" for name in _ETC]]
    certificates = [f"/etc/{name}" for name in _NETWORK_ETC]
    for path in [*found, *(certificates if network else ())]:
        if os.path.islink(path):
            links.append((path, os.readlink(path)))
        elif os.path.exists(path) and os.path.realpath(path) == path:
            mounts.append(Mount(path, path))
    return Base(tuple(mounts), tuple(links), (), runtime.empty)


def _forked(start: Start, read: int) -> tuple[int, bytes]:
    """The supervisor's pid, and what it said of the start. No signal comes in between: it would be lost on the way."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            supervise(start, parent)
        os.dup2(read, start.report, inheritable=False)  # the end for writing is the supervisor's alone
        return pid, os.read(read, 64)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _words(policy: Policy, mounts: list[Mount]) -> Iterator[str | Pin]:
    """The plan as it is printed."""
    yield from ("task", "--network" if policy.network else "--no-network", "--chdir", policy.directory)
    for mount in mounts:
        yield from ("--write" if mount.writable else "--read", Pin(mount.source))


def _limits(policy: Policy) -> Iterator[tuple[int, int]]:
    import resource

    for field, name in _LIMITS.items():
        value = getattr(policy.limits, field)
        if value is not None:
            yield getattr(resource, name), max(1, int(value))
    yield resource.RLIMIT_CORE, 0  # a core file would hold what the step's memory held


def _pin(path: str) -> int:
    try:
        return keep(open_real(path))
    except OSError as error:
        message = f"`{path}` was granted and is no longer there as it was: {(error.strerror or '').lower()}"
        help_ = "something changed it while the step was being started"
        raise MshError(Diagnostic("MSH442", message, help=help_)) from None


def _failure(plan: TaskPlan, said: bytes) -> MshError:
    """What the supervisor said before it ended: `stage errno`, or nothing."""
    stage, _, number = said.decode("ascii", "replace").partition(" ")
    code = int(number) if number.isdigit() else 0
    name = plan.arguments[1]
    if stage == "execute" and code == errno.E2BIG:
        size = sum([len(word) + 1 for word in plan.arguments])
        message = f"`{name}`: argument list too long ({len(plan.arguments) - 2} arguments, {size} bytes)"
        return MshError(Diagnostic("MSH451", message, help="pass the names through `xargs` or a file"))
    reason = os.strerror(code).lower() if code else "its supervisor ended"
    verb = "executed" if stage == "execute" else "confined"
    message = f"`{name}` could not be {verb}, so it did not run: {reason}"
    return MshError(Diagnostic("MSH453", message, help="a worker needs prctl(2), seccomp(2) and memory for two forks"))
