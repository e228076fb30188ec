"""One run's share of the sandbox: its private directory, its view, its grants, and the start of its steps.

A Session is made when a run first needs it (an external command, a redirection) and closed at the end of the run.
It owns

    runtime   private directories on the host, removed at the end
    view      what exists for the run; the interpreter's gate and the steps' mounts are made from it
    backends  made when first used
"""

from __future__ import annotations

import os
import stat
from functools import partial

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.backend import NO_CONTROLS, Base, Controls
from msh.sandbox.broker.audit import open_audit
from msh.sandbox.gate import Gate
from msh.sandbox.grants import Grants
from msh.sandbox.objects import is_object
from msh.sandbox.policy import Limits, Mount
from msh.sandbox.runtime import Runtime
from msh.sandbox.view import Region, View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from msh.catalog.model import CommandSpec
    from msh.config import Settings
    from msh.effects import Effects
    from msh.sandbox.backend import Backend, Notify, Plan, Process
    from msh.sandbox.broker.client import Broker
    from msh.sandbox.object_files import Objects, Stage, Upload
    from msh.sandbox.policy import Policy

NO_LIMITS = Limits()
_TOP_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_STANDARD = (("/dev/stdin", 0), ("/dev/stdout", 1), ("/dev/stderr", 2))
#: Workspaces that would grant the whole machine, or stand where the base view stands.
_NO_WORKSPACE = ("/", "/usr", "/etc", "/proc", "/dev", "/sys", "/bin", "/lib", "/sbin", "/boot")


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
        self.home = _home(os.environ.get("HOME", "") if home is None else home)
        self.workspace = _workspace(settings.workspace)
        _drop_root(self.workspace)
        self.runtime = Runtime()
        self._is_kept = False  # by the process around the run, which then removes the run's directory
        if settings.limits or settings.timeout is not None:
            from msh.sandbox.limits.keeper import settle

            self._is_kept = settle(settings, self.runtime.tmp)
        self.uploads: list[Upload] = []  # redirections to objects that are still open
        self._objects: Objects | None = None
        self._stages: list[Stage] = []
        self._backends: dict[str, Backend] = {}
        self._processes: list[Process] = []
        self._starter = os.getpid()  # the process that has started these
        self._etc = -1  # holds the synthetic /etc against removal
        self._pid = os.getpid()
        self.base = self._base()
        homes = (self.home,) if self.home else ()
        self.view = View(self._regions(), self._links(), homes)
        self.grants = Grants(self.view, settings, self.runtime, self.home)
        self.gate = Gate(self.view, self.runtime.empty, self.runtime.path, protects=self._has_own_tree)
        self.gate.objects = lambda: self.objects
        if self._is_kept:
            from msh.sandbox.limits.keeper import bound_files

            bound_files(settings)
        self.audit = open_audit(settings.audit, os.urandom(4).hex())
        self.broker: Broker | None = None
        if self._has_own_tree:
            from msh.sandbox.asking import Wider, asks_network, start_broker, who_is_asked

            self.broker = start_broker(self)
            if self.broker is not None:
                self.grants.asks_network = asks_network(settings)
                if who_is_asked(settings) != "no" or settings.policy:
                    self.grants.asks = True
                    self.gate.wider = Wider(self, self.broker)

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
    ) -> Policy:
        """What this step may do. Raises MshError MSH401 naming path, step and the flag that would grant it."""
        policy = self.grants.policy(spec, effects, argv, environment, directory)
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

        return notify(self.broker, policy, wrapped=self.settings.backend == "bubblewrap")

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
        if not (self._has_own_tree and (self.settings.limits or policy.limits != NO_LIMITS)):
            return backend.start(self.plan(policy), fds, ignored, Controls(notify=notify) if notify else NO_CONTROLS)
        from msh.sandbox.limits.fence import fenced

        plan = self._compiled(backend, policy)
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

    def _base(self) -> Base:
        if not self._has_own_tree:
            from msh.sandbox.task import worker_base

            return worker_base(self.runtime, network=self.settings.allow_network)
        from msh.sandbox.etc import etc_directory

        runtime, network = self.runtime, self.settings.allow_network
        etc, self._etc = etc_directory(runtime.base, runtime.path, self.home, network=network)
        mounts = [Mount("/usr", "/usr"), Mount(etc, "/etc"), Mount(self.runtime.tmp, "/tmp", True)]
        links = []
        for name in _TOP_LINKS:
            path = f"/{name}"
            if os.path.islink(path):
                links.append((path, os.readlink(path)))
            elif os.path.isdir(path):
                mounts.append(Mount(path, path))
        certificates = tuple(
            [Mount(path, path) for path in ("/etc/ssl/certs", "/etc/pki/tls/certs") if os.path.isdir(path)]
        )
        return Base(tuple(mounts), tuple(links), certificates, self.runtime.empty)

    def _regions(self) -> tuple[Region, ...]:
        kinds = {"/etc": "etc", "/tmp": "scratch" if self._has_own_tree else "shared"}
        regions = {
            mount.target: Region(mount.target, mount.source, kinds.get(mount.target, "base"), mount.writable)
            for mount in self.base.mounts
        }
        for name in _DEVICES:
            regions[f"/dev/{name}"] = Region(f"/dev/{name}", f"/dev/{name}", "device", True)
        for path in filter(_is_path, self.settings.allow_read):
            real = self._granted(path, "--allow-read")
            regions[real] = Region(real, real, "granted")
        for path in filter(_is_path, self.settings.allow_write):
            real = self._granted(path, "--allow-write")
            regions[real] = Region(real, real, "granted", True)
        if self.workspace is not None:
            regions[self.workspace] = Region(self.workspace, self.workspace, "workspace", True)
        self._deny(regions)
        own = self.runtime.base  # runs share it: what one script wrote there would be the next one's /etc
        if any(own.startswith(path.rstrip("/") + "/") for path in regions):
            regions[own] = Region(own, self.runtime.empty, "base")
        return tuple(regions.values())

    def _deny(self, regions: dict[str, Region]) -> None:
        """Take out of the regions what is denied, and the files that say what may be done from what may be written."""
        settings = self.settings
        for path in filter(_is_path, settings.deny_write):
            self._keep(regions, os.path.realpath(os.path.join(self.directory, path)), path)
        for path in filter(None, (settings.policy, settings.record_policy, settings.audit)):
            if path != settings.policy:
                _make_empty(path)
            if os.path.exists(path):
                self._keep(regions, os.path.realpath(path), path)
        for path in filter(_is_path, settings.deny_read):
            real = os.path.realpath(os.path.join(self.directory, path))
            region = _holding(regions, real)
            if region is not None and region.kind in ("workspace", "granted"):
                self._granted(path, "--deny-read")
                for inner in [target for target in regions if target.startswith(f"{real}/")]:
                    del regions[inner]
                regions[real] = Region(real, self.runtime.empty, "denied")

    def _keep(self, regions: dict[str, Region], real: str, path: str) -> None:
        """Let nobody write what lies in a region that may be written."""
        region = _holding(regions, real)
        if region is not None and region.writable and region.kind in ("workspace", "granted"):
            self._granted(path, "--deny-write")
            regions[real] = Region(real, real, "granted")

    def _granted(self, path: str, flag: str) -> str:
        real = os.path.realpath(os.path.join(self.directory, path))
        try:
            mode = os.stat(real).st_mode
        except OSError as error:
            message = f"`{flag} {path}`: {(error.strerror or '').lower()}"
            raise MshError(Diagnostic("MSH404", message, help="a path must exist to be granted")) from None
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISFIFO(mode)) or real == "/":
            what = "the whole file system" if real == "/" else "a device or a socket"
            raise MshError(
                Diagnostic("MSH404", f"`{flag} {path}`: {what} cannot be granted", help="name files or directories")
            )
        return real

    def _links(self) -> tuple[tuple[str, str], ...]:
        descriptors = [("/dev/fd", "/proc/self/fd"), *[(path, f"/proc/self/fd/{n}") for path, n in _STANDARD]]
        return (*self.base.links, *descriptors)


