"""The backend `native`: a policy as a list of operations on a tree that is ready, and their start."""

from __future__ import annotations

import errno
import os
from functools import partial

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.backend import NO_CONTROLS, Base, Controls, Gap, Plan, Process, require
from msh.sandbox.descriptors import complete
from msh.sandbox.launcher.client import LaunchedProcess, Launcher
from msh.sandbox.launcher.request import Start, View
from msh.sandbox.launcher.server import run
from msh.sandbox.programs import MAIN, program_directories
from msh.sandbox.seccomp import ARCHITECTURES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Iterator, Mapping
    from typing import NoReturn

    from msh.sandbox.policy import Policy


class NativePlan(Plan):
    """A step in a sandbox of the server's own: `view` is what it shows beyond `base`."""

    environment: tuple[tuple[str, str], ...] = ()
    view: View = View(False, "/")
    policy: Policy | None = None
    base: Base | None = None

    def shown(self) -> Iterator[str]:
        assert self.policy is not None
        assert self.base is not None
        return _words(self.policy, self.base)


class Native:
    """Starts steps in sandboxes of a fork server of its own."""

    name = "native"
    capabilities = frozenset({"network"})

    def __init__(self, base: Base) -> None:
        """`base` is what every step sees. Raises MshError MSH455 on a machine whose system calls are not known."""
        machine = os.uname().machine
        if machine not in ARCHITECTURES:
            message = f"the backend `native` does not know the system calls of {machine}"
            raise MshError(Diagnostic("MSH455", message, help="choose `--backend docker`"))
        self.base = base
        self._programs = program_directories()
        others = [path for path in self._programs if path != MAIN]
        self._others = tuple([f"{path}/" for path in others])
        # What is made ahead, as operations
        self._standing = [("scratch", mount.target, "", int(mount.writable)) for mount in base.standing]
        self._hiding = [("scratch", path, "", 0) for path in self._programs]
        self._sealed = [("seal", path, "", 0) for path in others]
        self.directory = os.path.join(os.path.dirname(base.empty), "root")
        os.mkdir(self.directory, 0o700)
        self.launcher = Launcher(self._serve)

    def _serve(self, requests: socket) -> NoReturn:
        from msh.sandbox.native.server import NativeServer

        run(requests, lambda channel: NativeServer(channel, self.base, self.directory, self._programs))

    def close(self) -> None:
        """End the launcher and all that it holds ready."""
        self.launcher.close()

    def prepare(self) -> None:
        """Make the launcher, so that forks share it."""
        self.launcher.begin()

    def gaps(self, policy: Policy) -> tuple[Gap, ...]:
        """None."""
        return ()

    def compile(self, policy: Policy, base: Base) -> Plan:
        """The operations of a policy. Raises MshError MSH444 for what cannot be enforced."""
        require(policy, self.name, self.capabilities)
        return NativePlan(
            backend=self.name,
            words=(),  # made when it is printed
            arguments=(policy.program, *policy.argv),
            network=policy.network,
            created=policy.created,
            environment=policy.environment,
            view=self._view(policy),
            policy=policy,
            base=base,
        )

    def _view(self, policy: Policy) -> View:
        """What the sandbox is to show beyond what is made ahead.

        Programs are hidden ahead where only the main directory shows any, and the places stand that every policy has.
        """
        granted = tuple([(mount.source, mount.writable) for mount in policy.mounts if mount.source])
        operations, hiding = [*_operations(policy)], self._hiding
        standing = all(each in operations for each in self._standing)
        if standing:
            operations = [each for each in operations if each not in self._standing]
        left = operations[len(hiding) :]
        narrow = operations[: len(hiding)] == hiding and not any(each[1].startswith(self._others) for each in left)
        if narrow:
            operations = [each for each in left if each not in self._sealed]
        return View(policy.network, policy.directory, granted, tuple(operations), narrow, standing)

    def start(
        self,
        plan: Plan,
        fds: Mapping[int, int],
        ignored: frozenset[int] = frozenset(),
        controls: Controls = NO_CONTROLS,
    ) -> Process:
        """Have a sandbox run it."""
        assert isinstance(plan, NativePlan)
        self.launcher.begin()
        wanted, opened = complete(fds)
        try:
            start = Start(plan.arguments[0], plan.arguments[1:], plan.environment, wanted, view=plan.view)
            control = self.launcher.start(start, ignored, controls)
        finally:
            for number in opened:
                os.close(number)
        return LaunchedProcess(control, plan.created, failed=partial(_failure, plan))


def _operations(policy: Policy) -> Iterator[tuple[str, str, str, int]]:
    """In the order in which bubblewrap does it."""
    number = 0
    for mount in policy.mounts:
        if mount.source:
            yield ("mount", mount.target, "", number)
            number += 1
        else:
            yield ("scratch", mount.target, "", int(mount.writable))
    for link in policy.links:
        yield ("link", link.path, link.target, 0)
    for path in (*policy.directories, policy.directory):
        yield ("dir", path, "", 0)
    for path, mode in policy.modes:
        yield ("mode", path, "", mode)
    covered = {mount.target for mount in policy.mounts if mount.source}
    for mount in policy.mounts:
        if not mount.source and not mount.writable and mount.target not in covered:
            yield ("seal", mount.target, "", 0)


def _words(policy: Policy, base: Base) -> Iterator[str]:
    """The plan as it is printed: all that a sandbox is made with, what is made ahead included."""
    yield from ("native", "--namespaces", "user,mount,pid,ipc,uts,cgroup" + ("" if policy.network else ",net"))
    for mount in (*base.mounts, *(base.network_mounts if policy.network else ())):
        yield from ("--bind" if mount.writable else "--ro-bind", mount.source, mount.target)
    for path, target in base.links:
        yield from ("--link", target, path)
    yield from ("--dev", "/dev", "--proc", "/proc", "--hide", "/proc/1", "--seal", "/proc/sys")
    granted = [mount for mount in policy.mounts if mount.source]
    for what, path, text, number in _operations(policy):
        if what == "mount":
            yield from ("--bind" if granted[number].writable else "--ro-bind", granted[number].source, path)
        else:
            more = (text,) if what == "link" else (f"{number:04o}",) if what == "mode" else ()
            yield from (f"--{what}", *more, path)
    yield from ("--seal", "/", "--chdir", policy.directory)
    for name, value in policy.environment:
        yield from ("--setenv", name, value)


def _failure(plan: Plan, stage: str, code: int) -> MshError:
    """What the launcher or the sandbox said."""
    name, reason = plan.arguments[1], os.strerror(code).lower()
    if stage == "execute" and code == errno.E2BIG:
        size = sum([len(word) + 1 for word in plan.arguments])
        message = f"`{name}`: argument list too long ({len(plan.arguments) - 2} arguments, {size} bytes)"
        return MshError(Diagnostic("MSH451", message, help="pass the names through `xargs` or a file"))
    if stage.startswith("/"):
        message = f"`{stage}` was granted to `{name}` and is no longer there as it was: {reason}"
        help_ = "something changed it while the step was being started"
        return MshError(Diagnostic("MSH442", message, help=help_))
    from msh.sandbox.doctor import namespace_cure, namespace_reason
    from msh.sandbox.kernel import NATIVE, has, lacks

    message = f"`{name}` did not run: its sandbox could not be made, {namespace_reason(code) or reason} ({stage})"
    help_ = namespace_cure(guess=False) if has(NATIVE) else f"{lacks(NATIVE)}; bubblewrap needs no such kernel"
    return MshError(Diagnostic("MSH457", message, help=help_))
