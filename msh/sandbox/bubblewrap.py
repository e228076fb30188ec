"""bubblewrap: the default backend on Linux. Every step is one `bwrap` with namespaces of its own.

bwrap alone is not enough (docs/security.md): our seccomp filter and the care for descriptors close what it leaves open.
Decisions that keep it both safe and cheap:

* bwrap is spawned directly, with an *empty* environment: the loader of bwrap itself, which runs on the host, must
  not see a script's `LD_PRELOAD`. The step's environment, like all options, goes through `--args FD`, so that it
  does not show in `/proc/*/cmdline` either.
* Granted paths are mounted by descriptor (`--bind-fd`), opened when the step starts without following any link, so a
  component that is swapped meanwhile is an error and never another file.
* `/proc/1` is bwrap's own helper. It is outside the filter, and a step could write to its memory: hidden.
  `/proc/sys` is writable for uid 0 even without capabilities: read-only.
* bwrap gets a process group of its own, or the terminal's Ctrl-C would kill it before the step's handlers ran.
"""

from __future__ import annotations

import errno
import os
from functools import partial

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.backend import NO_CONTROLS, Base, Controls, Gap, Pin, Plan, Process, children, require, signal_groups
from msh.sandbox.descriptors import above, complete, keep, memory_file
from msh.sandbox.launcher.client import LaunchedProcess, Launcher
from msh.sandbox.launcher.request import Start
from msh.sandbox.launcher.server import run
from msh.sandbox.view import open_real

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from msh.sandbox.policy import Mount, Policy

PLACES = ("/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap", "/run/current-system/sw/bin/bwrap")
_MOST_WORDS = 8900  # bwrap takes 9000 words in all
# Reads a program and its argv, NUL-terminated, from a descriptor: for more words than bwrap takes.
_EXECUTE = r"""
open(my $file, "<&=", shift) or die; local $/ = undef; my ($program, @words) = split(/\0/, <$file>, -1);
pop @words; close($file); exec { $program } @words; print STDERR "$words[0]: $!\n"; exit 126
"""
_PERL = "/usr/bin/perl"
_PROGRAMS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/games")
_BINDS = ("--bind", "--ro-bind", "--bind-fd", "--ro-bind-fd")
_HIDDEN = ("/proc/1",)
_ROOTS = ("/proc/acpi", "/proc/asound", "/proc/fs", "/proc/scsi")  # writable for uid 0 even without capabilities