def _start_held(
    backend: Backend,
    plan: Plan,
    ignored: frozenset[int],
    notify: Notify | None,
    controls: Controls,
    fds: Mapping[int, int],
) -> Process:
    return backend.start(plan, fds, ignored, controls.replace(notify=notify))


def _make_empty(path: str) -> None:
    """A file to be written later, so that it can be kept from the steps before; whoever opens it says what is wrong."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK, 0o600))
    except OSError:
        return


def _holding(regions: Mapping[str, Region], path: str) -> Region | None:
    """The innermost region that holds a path."""
    while path not in regions and path != "/":
        path = path.rpartition("/")[0] or "/"
    return regions.get(path)


def _is_path(text: str) -> bool:
    """Whether what was granted is a path, not a prefix of objects."""
    return not is_object(text)


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


def _workspace(path: str | None) -> str | None:
    real = None if path is None else os.path.realpath(path)
    return None if real in _NO_WORKSPACE else real


def _home(path: str) -> str:
    """HOME when it is a plain absolute path, else nothing to care for."""
    return path if path.startswith("/") and os.path.normpath(path) == path and path != "/" else ""


def _drop_root(workspace: str | None) -> None:
    """As root, become the owner of the workspace for the run.

    Whatever the steps and redirections do is then done with that user's rights. The saved uid stays 0, only so that
    the docker backend can reach its socket; it does not survive an exec.
    """
    if os.geteuid() != 0 or workspace is None:
        return
    owner = os.stat(workspace)
    if owner.st_uid == 0:
        return
    import pwd

    try:
        groups = os.getgrouplist(pwd.getpwuid(owner.st_uid).pw_name, owner.st_gid)
    except KeyError:
        groups = [owner.st_gid]
    _check_readable(owner.st_uid, owner.st_gid)
    os.setgroups(groups)
    os.setresgid(owner.st_gid, owner.st_gid, owner.st_gid)
    os.setresuid(owner.st_uid, owner.st_uid, 0)


def _check_readable(uid: int, gid: int) -> None:
    """Refuse when the workspace's owner cannot read msh's own files: parts of it are loaded when they are needed."""
    directory = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    while directory != "/":
        found = os.stat(directory)
        shift = 6 if found.st_uid == uid else 3 if found.st_gid == gid else 0
        if not found.st_mode >> shift & 0o1:
            message = f"the workspace belongs to uid {uid}, who cannot read msh itself: `{directory}`"
            help_ = "install msh where everybody can read it, or run it as the workspace's owner"
            raise MshError(Diagnostic("MSH405", message, help=help_))
        directory = os.path.dirname(directory)
