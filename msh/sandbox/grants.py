"""From what a command line touches to the mounts of its step, or a refusal.

Naming a path grants it inside the workspace, the base view and the run's own /tmp. Which object a name means is found
with `View.walk`, so a grant is of an object, never of a piece of text: `..` and symbolic links that lead outside are
refused. What stands in the step's view:

    read       the file alone, read-only; a directory is an empty one (`cat` says `Is a directory`)
    list       the directory, read-only
    write      the file alone, writable; one that is to be made is made first, empty
    entries    the directory, writable

and the symbolic links on the way, so that names resolve inside as they do for the script. A name that is missing needs
no mount: the command says so itself.
"""

from __future__ import annotations

import os
import stat

from msh.diagnostics import Diagnostic, MshError
from msh.effects import MOST_MOUNTS, Unknown
from msh.sandbox.objects import ObjectUse, directory_like, granted, is_object
from msh.sandbox.policy import Limits, Link, Mount, Policy
from msh.sandbox.programs import Programs, find_program, with_shell
from msh.sandbox.refusal import not_a_file, refused
from msh.sandbox.view import Outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeGuard

    from msh.catalog.model import CommandSpec
    from msh.config import Settings
    from msh.effects import Access, Effects
    from msh.sandbox.runtime import Runtime
    from msh.sandbox.view import Place, Region, View

MANY_WORDS = 4000  # in an argv: more may not fit beside the options of bubblewrap
_NAMED = ("workspace", "granted")  # regions of which a step sees only what it names
_WRITES = ("write", "entries")


