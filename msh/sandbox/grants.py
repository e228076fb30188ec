"""The policy of each step: what it sees, what it may run, what it may be asked about.

What the command line touches is judged by `accesses.py`, and put together by `mounts.py`.
"""

from __future__ import annotations

import os

from msh.diagnostics import Diagnostic, MshError
from msh.effects import Unknown
from msh.sandbox.accesses import Collector
from msh.sandbox.leading import OUTLET, proxy_of
from msh.sandbox.mounts import NAMED, hiding
from msh.sandbox.objects import is_object
from msh.sandbox.policy import NO_LIMITS, Mount, Policy
from msh.sandbox.programs import Programs, find_program, with_shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeGuard

    from msh.catalog.model import CommandSpec
    from msh.config import Settings
    from msh.effects import Effects
    from msh.sandbox.policy import Link
    from msh.sandbox.runtime import Runtime
    from msh.sandbox.view import View

MANY_WORDS = 4000  # in an argv: more may not fit beside the options of bubblewrap


class Grants:
    """The grants of one run."""

    def __init__(self, view: View, settings: Settings, runtime: Runtime, home: str) -> None:
        self.view = view
        self.settings = settings
        self.runtime = runtime
        self.home = home
        self.asks_network = False  # whether connections can be asked for, or rules answer
        self.asks = False  # whether somebody can be asked for what is not granted
        self.standing = tuple(_standing(view, runtime, home))
        self._programs: dict[str, str] = {}
        self._on_disk: Programs | None = None
        tmp = view.regions.get("/tmp")
        self._own_tree = tmp is None or tmp.kind != "shared"
        self.makes = True  # files that a step is to write: False where a policy is only looked at

    def policy(
        self,
        spec: CommandSpec,
        effects: Effects,
        argv: Sequence[str],
        environment: Mapping[str, str],
        directory: str,
        title: str = "",
    ) -> Policy:
        """What the step may do; a `title` is its argv[0]. Raises MshError (MSH401, MSH402, MSH403)."""
        asks = self.asks and spec.run.kind == "host"
        collected = Collector(self, spec.name, directory, asks=asks)
        program = self._program(spec)
        if spec.run.kind == "host":
            collected.add_program(program)
        collected.add(effects)
        helpers = ("perl",) if title or len(argv) > MANY_WORDS else ()  # which hands them over, see bubblewrap.py
        emptied, shown, executables = self._executables(spec, program, effects, directory, helpers)
        name = os.path.basename(program)
        mounts = collected.mounts
        granted = mounts.outermost()
        network, connects, proxy, outlet = self._network(spec, effects)
        if outlet:
            environment = {**environment, **OUTLET}
        return Policy(
            argv=(title or (argv[0] if name == os.path.basename(argv[0]) else name), *spec.arguments, *argv[1:]),
            program=program,
            environment=tuple(environment.items()),
            directory=collected.directory,
            mounts=(*[each for each in emptied if not mounts.covers(each.target)], *self.standing, *granted),
            links=(*[each for each in shown if not mounts.covers(each.path)], *mounts.links()),
            directories=tuple(sorted({*mounts.directories, *collected.hollow})),
            modes=mounts.modes(),
            network=network,
            hollow=tuple(sorted(collected.hollow)),
            image=spec.run.image if spec.run.kind == "image" else "",
            created=tuple(collected.created),
            objects=tuple(collected.objects),
            asks=asks and (bool(collected.named) or bool(effects.workspace)),
            named=tuple(collected.named.items()),
            notes=tuple(mounts.notes),
            executables=executables,
            connects=connects,
            proxy=proxy,
            outlet=outlet,
            limits=NO_LIMITS.replace(**dict(effects.limits)) if effects.limits else NO_LIMITS,
        )

    def _network(self, spec: CommandSpec, effects: Effects) -> tuple[bool, bool, str, bool]:
        """Whether a step has the host's network, or asks for connections, and by which proxies (see `Policy`)."""
        network = effects.network != "none" and self.settings.allow_network
        connects = self._connects(spec, effects) and not network
        proxy, outlet = proxy_of(spec, effects, self.settings)
        return network, connects, proxy, outlet and connects

    def _connects(self, spec: CommandSpec, effects: Effects) -> bool:
        """Whether the step may ask for connections: with `--net ask` each may, else those that need a network, or of
        which nobody knows what they do.
        """
        if not self.asks_network or spec.run.kind != "host":
            return False
        return self.settings.network == "ask" or effects.network != "none" or bool(effects.workspace)

    def _executables(
        self, spec: CommandSpec, program: str, effects: Effects, directory: str, helpers: tuple[str, ...]
    ) -> tuple[tuple[Mount, ...], tuple[Link, ...], tuple[str, ...]]:
        """What hides other programs from a step that is to run only its own; nothing for one that may run any."""
        if effects.programs == "any" or not self._own_tree:
            return (), (), ()
        if spec.run.kind != "host":
            return (), (), (program,)
        if self._on_disk is None:
            self._on_disk = Programs()
        named = [(os.path.join(directory, each.path), each.kind) for each in effects.accesses if _is_name(each.path)]
        return self._on_disk.view(program, (*with_shell(effects.executes), *helpers), named)

    def _program(self, spec: CommandSpec) -> str:
        """The path of a host program in the view; the name itself for an image."""
        name = spec.run.program
        if spec.run.kind != "host":
            return str(name)
        path = self._programs.get(name)
        if path is None:
            path = self._program_at(name) if "/" in name else find_program(name)
            if not path or not os.access(path, os.X_OK):
                message = f"`{spec.name}` is in the catalog, but its program `{name}` is not installed"
                raise MshError(Diagnostic("MSH403", message, help="install it, or map the command to another program"))
            self._programs[name] = path
        return path

    def _program_at(self, path: str) -> str:
        """A program given by its path. One of the base view keeps its own name, as in `find_program`."""
        real = os.path.realpath(path)
        region = self.view.region_of(real)
        if region is None or region.kind != "base":
            return real
        return f"{os.path.realpath(os.path.dirname(path))}/{os.path.basename(path)}"


def _is_name(path: str | Unknown) -> TypeGuard[str]:
    return isinstance(path, str) and not is_object(path)


def _standing(view: View, runtime: Runtime, home: str) -> Iterable[Mount]:
    """Mounts of every step: scratch for HOME, shields in /tmp, and what hides the denied parts of what all see.

    A shield is an empty directory over the place in the run's /tmp below which granted things lie. Their mount points
    are made in it, for this step only; and no step can rename what is a mount point for it, so none can put a link
    in the way of the next step's mounts.
    """
    tmp = view.regions.get("/tmp")
    if tmp is not None and tmp.kind == "shared":
        return  # a worker has no tree to mount anything in
    if tmp is not None and tmp.kind == "scratch":
        below = [
            region for region in view.regions.values() if region.kind in NAMED and region.target.startswith("/tmp/")
        ]
        for first in sorted({region.target.split("/")[2] for region in below}):
            target, path = f"/tmp/{first}", f"{runtime.tmp}/{first}"
            region = view.regions.get(target)
            if region is not None and not os.path.isdir(region.source):
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
                yield Mount(region.source, target)
            else:
                os.mkdir(path, 0o755)
                yield Mount("", target)
    if home and view.region_of(home) is None:
        yield Mount("", home, True)
    for path, region in view.regions.items():
        outer = view.region_of(os.path.dirname(path))
        if region.kind == "denied" and outer is not None and outer.kind == "base":
            yield hiding(region, runtime)
