"""What every backend offers: it says what it can enforce, compiles a policy to a plan, and starts the plan.

A backend is a module-level object with

    capabilities            what it can enforce, as words of `CAPABILITIES`
    gaps(policy)            what of a policy it holds less strictly than it says
    compile(policy, base)   a `Plan`: pure, printable, the same for the same policy
    start(plan, fds, …)     a `Process`: a child of the caller with a real pid, whatever does the work behind it

A policy that asks for more than a backend can enforce is refused with the name of what is missing (MSH444), and so is
one that it would hold less strictly, unless somebody accepts that by name (MSH459): never weaker in silence.
"""

from __future__ import annotations

import os
import signal
import time

from msh.diagnostics import Diagnostic, MshError
from msh.record import Record
from msh.sandbox.policy import NO_LIMITS, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Protocol

    from msh.sandbox.policy import Mount, Policy, Usage

    Judge = Callable[[bytes, int], Outcome | Diagnostic | None]

    class Backend(Protocol):
        """One way to isolate a process."""

        name: str
        capabilities: frozenset[str]

        def gaps(self, policy: Policy) -> tuple[Gap, ...]:
            """What of a policy it would hold less strictly than it says."""

        def compile(self, policy: Policy, base: Base) -> Plan:
            """What would be started; raises MshError when the policy cannot be enforced."""

        def start(
            self, plan: Plan, fds: Mapping[int, int], ignored: frozenset[int], controls: Controls = ...
        ) -> Process:
            """Start it: `fds` maps the step's descriptor numbers to ours, `ignored` are the signals it ignores,
            `controls` what holds it besides.
            """

        def prepare(self) -> None:
            """Make what all forks of this process are to share."""

        def close(self) -> None:
            """Free what the backend holds."""


#: Flags of the sendmsg(2) that sends a filter's listener, by which the filter can tell it: MSG_EOR, MSG_NOSIGNAL.
HANDOVER = 0x4080


class Notify(Record):
    """A filter whose calls another process answers (seccomp_unotify(2)).

    `program` is classic BPF that is installed before the sandbox is entered; `socket` a socket of ours, of records or
    datagrams, on which the listener's descriptor is sent as SCM_RIGHTS of one message, whose bytes are `tag`.
    """

    program: bytes
    socket: int
    tag: bytes = b"listener"


class Controls(Record):
    """What a step is held by beyond its plan, the same for every backend.

    `limits` are (RLIMIT_ number, soft, hard); `cgroups` the directories of control groups that it joins before anything
    of it runs.
    """

    limits: tuple[tuple[int, int, int], ...] = ()
    cgroups: tuple[str, ...] = ()
    notify: Notify | None = None


NO_CONTROLS = Controls()


#: What a policy may ask for beyond files, and how a refusal names it.
CAPABILITIES = {
    "image": "an image",
    "network": "a network",
    "limits.memory": "a limit of memory",
    "limits.cpu": "a limit of processor time",
    "limits.pids": "a limit of processes",
    "limits.files": "a limit of open files",
    "limits.output": "a limit of output",
    "limits.cpus": "a share of the processors",
    "limits.time": "a limit of time",
    "limits.disk": "a limit of disk space",
    "limits.throughput": "a limit of disk throughput",
}


class Gap(Record):
    """A part of a policy that a backend holds less strictly than it says.

    `name` is one of `msh.config.PARTS`, by which it can be accepted; `cure` says how to ask for no more.
    """

    name: str
    text: str
    cure: str


class Base(Record):
    """What every step of a run sees before its own grants.

    `mounts` and `links` make the tree (`/usr`, `/etc`, `/tmp`); `network_mounts` are added for a step with a network.
    `empty` is a directory on the host that nobody can write, to hide things behind. `standing` are the empty places
    that every policy of the run has, which a backend can make before it knows the step.
    """

    mounts: tuple[Mount, ...]
    links: tuple[tuple[str, str], ...]
    network_mounts: tuple[Mount, ...]
    empty: str
    standing: tuple[Mount, ...] = ()