class Grants:
    """The grants of one run."""

    def __init__(self, view: View, settings: Settings, runtime: Runtime, home: str) -> None:
        self.view = view
        self.settings = settings
        self.runtime = runtime
        self.asks_network = False  # whether connections can be asked for, or rules answer
        self.asks = False  # whether somebody can be asked for what is not granted
        self._standing = tuple(_standing(view, runtime, home))
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
    ) -> Policy:
        """What the step may do. Raises MshError (MSH401, MSH402, MSH403)."""
        asks = self.asks and spec.run.kind == "host"
        collected = _Collector(self, spec.name, directory, asks=asks)
        program = self._program(spec)
        if spec.run.kind == "host":
            collected.add_program(program)
        collected.add(effects)
        helpers = ("perl",) if len(argv) > MANY_WORDS else ()  # which hands them over, see bubblewrap.py
        hiding, shown, executables = self._executables(spec, program, effects, directory, helpers)
        image = spec.run.image if spec.run.kind == "image" else ""
        network = effects.network != "none" and self.settings.allow_network
        name = os.path.basename(program)
        notes = collected.notes
        return Policy(
            argv=(argv[0] if name == os.path.basename(argv[0]) else name, *spec.arguments, *argv[1:]),
            program=program,
            environment=tuple(environment.items()),
            directory=collected.directory,
            mounts=(*hiding, *self._standing, *collected.mounts()),
            links=(*shown, *collected.links()),
            directories=tuple(sorted(collected.directories)),
            network=network,
            connects=self._connects(spec, effects) and not network,
            image=image,
            created=tuple(collected.created),
            objects=tuple(collected.objects),
            asks=asks and (bool(collected.named) or bool(effects.workspace)),
            named=tuple(collected.named.items()),
            notes=tuple(notes),
            executables=executables,
            limits=Limits().replace(**dict(effects.limits)) if effects.limits else Limits(),
        )

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
        if effects.programs == "any" or spec.run.kind != "host" or not self._own_tree:
            return (), (), ()
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
    """Mounts of every step: scratch for HOME, and shields in /tmp.

    A shield is an empty directory over the place in the run's /tmp below which granted things lie. Their mount points
    are made in it, for this step only; and no step can rename what is a mount point for it, so none can put a link
    in the way of the next step's mounts.
    """
    tmp = view.regions.get("/tmp")
    if tmp is not None and tmp.kind == "shared":
        return  # a worker has no tree to mount anything in
    if tmp is not None and tmp.kind == "scratch":
        below = [
            region for region in view.regions.values() if region.kind in _NAMED and region.target.startswith("/tmp/")
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


class _Collector:
    """What one step was granted so far: guest path → (host path, writable)."""

    def __init__(self, grants: Grants, step: str, directory: str, *, asks: bool = False) -> None:
        self.grants = grants
        self.view = grants.view
        self.step = step
        self.files: dict[str, tuple[str, bool]] = {}
        self.trees: dict[str, tuple[str, bool]] = {}
        self.directories: set[str] = set()
        self.followed: dict[str, str] = {}
        self.created: list[str] = []
        self.notes: list[str] = []
        self.asks = asks
        self.named: dict[str, str] = {}  # paths outside the grants, asked for when they are opened: path → kind
        self.objects: dict[ObjectUse, None] = {}
        self.named_from = directory  # what relative names begin with, seen by the step or not
        self.directory = self._directory(directory)

    def _directory(self, path: str) -> str:
        """The step's working directory, canonical."""
        try:
            with self.view.walk(path, "/") as place:
                return place.guest
        except (Outside, OSError):
            return "/"

    # ---- collecting -----------------------------------------------------------

    def add_program(self, path: str) -> None:
        """A program outside the base view is mounted alone; the catalog's author named it."""
        if path.startswith("/"):
            region = self.view.region_of(path)
            if region is None or region.kind != "base":
                self.files[path] = (path, False)

    def add(self, effects: Effects) -> None:
        """All accesses; raises at the first that is refused."""
        if effects.workspace:
            self._workspace(effects.workspace == "write")
        for access in effects.accesses:
            if isinstance(access.path, str) and is_object(access.path):
                self._object(access)
        accesses = [each for each in effects.accesses if isinstance(each.path, Unknown) or not is_object(each.path)]
        named = [access for access in accesses if not isinstance(access.path, Unknown)]
        if len(named) != len(accesses):
            unknown = [access for access in accesses if isinstance(access.path, Unknown)]
            self._workspace(any(access.kind in _WRITES for access in unknown))
        if len(named) > MOST_MOUNTS:
            named = self._many(named)
        for access in named:
            self._one(access)
        if effects.together:
            self._together()

    def _object(self, access: Access) -> None:
        assert isinstance(access.path, str)
        if access.kind == "list":
            raise directory_like(access.path)
        name = granted(access.path, access.kind, self.grants.settings, self.step)
        self.objects[ObjectUse(name, access.kind)] = None

    def _workspace(self, writable: bool) -> None:
        """All that the user granted to the run, for a step whose operands cannot be read from its arguments."""
        for region in self.view.regions.values():
            if region.kind in _NAMED:
                held = self.files if not os.path.isdir(region.source) else self.trees
                _put(held, region.target, region.source, writable and region.writable)

    def _one(self, access: Access) -> None:
        path = access.path
        assert isinstance(path, str)
        try:
            place = self.view.walk(path, self.named_from)
        except Outside as outside:
            if outside.path.startswith(("/dev/", "/proc/")):  # those are the step's own, made by the backend
                return
            if self.asks and access.kind in ("read", "write"):
                self.named[outside.path] = "write" if "write" in (access.kind, self.named.get(outside.path)) else "read"
            else:
                raise refused(self.step, path, access.kind, outside.path, outside.link) from None
            return
        except OSError:
            if access.kind == "entries":
                self._entries(path)
            return  # the command meets the same error
        with place:
            self._remember(place)
            if place.region is None or place.region.kind not in _NAMED:
                self._without_mount(place, access)
            else:
                self._grant(place, place.region, access)

    def _without_mount(self, place: Place, access: Access) -> None:
        """A place in the base view, the run's /tmp, or a directory that only holds others: nothing to mount."""
        assert isinstance(access.path, str)
        if place.synthetic and access.kind in _WRITES:
            raise refused(self.step, access.path, access.kind, place.guest)

    def _grant(self, place: Place, region: Region, access: Access) -> None:
        path, kind = access.path, access.kind
        assert isinstance(path, str)
        if kind in _WRITES and not region.writable:
            raise refused(self.step, path, kind, place.guest)
        if place.stat is not None:
            self._refuse_special(path, place.stat.st_mode)
        is_directory = place.stat is not None and stat.S_ISDIR(place.stat.st_mode)
        if kind == "entries":
            self._entries_at(place, region)
        elif place.stat is None:
            if kind == "write" and access.create:
                self._create(place)
            elif kind == "write":
                self._entries_at(place, region)
        elif is_directory and kind == "read":
            self.directories.add(place.guest)
        else:
            _put(self.trees if is_directory else self.files, place.guest, place.host, kind == "write")

    def _refuse_special(self, path: str, mode: int) -> None:
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            raise not_a_file(self.step, path, "a device")
        if stat.S_ISSOCK(mode):
            raise not_a_file(self.step, path, "a socket")

    def _create(self, place: Place) -> None:
        """An empty file for the step to fill, so that it can be mounted alone."""
        if not self.grants.makes:
            _put(self.files, place.guest, place.host, True)
            return
        flags = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY | os.O_CLOEXEC
        try:
            os.close(os.open(place.name, flags, 0o666, dir_fd=place.parent))
        except PermissionError:
            # The user may not write there, so the directory grants no more; in it the command meets the right error.
            _put(self.trees, os.path.dirname(place.guest), os.path.dirname(place.host), True)
            return
        except OSError:
            return  # the command meets the same error, or somebody else made it and it stays out
        self.created.append(place.host)
        _put(self.files, place.guest, place.host, True)

    def _entries_at(self, place: Place, region: Region) -> None:
        """The directory itself, or the nearest one above that exists; of a file that was granted alone, the file."""
        if place.stat is not None and stat.S_ISDIR(place.stat.st_mode):
            _put(self.trees, place.guest, place.host, True)
        elif place.guest == region.target:
            _put(self.files, place.guest, place.host, True)  # it can be written to; its name cannot change
        else:
            guest = os.path.dirname(place.guest)
            _put(self.trees, guest, region.source + guest[len(region.target) :], True)

    def _entries(self, path: str) -> None:
        """`mkdir -p a/b/c`: go up from a path whose directory is missing."""
        parent = os.path.dirname(path.rstrip("/"))
        if parent and parent != path:
            from msh.effects import Access

            self._one(Access("entries", parent))
        elif not parent:
            from msh.effects import Access

            self._one(Access("entries", "."))

    def _remember(self, place: Place) -> None:
        for path, target in place.links:
            region = self.view.region_of(path)
            if path not in self.view.links and (region is None or region.kind not in ("base", "etc")):
                self.followed[path] = target
        self.directories.update(place.visited)

    def _together(self) -> None:
        """One mount over the common ancestor of all writable directories of a region: rename and link stay possible."""
        for region in self.view.regions.values():
            inside = [
                path
                for path, (_, writable) in self.trees.items()
                if writable and region.kind in _NAMED and self.view.region_of(path) == region
            ]
            if len(inside) > 1:
                common = os.path.commonpath(inside)
                for path in inside:
                    del self.trees[path]
                _put(self.trees, common, region.source + common[len(region.target) :], True)
                if common not in inside:
                    self.notes.append(
                        f"`{self.step}` gets all of `{common}`: it renames or links between directories in it"
                    )

    # ---- many operands ----------------------------------------------------------

    def _many(self, accesses: Sequence[Access]) -> list[Access]:
        """Mount the directories of many plain files instead of each file. Returns the accesses that are left.

        A directory is walked once and its names are looked at in it; links, directories and missing names are left
        for the ordinary way, which may find that they lead elsewhere.
        """
        groups: dict[tuple[str, str], list[Access]] = {}
        left: list[Access] = []
        for access in accesses:
            if access.kind in ("read", "write"):
                parent, _, name = str(access.path).rpartition("/")
                if name not in ("", ".", ".."):
                    groups.setdefault(
                        (parent if parent else ("/" if str(access.path)[0] == "/" else "."), access.kind), []
                    ).append(access)
                    continue
            left.append(access)
        for (parent, kind), group in groups.items():
            left += group if len(group) <= MOST_MOUNTS else self._directory_of(parent, kind, group)
        return left

    def _directory_of(self, parent: str, kind: str, group: list[Access]) -> list[Access]:
        try:
            place = self.view.walk(parent, self.directory)
        except (Outside, OSError):
            return group
        with place:
            region = place.region
            if place.fd < 0 or region is None or region.kind not in _NAMED or (kind == "write" and not region.writable):
                return group
            self._remember(place)
            left = [access for access in group if not self._is_plain(str(access.path), place)]
            if len(left) < len(group):
                _put(self.trees, place.guest, place.host, kind == "write")
                count = len(group) - len(left)
                self.notes.append(f"`{self.step}` names {count} files in `{place.guest}`: it gets the whole directory")
            return left

    def _is_plain(self, path: str, place: Place) -> bool:
        """Whether a name in a directory is a regular file or a FIFO."""
        name = path.rpartition("/")[2]
        if f"{place.guest}/{name}" in self.view.regions:
            return False
        try:
            mode = os.stat(name, dir_fd=place.fd, follow_symlinks=False).st_mode
        except (OSError, ValueError):
            return False
        self._refuse_special(path, mode)
        return stat.S_ISREG(mode) or stat.S_ISFIFO(mode)

    # ---- the result ---------------------------------------------------------------

    def mounts(self) -> tuple[Mount, ...]:
        """What is mounted, outermost first, without what an outer mount shows already."""
        if len(self.files) > MOST_MOUNTS:
            self._widen()
        wanted = sorted((self.trees | self.files).items())
        result: list[Mount] = []
        shown: dict[str, bool] = {}
        for target, (source, writable) in wanted:
            outer = _above(target, shown)
            if outer is None or (writable and not outer):
                shown[target] = writable
                result.append(Mount(source, target, writable))
        result += self._denied(shown)
        hidden = self.grants.runtime.base
        if any(hidden == mount.source or hidden.startswith(mount.source.rstrip("/") + "/") for mount in result):
            result.append(Mount(self.grants.runtime.empty, hidden))  # the runs' private directories
        self._shown = shown
        self.directories = {path for path in self.directories if _above(path, shown) is None}
        return tuple(result)

    def _denied(self, shown: Mapping[str, bool]) -> Iterable[Mount]:
        """What is denied inside of what is mounted: hidden, or read-only."""
        for target, region in self.view.regions.items():
            outer = _above(target, shown)
            if target in shown or outer is None:
                continue
            if region.kind == "denied":
                directory = os.path.isdir(target)
                yield Mount(region.source if directory else self.grants.runtime.nothing, target)
            elif outer and region.kind == "granted" and not region.writable:
                yield Mount(region.source, target)

    def links(self) -> tuple[Link, ...]:
        """The links on the way that no mount shows."""
        return tuple(
            [Link(path, target) for path, target in self.followed.items() if _above(path, self._shown) is None]
        )

    def _widen(self) -> None:
        """Too many single files: their directories instead."""
        for target, (source, writable) in list(self.files.items()):
            region = self.view.region_of(target)
            if region is not None and region.kind in _NAMED and target != region.target:
                del self.files[target]
                guest = os.path.dirname(target)
                _put(self.trees, guest, os.path.dirname(source), writable)
        self.notes.append(f"`{self.step}` names more than {MOST_MOUNTS} files: it gets their directories")


def _put(held: dict[str, tuple[str, bool]], target: str, source: str, writable: bool) -> None:
    held[target] = (source, writable or held.get(target, ("", False))[1])


def _above(path: str, shown: Mapping[str, bool]) -> bool | None:
    """Whether the nearest mount at or above a path is writable; None when there is none."""
    while True:
        if path in shown:
            return shown[path]
        if path == "/":
            return None
        path = path.rpartition("/")[0] or "/"