class Bubblewrap:
    """Starts steps with one bwrap executable."""

    name = "bubblewrap"
    capabilities = frozenset({"network"})

    def __init__(self, program: str | None = None) -> None:
        self.program = program or find()
        self.launcher = Launcher(run)
        self._filters: dict[bool, int] = {}
        self._limits_userns = _knows(self.program)
        self._read_only = ["/proc/sys"]
        if os.geteuid() == 0:
            self._read_only += [path for path in _ROOTS if os.path.isdir(path)]

    def close(self) -> None:
        """End the launcher, close the filters."""
        self.launcher.close()
        for number in self._filters.values():
            os.close(number)
        self._filters.clear()

    def gaps(self, policy: Policy) -> tuple[Gap, ...]:
        """None."""
        return ()

    def compile(self, policy: Policy, base: Base) -> Plan:
        """The options and the command for bwrap, pins in place of descriptors."""
        require(policy, self.name, self.capabilities)
        words = tuple(self._options(policy, base))
        return Plan(self.name, words, (policy.program, *policy.argv), policy.network, policy.created)

    def _options(self, policy: Policy, base: Base) -> Iterator[str | Pin]:
        yield from ("--unshare-all", "--unshare-user")
        if self._limits_userns:
            yield "--disable-userns"
        if policy.network:
            yield "--share-net"
        yield from ("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "msh")
        for mount in base.mounts:
            yield from ("--bind" if mount.writable else "--ro-bind", mount.source, mount.target)
        if policy.network:
            for mount in base.network_mounts:
                yield from ("--ro-bind", mount.source, mount.target)
        for path, target in base.links:
            yield from ("--symlink", target, path)
        yield from ("--proc", "/proc", "--dev", "/dev")
        for path in _HIDDEN:
            yield from ("--ro-bind", base.empty, path)
        for path in self._read_only:
            yield from ("--ro-bind", path, path)
        for mount in policy.mounts:
            yield from _mount(mount)
        for link in policy.links:
            yield from ("--symlink", link.target, link.path)
        for path in (*policy.directories, policy.directory):
            yield from ("--dir", path)
        for path, mode in policy.modes:
            yield from ("--chmod", f"{mode:04o}", path)
        covered = {mount.target for mount in policy.mounts if mount.source}
        for mount in policy.mounts:
            # Where a grant stands on the shield's very place, the remount would meet the grant.
            if not mount.source and not mount.writable and mount.target not in covered:
                yield from ("--remount-ro", mount.target)
        yield from ("--remount-ro", "/", "--chdir", policy.directory)
        for name, value in policy.environment:
            yield from ("--setenv", name, value)

    def prepare(self) -> None:
        """Make the launcher, so that forks share it."""
        self.launcher.begin()

    def start(
        self,
        plan: Plan,
        fds: Mapping[int, int],
        ignored: frozenset[int] = frozenset(),
        controls: Controls = NO_CONTROLS,
    ) -> Process:
        """Have bwrap spawned. Raises MshError MSH442 when a granted path is no longer what it was."""
        self.launcher.begin()
        wanted, opened = complete(fds)
        try:
            floor, held = max(wanted) + 1, None
            if controls.limits:
                from msh.sandbox.limits.held import Held, floor_of

                floor = floor_of(controls, floor)
                held = Held(controls, floor, opened)
            report, write = os.pipe()
            opened.append(_raised(write, floor))
            command = self._command_line(plan, floor, opened, held.words if held is not None else ())
            wanted |= {number: number for number in opened if number >= floor}
            early = held.early if held is not None else controls
            control = self.launcher.start(Start(self.program, command, (), wanted), ignored, early)
        finally:
            for number in opened:
                os.close(number)
        if held is not None:
            held.release(report)
        return LaunchedProcess(control, plan.created, keep(report), judge, partial(_failure, plan))

    def _command_line(self, plan: Plan, floor: int, opened: list[int], more: tuple[str, ...]) -> tuple[str, ...]:
        """The words for bwrap; `opened`, which ends with where it reports, gets what it needs besides."""
        words = ["--json-status-fd", str(opened[-1]), *more]
        for word in plan.words:
            if isinstance(word, Pin):
                opened.append(_pin(word.path, floor))
                words.append(str(opened[-1]))
            else:
                words.append(word)
        opened.append(self._filter(plan.network, floor))
        words += ["--seccomp", str(opened[-1])]
        opened.append(_words_file(words, floor))
        words_file = opened[-1]
        command = _command(plan)
        titled = os.path.basename(plan.arguments[1]) != os.path.basename(plan.arguments[0])
        if titled:
            command = list(plan.arguments[1:])
        if titled or len(words) + len(command) > _MOST_WORDS:
            opened.append(_words_file([plan.arguments[0], *command], floor))
            command = [*_many_words(plan), str(opened[-1])]
        return (self.program, "--args", str(words_file), "--", *command)

    def _filter(self, network: bool, floor: int) -> int:
        """The filter from its beginning: bwrap reads it from the descriptor's position, so each start opens it anew."""
        number = self._filters.get(network, -1)
        if number < 0:
            from msh.sandbox.seccomp import filter_descriptor

            number = self._filters[network] = filter_descriptor(network=network)
        return _raised(os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_CLOEXEC), floor)


def find(search: str | None = None) -> str:
    """The bwrap executable. Raises MshError MSH440 when there is none: a step is never run without."""
    for place in PLACES:
        if os.access(place, os.X_OK):
            return place
    for directory in (os.environ.get("PATH", "") if search is None else search).split(":"):
        place = os.path.join(directory, "bwrap")
        if directory.startswith("/") and os.access(place, os.X_OK):
            return place
    message = "bubblewrap is not installed, and msh runs no command without a sandbox"
    raise MshError(Diagnostic("MSH440", message, help="`apt install bubblewrap`, or choose `--backend docker`"))


def _knows(program: str) -> bool:
    """Whether this bwrap has `--disable-userns` (0.8). Raises MshError MSH441 when it cannot mount by descriptor.

    Asked of the executable's own text: starting it for its help would cost as much as starting a step.
    """
    with open(program, "rb") as file:
        text = file.read()
    if b"bind-fd" not in text:
        message = f"`{program}` cannot mount by descriptor, which msh needs so that a path cannot be swapped"
        raise MshError(
            Diagnostic("MSH441", message, help="install bubblewrap 0.10, or your distribution's security update")
        )
    return b"disable-userns" in text


def _mount(mount: Mount) -> tuple[str | Pin, ...]:
    if not mount.source:
        return ("--tmpfs", mount.target)
    return ("--bind-fd" if mount.writable else "--ro-bind-fd", Pin(mount.source), mount.target)