class Pin(Record):
    """A host path that a plan names by descriptor: opened without following any link when the plan is started."""

    path: str


class Plan(Record):
    """A step compiled for one backend.

    `words` is what is started, `program` first; `arguments` is what the sandbox runs inside; `created` as in `Policy`.
    """

    backend: str
    words: tuple[str | Pin, ...]
    arguments: tuple[str, ...]
    network: bool = False
    created: tuple[str, ...] = ()

    def shown(self) -> Iterator[str]:
        """Its words as they are printed, pins by their paths."""
        yield from [word.path if isinstance(word, Pin) else word for word in self.words]

    def __str__(self) -> str:
        from shlex import quote

        return " ".join([quote(word) for word in (*self.shown(), "--", *self.arguments)])

    def options(self) -> list[str]:
        """The same, an option a line."""
        from shlex import quote

        lines: list[str] = []
        for word in self.shown():
            if word.startswith("--") or not lines:
                lines.append(quote(word))
            else:
                lines[-1] += f" {quote(word)}"
        return [*lines, " ".join(["--", *[quote(word) for word in self.arguments]])]


class Process:
    """A step that was started. Its pid is a child of the process that started it.

    `groups` finds the process groups inside the sandbox, None when the process itself forwards signals. `report` is a
    pipe on which the backend says more about the end than a status can; `judge` reads it: a diagnostic says why the
    command did not run.
    """

    def __init__(
        self,
        pid: int,
        created: tuple[str, ...] = (),
        groups: Callable[[int], list[int]] | None = None,
        report: int = -1,
        judge: Judge | None = None,
    ) -> None:
        self.pid = pid
        self.outcome: Outcome | None = None
        self.usage: Usage | None = None  # as far as the backend knows it
        self.reason: Diagnostic | None = None  # why it ended so, to be said once by whoever waits
        self._after: list[Callable[[Outcome], Outcome]] = []  # each once, by whoever waited for the end
        self._created = created
        self._groups = groups
        self._report = report
        self._judge = judge

    def wait(self) -> Outcome:
        """Wait for the end; how it ended."""
        if self.outcome is None:
            _, status = os.waitpid(self.pid, 0)
            return self.finish(status)
        return self.outcome

    def poll(self) -> Outcome | None:
        """How it ended, or None while it runs."""
        if self.outcome is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            return self.finish(status) if pid else None
        return self.outcome

    def finish(self, status: int) -> Outcome:
        """For a caller that has waited itself: the wait status as an outcome.

        Removes what was made for a step that failed.
        """
        if self.outcome is None:
            code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            judged, kind = self._judged(code), "signal" if 128 < code < 128 + signal.NSIG else "exit"
            if judged is not None and self.usage is not None:
                judged = judged.replace(usage=self.usage)
            self.outcome = judged or Outcome(kind, code, "", self.usage)
            if self.outcome.status != 0:
                remove_empty(self._created)
            while self._after:
                ended = self.outcome
                self.outcome = ended.replace(status=ended.status or 1)  # should it be interrupted
                self.outcome = self._after.pop(0)(ended)
        return self.outcome

    def follow(self, after: Callable[[Outcome], Outcome]) -> None:
        """Have something done at the end that may change the outcome."""
        self._after.append(after)

    def _judged(self, code: int) -> Outcome | None:
        if self._report < 0 or self._judge is None:
            return None
        os.set_blocking(self._report, False)
        try:
            said = os.read(self._report, 4096)
        except BlockingIOError:
            said = b""
        os.close(self._report)
        self._report = -1
        judged = self._judge(said, code)
        return self._invalid(judged) if isinstance(judged, Diagnostic) else judged

    def _invalid(self, reason: Diagnostic) -> Outcome:
        """It did not run."""
        self.reason = reason
        return Outcome("invalid", 126, reason.message)

    def ended(self) -> bool:
        """Whether it has ended; leaves it to be waited for."""
        if self.outcome is not None:
            return True
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def handle(self) -> int:
        """A descriptor of the caller's own that is readable when the step has ended."""
        return os.pidfd_open(self.pid)

    def signal(self, number: int) -> None:
        """Deliver a signal to the step's own processes, so that their handlers run.

        SIGKILL ends the sandbox as a whole, and so does any signal that comes before the step has begun.
        """
        if self.outcome is not None:
            return
        try:
            if self._groups is None:
                os.kill(self.pid, number)
            else:
                signal_groups(self.pid, number, self._groups)
        except ProcessLookupError:
            return  # it ended meanwhile; `wait` says how

    def shared(self) -> Process | None:
        """In a fork of the process that started it: what signals it and knows whether it has ended, if any does."""
        return None

    def abandon(self) -> None:
        """Forget it, in a fork of the process that started it."""

    def kill(self) -> None:
        """End the step and everything in its sandbox."""
        self.signal(signal.SIGKILL)


