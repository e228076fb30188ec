"""docker: steps whose program lives in an image, through an Engine's API.

The container has no network unless granted, a read-only root, no capabilities, no new privileges, the caller's uid, the
step's grants as binds and the run's private `/tmp`. Nothing is pulled: an image that is not there is refused, since a
download is a network access that nobody granted.

A step is a child process here too (`docker_pump.py`): it creates the container, moves bytes between the step's kernel
pipes and the Engine's stream, forwards signals, exits with the container's status and removes it. The filter of system
calls is ours (`docker_filter.py`). Weaker than bubblewrap in what docs/security.md names: the Engine opens bind sources
by path, and the programs of the image are all there. Nobody is asked for files or connections of a container.
"""

from __future__ import annotations

import os
import re

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.backend import NO_CONTROLS, Base, Controls, Gap, Plan, Process, require
from msh.sandbox.descriptors import keep
from msh.sandbox.policy import Mount, Outcome, Policy
from msh.sandbox.view import open_real

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
#: The grammar of github.com/distribution/reference: nothing in it can be read as an option.
REFERENCE = rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?"


_ELSE = "map it to a program of this host"
PATHS = Gap("paths", "the Engine opens granted paths by name, and mounts what was swapped for them meanwhile", _ELSE)
PROGRAMS = Gap("programs", "all programs of its image can be run", '`programs = "any"` in its entry asks for no more')