def _pin(path: str, floor: int) -> int:
    try:
        return _raised(open_real(path), floor)
    except OSError as error:
        message = f"`{path}` was granted and is no longer there as it was: {(error.strerror or '').lower()}"
        raise MshError(
            Diagnostic("MSH442", message, help="something changed it while the step was being started")
        ) from None


def _raised(number: int, floor: int) -> int:
    """The descriptor moved out of the way of the step's own numbers."""
    if number >= floor:
        return number
    moved = above(number, floor)
    os.close(number)
    return moved


def _words_file(words: list[str], floor: int) -> int:
    return _raised(memory_file("".join([f"{word}\0" for word in words]).encode("utf-8", "surrogateescape")), floor)


def _command(plan: Plan) -> list[str]:
    """What bwrap executes: by the script's own name when the step's PATH leads to the same program.

    bwrap uses one word both to find the program and as argv[0], which `cat: x: No such file` shows to the user.
    """
    program, *argv = plan.arguments
    name = argv[0]
    path = "/usr/local/bin:/bin:/usr/bin"
    mounts = {}
    words = iter(plan.words)
    for word in words:
        if word == "--setenv" and next(words) == "PATH":
            path = str(next(words))
        elif word in _BINDS:
            source, target = next(words), str(next(words))
            mounts[target] = source.path if isinstance(source, Pin) else source
    if "/" not in name and _first(name, path, mounts) == program:
        return argv
    return [program, *argv[1:]]


def _many_words(plan: Plan) -> list[str]:
    """Executes the command from a descriptor inside the sandbox: perl, which is everywhere and starts in 1 ms."""
    if not os.access(_PERL, os.X_OK):
        raise _too_long(plan)
    return [_PERL, "-e", _EXECUTE]


def _too_long(plan: Plan) -> MshError:
    size = sum([len(word) + 1 for word in plan.arguments])
    message = f"`{plan.arguments[1]}`: argument list too long ({len(plan.arguments) - 2} arguments, {size} bytes)"
    return MshError(Diagnostic("MSH451", message, help="pass the names through `xargs` or a file"))


def _failure(plan: Plan, stage: str, code: int) -> MshError:
    """What to say when bwrap itself could not be executed."""
    if code == errno.E2BIG:
        return _too_long(plan)
    reason = os.strerror(code).lower()
    message = f"`{plan.arguments[1]}` could not be started, so it did not run: {reason} ({stage})"
    return MshError(Diagnostic("MSH454", message, help="`msh doctor` shows what this host allows"))


def _first(name: str, path: str, mounts: Mapping[str, str]) -> str:
    """The program that execvp would find inside; "" when it might be another: one that a script put in a place of its
    own, which `mounts` (target → source) lead to.
    """
    for directory in path.split(":"):
        plain = directory.rstrip("/")
        place = f"{plain}/{name}"
        if plain in _PROGRAMS:
            if os.access(place, os.X_OK):
                return os.path.join(os.path.realpath(plain), name)
            continue
        if plain[:1] != "/" or os.path.normpath(plain) != plain:
            return ""
        target = next((target for target in _upwards(plain) if target in mounts), None)
        if target is None:
            continue  # not there inside
        source = mounts[target] + plain[len(target) :]
        if os.path.realpath(source) != source or os.path.lexists(f"{source}/{name}"):
            return ""
    return ""


def _upwards(path: str) -> Iterator[str]:
    """A path and the directories above it, but for the root."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def inner_groups(pid: int) -> list[int]:
    """The process groups inside a bwrap with this pid, its helper's first; empty when the step has not begun.

    bwrap makes one child, pid 1 inside, which makes the step: both are in the helper's session. Signals to the helper's
    group reach the step and not the helper, since a pid namespace's init takes none without a handler. A step may have
    left for a group of its own, as timeout(1) does.
    """
    found: list[int] = []
    for helper in children(pid):
        for step in children(helper)[:1]:  # then come those whose parents have ended
            found += dict.fromkeys((helper, os.getpgid(step)))
    return found


def signal_step(pid: int, number: int) -> None:
    """Deliver a signal to what runs inside the bwrap with this pid; SIGKILL ends all of it."""
    try:
        signal_groups(pid, number, inner_groups)
    except ProcessLookupError:
        return  # it ended meanwhile


def judge(said: bytes, code: int) -> Diagnostic | None:
    """Whether it was bwrap itself that failed: then it never came to report the command's exit code.

    bwrap has written its own reason to the step's standard error; what to do about it is said here.
    """
    if code != 1 or b'"exit-code"' in said:
        return None
    from msh.sandbox.doctor import namespace_cure

    message = "bubblewrap could not make the sandbox, so the command did not run"
    return Diagnostic("MSH450", message, help=namespace_cure(guess=False))