def signal_groups(pid: int, number: int, groups: Callable[[int], list[int]]) -> None:
    """Signal the process groups inside a sandbox, or end it: at SIGKILL, and when nothing in it has begun."""
    found = [] if number == signal.SIGKILL else groups(pid)
    for group in found:
        os.killpg(group, number)
    if not found:
        end_with(pid, number)


def end_with(pid: int, number: int) -> None:
    """Kill what the process has started, then let it end by the signal, so that its status tells which one it was.

    A child that has only just been made does not yet die with its parent, and would run on. So the parent is held
    first: it makes no more children, and those it has are killed.
    """
    os.kill(pid, signal.SIGSTOP)
    patience = time.monotonic() + 5
    while process_state(pid) in "RSD" and time.monotonic() < patience:
        time.sleep(0.0002)
    for child in children(pid):
        os.kill(child, signal.SIGKILL)
    os.kill(pid, number)
    os.kill(pid, signal.SIGCONT)


def children(pid: int) -> list[int]:
    """The child processes of a single-threaded process."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def process_state(pid: int) -> str:
    """The letter of a process's state (proc_pid_stat(5)), Z when there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return chr(file.read().rpartition(b") ")[2][0])
    except (OSError, IndexError):
        return "Z"


def remove_empty(paths: tuple[str, ...]) -> None:
    """Remove files that msh made for a step and that nobody wrote to."""
    for path in paths:
        try:
            if os.lstat(path).st_size == 0:
                os.unlink(path)
        except OSError:
            continue  # the step removed or replaced it


def refuse_gaps(policy: Policy, gaps: Iterable[Gap], accepted: Iterable[str]) -> None:
    """Refuse a policy that would be held less strictly than it says in a part that nobody has accepted (MSH459)."""
    found = []
    for gap in gaps:
        if gap.name not in accepted:
            message = f"`{policy.argv[0]}` would be held less strictly than its policy says: {gap.text}"
            found.append(Diagnostic("MSH459", message, help=f"{gap.cure}; `--allow-weaker {gap.name}` accepts that"))
    if found:
        raise MshError(*found)


def require(policy: Policy, name: str, capabilities: frozenset[str]) -> None:
    """Refuse a policy that asks for what a backend cannot enforce."""
    if policy.limits is NO_LIMITS and not (policy.image or policy.network):
        return
    wanted = {f"limits.{field}": getattr(policy.limits, field) for field in policy.limits.__match_args__}
    wanted |= {"image": policy.image or None, "network": policy.network or None}
    for capability, value in wanted.items():
        if value is not None and capability not in capabilities:
            message = f"`{policy.argv[0]}`: the backend `{name}` cannot enforce {CAPABILITIES[capability]}"
            raise MshError(
                Diagnostic("MSH444", message, help="choose another backend with `--backend`, or drop the demand")
            )