class ContainerPlan(Plan):
    """A container to be: `scratch` are tmpfs mounts, of which only the writable ones may be written to."""

    image: str = ""
    user: str = ""
    binds: tuple[Mount, ...] = ()
    scratch: tuple[Mount, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    directory: str = "/"
    memory: int | None = None
    pids: int | None = None
    files: int | None = None
    cpu: float | None = None
    cpus: float | None = None
    disk: int | None = None

    @property
    def ulimits(self) -> dict[str, int]:
        """Limits of each process, as the Engine calls them."""
        bounds = {"nofile": self.files, "cpu": None if self.cpu is None else -(-self.cpu // 1), "fsize": self.disk}
        return {name: int(value) for name, value in bounds.items() if value is not None}


class Docker:
    """Starts steps in containers of one Engine, found as the docker command line finds it (`DOCKER_HOST`)."""

    name = "docker"
    capabilities = frozenset(
        {"image", "network", *[f"limits.{name}" for name in ("memory", "pids", "files", "cpu", "cpus", "disk")]}
    )

    def close(self) -> None:
        """Nothing is held between steps."""

    def gaps(self, policy: Policy) -> tuple[Gap, ...]:
        """What a container holds less strictly than bubblewrap."""
        granted = any(mount.source for mount in policy.mounts)
        return (*((PATHS,) if granted else ()), *((PROGRAMS,) if policy.executables else ()))

    def compile(self, policy: Policy, base: Base) -> Plan:
        """The container of a policy. Raises MshError MSH445 without an image, MSH446 for one that is no reference."""
        require(policy, self.name, self.capabilities)
        if not policy.image:
            message = f"`{policy.argv[0]}` runs a program of this machine, and the docker backend runs images"
            raise MshError(Diagnostic("MSH445", message, help='give it one in the catalog: `run = { image = "…" }`'))
        if len(policy.image) > 255 or re.fullmatch(REFERENCE, policy.image) is None:
            message = f"`{policy.image}` is not an image reference"
            raise MshError(Diagnostic("MSH446", message, help="expected `[host/]name[:tag][@sha256:digest]`"))
        binds, scratch = _binds(policy, base)
        plan = ContainerPlan(
            backend=self.name,
            words=(),
            arguments=(policy.program, *policy.argv[1:]),
            network=policy.network,
            created=policy.created,
            image=policy.image,
            user=f"{os.geteuid()}:{os.getegid()}",
            binds=binds,
            scratch=scratch,
            environment=policy.environment,
            directory=policy.directory,
            memory=policy.limits.memory,
            pids=policy.limits.pids,
            files=policy.limits.files,
            cpu=policy.limits.cpu,
            cpus=policy.limits.cpus,
            disk=policy.limits.disk,
        )
        return plan.replace(words=tuple(_as_command(plan)))

    def prepare(self) -> None:
        """Forks share nothing that could be made now."""

    def start(
        self,
        plan: Plan,
        fds: Mapping[int, int],
        ignored: frozenset[int] = frozenset(),
        controls: Controls = NO_CONTROLS,
    ) -> Process:
        """Fork the process that stands for the container. Raises MshError MSH447 for descriptors above 2."""
        assert isinstance(plan, ContainerPlan)
        surplus = sorted([number for number in fds if number > 2])
        if surplus:
            message = f"`{plan.arguments[0]}` in a container cannot have descriptor {surplus[0]}"
            raise MshError(Diagnostic("MSH447", message, help="pass data through standard input and output, or a file"))
        for mount in plan.binds:
            os.close(_still(mount.source))
        report, write = os.pipe()
        report = keep(report)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            from msh.sandbox.docker_pump import stand_for

            stand_for(plan, {number: fds.get(number, -1) for number in (0, 1, 2)}, write, parent)
        os.close(write)
        return Process(pid, plan.created, None, report, _judge)


def _judge(said: bytes, code: int) -> Outcome | None:
    """What the pump said beyond the status: `oom`, `invalid`."""
    return Outcome(said.decode("ascii"), code) if said else None


def _still(path: str) -> int:
    try:
        return open_real(path)
    except OSError as error:
        message = f"`{path}` was granted and is no longer there as it was: {(error.strerror or '').lower()}"
        raise MshError(Diagnostic("MSH442", message, help="something changed it while the step was started")) from None


def _binds(policy: Policy, base: Base) -> tuple[tuple[Mount, ...], tuple[Mount, ...]]:
    """The run's /tmp and the grants; a symbolic link on the way becomes one more mount of what it leads to."""
    granted = [mount for mount in policy.mounts if mount.source]
    shared = [mount for mount in base.mounts if mount.target == "/tmp" and policy.limits.disk is None]
    binds = [*shared, *granted]
    links = {link.path: link.target for link in policy.links}
    for path in links:
        target = _followed(path, links)
        for mount in granted:
            if _holds(mount.target, target):
                binds.append(Mount(mount.source + target[len(mount.target) :], path, mount.writable))
    scratch = [mount for mount in policy.mounts if not mount.source]
    if not shared:
        scratch.insert(0, Mount("", "/tmp", True))  # the Engine does not see the run's own, which has a size
    around = [mount for mount in (*binds, *scratch) if _holds(mount.target, policy.directory)]
    nearest = max(around, key=lambda mount: len(mount.target), default=None)
    if nearest is not None and not nearest.source and not nearest.writable and nearest.target != policy.directory:
        scratch.append(Mount("", policy.directory))  # else the Engine makes one that uid 0 could write to
    return tuple(binds), tuple(scratch)


def _holds(target: str, path: str) -> bool:
    return path == target or path.startswith(target.rstrip("/") + "/")


def _followed(path: str, links: Mapping[str, str]) -> str:
    """Where a path leads through these links, which the grants have found to end somewhere."""
    for _ in links:
        for link, target in links.items():
            if path == link or path.startswith(f"{link}/"):
                path = os.path.normpath(os.path.join(os.path.dirname(link), target) + path[len(link) :])
    return path


def tmpfs_options(mount: Mount, size: int | None) -> str:
    """Of an empty directory that only a container sees."""
    return f"mode={'1777' if mount.writable else '0555'}" + ("" if size is None else f",size={size}")


def _as_command(plan: ContainerPlan) -> Iterator[str]:
    """The plan as `docker run` words, for people to read: nothing runs them."""
    yield from ("docker", "run", "--rm", "--interactive", "--init", "--read-only", "--cap-drop", "ALL")
    yield from (
        "--security-opt",
        "no-new-privileges",
        "--security-opt",
        "seccomp=msh.json",
        "--user",
        plan.user,
        "--hostname",
        "msh",
    )
    yield from ("--network", "bridge" if plan.network else "none", "--workdir", plan.directory)
    for flag, prefix, limit in (
        ("--memory", "", plan.memory),
        ("--pids-limit", "", plan.pids),
        ("--cpus", "", plan.cpus),
        *[("--ulimit", f"{name}=", value) for name, value in plan.ulimits.items()],
    ):
        if limit is not None:
            yield from (flag, f"{prefix}{limit}")
    for mount in plan.scratch:
        yield from ("--tmpfs", f"{mount.target}:{tmpfs_options(mount, plan.disk)}")
    for mount in plan.binds:
        mode = "" if mount.writable else ",readonly"
        yield from ("--mount", f"type=bind,source={mount.source},target={mount.target}{mode}")
    for name, value in plan.environment:
        yield from ("--env", f"{name}={value}")
    yield from ("--entrypoint", plan.arguments[0], plan.image)
