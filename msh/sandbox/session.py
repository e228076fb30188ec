"""One run's share of the sandbox: its private directory, its view, its grants, and the start of its steps.

A Session is made when a run first needs it (an external command, a redirection) and closed at the end of the run.
It owns

    runtime   private directories on the host, removed at the end
    view      what exists for the run; the interpreter's gate and the steps' mounts are made from it
    backends  made when first used
"""

from __future__ import annotations

import os
from functools import partial

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.backend import NO_CONTROLS, Controls, refuse_gaps
from msh.sandbox.broker.audit import open_audit
from msh.sandbox.gate import Gate
from msh.sandbox.grants import Grants
from msh.sandbox.policy import NO_LIMITS
from msh.sandbox.regions import denials_of, links_of, regions_of
from msh.sandbox.runtime import Runtime
from msh.sandbox.view import View
from msh.sandbox.workspace import become_owner, plain_home, real_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from msh.catalog.model import CommandSpec
    from msh.config import Settings
    from msh.effects import Effects
    from msh.sandbox.backend import Backend, Base, Notify, Plan, Process
    from msh.sandbox.broker.client import Broker
    from msh.sandbox.object_files import Objects, Stage, Upload
    from msh.sandbox.policy import Policy


class Session:
    """The sandbox side of one run; a context manager."""

    def __init__(self, settings: Settings, directory: str | None = None, home: str | None = None) -> None:
        """`directory` is where msh was started, `home` the value of HOME.

        Raises MshError (MSH443 the private directory cannot be made, MSH404 a path of `--allow-*` is not there).
        """
        self.settings = settings
        self._has_own_tree = settings.backend != "task"  # else a step sees what its worker sees
        if not self._has_own_tree:
            from msh.sandbox.confine import hide

            hide()  # before anything else: the environment of a worker holds its credentials
        self.directory = os.path.realpath(directory or os.getcwd())
        self.home = plain_home(os.environ.get("HOME", "") if home is None else home)
        self.workspace = real_workspace(settings.workspace)
        become_owner(self.workspace)
        self.runtime = Runtime()
        self._is_kept = self._settle()  # by the process around the run, which then removes the run's directory
        self.uploads: list[Upload] = []  # redirections to objects that are still open
        self._objects: Objects | None = None
        self._stages: list[Stage] = []
        self._backends: dict[str, Backend] = {}
        self._processes: list[Process] = []
        self._starter = self._pid = os.getpid()  # the process that has started these; the one whose session it is
        self._etc = -1  # holds the synthetic /etc against removal
        self.base = self._base()
        regions = regions_of(settings, self.base, self.runtime, self.directory, self.workspace)
        denials = denials_of(settings, self.directory)
        self.view = View(regions, links_of(self.base), (self.home,) if self.home else (), denials)
        self.grants = Grants(self.view, settings, self.runtime, self.home)
        self.base = self.base.replace(standing=tuple([mount for mount in self.grants.standing if not mount.source]))
        self.gate = Gate(self.view, self.runtime.empty, self.runtime.path, protects=self._has_own_tree)
        self.gate.objects = lambda: self.objects
        if self._is_kept:
            from msh.sandbox.limits.keeper import bound_files

            bound_files(settings)
        self.audit = open_audit(settings.audit, os.urandom(4).hex())
        self.broker = self._broker() if self._has_own_tree else None

    def _settle(self) -> bool:
        """Put the run under its limits, if it has any; whether a process around it holds them."""
        if not self.settings.limits and self.settings.timeout is None:
            return False
        from msh.sandbox.limits.keeper import settle

        return settle(self.settings, self.runtime.tmp)

    def _base(self) -> Base:
        if not self._has_own_tree:
            from msh.sandbox.task import worker_base

            return worker_base(self.runtime, network=self.settings.allow_network)
        from msh.sandbox.base import host_base

        base, self._etc = host_base(self.runtime, self.home, network=self.settings.allow_network)
        return base

    def _broker(self) -> Broker | None:
        """Start whoever asks the user, if somebody or a rule can answer, and let gate and grants turn to it."""
        from msh.sandbox.asking import Wider, asks_network, start_broker, who_is_asked

        broker = start_broker(self)
        if broker is not None:
            self.grants.asks_network = asks_network(self.settings)
            if who_is_asked(self.settings) != "no" or self.settings.policy:
                self.grants.asks = True
                self.gate.wider = Wider(self, broker)
        return broker

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what still runs and remove the private directory. Only the process that made the session does either."""
        if self._pid != os.getpid():
            return
        self.kill()
        if self.broker is not None:
            self.broker.close()
        self.view.close()
        for backend in self._backends.values():
            backend.close()
        self._backends.clear()
        if self._etc >= 0:
            os.close(self._etc)
            self._etc = -1
        if self.runtime.remove_stale():
            from msh.sandbox.limits.groups import remove_all_stale

            remove_all_stale()
        if self._is_kept:
            self.runtime.leave()
        else:
            self.runtime.close()

    def policy(
        self,
        spec: CommandSpec,
        effects: Effects,
        argv: Sequence[str],
        environment: Mapping[str, str],
        directory: str,
        title: str = "",
    ) -> Policy:
        """What this step may do. Raises MshError MSH401 naming path, step and the flag that would grant it."""
        try:
            policy = self.grants.policy(spec, effects, argv, environment, directory, title)
        except MshError as error:
            self.audit.refused(argv, error)
            raise
        if policy.connects:  # the certificates of those that a client may trust
            policy = policy.replace(mounts=(*self.base.network_mounts, *policy.mounts))
        return policy

    def plan(self, policy: Policy) -> Plan:
        """What would be started for a policy."""
        return self._compiled(self._backend(policy), policy)

    def start(
        self,
        policy: Policy,
        fds: Mapping[int, int],
        *,
        spec: CommandSpec | None = None,
        ignored: frozenset[int] = frozenset(),
    ) -> Process:
        """Start a step with these descriptors (its number → ours) and no others."""
        if self._starter != os.getpid():
            self._disown()
        self.audit.granted(policy)
        if policy.objects:
            process = self._start_with_objects(policy, fds, ignored)
        else:
            process = self._start(policy, fds, ignored)
        if len(self._processes) > 64:
            self._processes = [one for one in self._processes if one.outcome is None]
        self._processes.append(process)
        return process

    def prepare_fork(self) -> None:
        """Make what forks share, so that not each makes its own."""
        try:
            self._chosen(self.settings.backend).prepare()
        except MshError:
            return  # said when a step is started

    def _disown(self) -> None:
        """In a fork: the steps of the process above are not this one's to end, nor to keep alive."""
        for process in self._processes:
            process.abandon()
        self._processes = []
        self._starter = os.getpid()

    def _notify(self, policy: Policy) -> Notify | None:
        """The filter whose calls the broker answers, for a step that may ask."""
        if self.broker is None:
            return None
        from msh.sandbox.asking import notify

        home = self.home if self.view.region_of(self.home or "/") is None else ""
        return notify(self.broker, policy, home, wrapped=self.settings.backend == "bubblewrap")

    @property
    def objects(self) -> Objects:
        """What the run does with `s3://` files; made when first used."""
        if self._objects is None:
            from msh.sandbox.object_files import Objects

            self._objects = Objects(self.settings, self.runtime.path, self.uploads)
        return self._objects

    def _start_with_objects(self, policy: Policy, fds: Mapping[int, int], ignored: frozenset[int]) -> Process:
        from msh.sandbox.object_files import staged

        region = self.view.region_of(policy.directory)
        may_write = region is not None and region.writable
        policy, stage = staged(self.objects, policy, self.base, own_tree=self._has_own_tree, may_write=may_write)
        try:
            process = self._start(policy, fds, ignored)
        except BaseException:
            stage.remove()
            raise
        process.follow(stage.after)
        self._stages = [one for one in self._stages if not one.removed]
        self._stages.append(stage)
        return process

    def _compiled(self, backend: Backend, policy: Policy) -> Plan:
        """The plan of a policy. An Engine is told the limits; else they are held around the plan, but for a worker."""
        if backend.name == "docker":
            from msh.sandbox.limits.fence import in_container

            policy = policy.replace(limits=in_container(policy.limits, self.settings))
        elif self._has_own_tree and policy.limits != NO_LIMITS:
            policy = policy.replace(limits=NO_LIMITS)
        return backend.compile(policy, self.base)

    def _start(self, policy: Policy, fds: Mapping[int, int], ignored: frozenset[int]) -> Process:
        """Start a step under its limits, if it has any."""
        backend, notify = self._backend(policy), self._notify(policy)
        plan = self._compiled(backend, policy)
        refuse_gaps(policy, backend.gaps(policy), self.settings.allow_weaker)
        if not (self._has_own_tree and (self.settings.limits or policy.limits != NO_LIMITS)):
            return backend.start(plan, fds, ignored, Controls(notify=notify) if notify else NO_CONTROLS)
        from msh.sandbox.limits.fence import fenced

        backend.prepare()  # before there are pipes that whatever it makes would keep open
        start = partial(_start_held, backend, plan, ignored, notify)
        return fenced(policy, self.settings, self.runtime, fds, start, container=backend.name == "docker")

    def kill(self) -> None:
        """End every step that this process started and has not waited for."""
        if self._starter != os.getpid():
            self._disown()
        for process in self._processes:
            if process.outcome is None:
                process.kill()
        self._processes.clear()
        for stage in self._stages:
            stage.remove()

    def _backend(self, policy: Policy) -> Backend:
        name = "docker" if policy.image else self.settings.backend
        if self.settings.dry_run and name == "docker":
            message = f"`{policy.argv[0]}` runs in a container, and what a container writes cannot be held back"
            raise MshError(Diagnostic("MSH416", message, help="map it to a program of this host, or run the script"))
        return self._chosen(name)

    def _chosen(self, name: str) -> Backend:
        backend = self._backends.get(name)
        if backend is None:
            backend = self._backends[name] = make_backend(name, self.base)
        return backend


def _start_held(
    backend: Backend,
    plan: Plan,
    ignored: frozenset[int],
    notify: Notify | None,
    controls: Controls,
    fds: Mapping[int, int],
) -> Process:
    return backend.start(plan, fds, ignored, controls.replace(notify=notify))


def make_backend(name: str, base: Base) -> Backend:
    """A backend by its name, for steps that all see `base`."""
    if name == "native":
        from msh.sandbox.native.backend import Native

        return Native(base)
    if name == "docker":
        from msh.sandbox.docker import Docker

        return Docker()
    if name == "task":
        from msh.sandbox.task import Task

        return Task()
    from msh.sandbox.bubblewrap import Bubblewrap

    return Bubblewrap()
