"""From what a command line touches to what its step sees, or a refusal.

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

from msh.effects import MOST_MOUNTS, Access, Unknown, holder_of
from msh.sandbox.mounts import NAMED, StepMounts
from msh.sandbox.objects import ObjectUse, directory_like, granted, is_object
from msh.sandbox.programs import SEARCH
from msh.sandbox.refusal import not_a_file, refused
from msh.sandbox.view import Outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.effects import Effects
    from msh.sandbox.grants import Grants
    from msh.sandbox.view import Place, Region

_WRITES = ("write", "entries")


class Collector:
    """Judges what one step touches, one access after the other."""

    def __init__(self, grants: Grants, step: str, directory: str, *, asks: bool = False) -> None:
        self.grants = grants
        self.view = grants.view
        self.step = step
        self.mounts = StepMounts(grants.view, grants.runtime, step)
        self.created: list[str] = []
        self.asks = asks
        self.named: dict[str, str] = {}  # paths outside the grants, asked for when they are opened: path → kind
        self.hollow: set[str] = set()
        self._holders: set[str] = set()  # directories of such paths, of which nothing else is wanted
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
            in_base = region is not None and region.kind == "base"
            if not in_base and os.path.dirname(path) not in SEARCH:  # those the base has, also when /usr is a grant
                self.mounts.file(path, path, False)

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
        if self.asks:
            self._changed(effects.changed)
        for access in named:
            self._one(access)
        if effects.together:
            self.mounts.join()

    def _object(self, access: Access) -> None:
        assert isinstance(access.path, str)
        if access.kind == "list":
            raise directory_like(access.path)
        name = granted(access.path, access.kind, self.grants.settings, self.step)
        self.objects[ObjectUse(name, access.kind)] = None

    def _workspace(self, writable: bool) -> None:
        """All that the user granted to the run, for a step whose operands cannot be read from its arguments."""
        for region in self.view.regions.values():
            if region.kind in NAMED:
                put = self.mounts.tree if os.path.isdir(region.source) else self.mounts.file
                put(region.target, region.source, writable and region.writable)

    def _one(self, access: Access) -> None:
        path = access.path
        assert isinstance(path, str)
        try:
            place = self.view.walk(path, self.named_from)
        except Outside as outside:
            if outside.path.startswith(("/dev/", "/proc/")):  # those are the step's own, made by the backend
                return
            self._outside(access, outside.path, outside.link)
            return
        except OSError:
            if access.kind == "entries":
                self._entries(path)
            return  # the command meets the same error
        with place:
            self.mounts.remember(place)
            if place.region is None or place.region.kind not in NAMED:
                self._without_mount(place, access)
            else:
                self._grant(place, place.region, access)

    def _changed(self, names: Sequence[str | Unknown]) -> None:
        """Names that the step makes, replaces or removes: those outside are asked for, each by itself."""
        for name in names:
            if isinstance(name, Unknown) or is_object(name):
                continue
            try:
                self.view.walk(name, self.named_from, follow=False).close()
            except Outside as outside:
                self._outside(Access("entries", name), outside.path)
                self._holders.add(str(holder_of(name)))
            except OSError:
                continue  # its directory is missing, which is found again by way of that

    def _outside(self, access: Access, path: str, link: str = "") -> None:
        """Asked for when the step comes to it, or refused."""
        assert isinstance(access.path, str)
        if not self.asks:
            raise refused(self.step, access.path, access.kind, path, link, self.view.denials)
        if access.kind == "entries" and access.path in self._holders:
            return
        self._make_way(path)
        kind = "write" if access.kind in _WRITES else "read"
        self.named[path] = kind if self.named.get(path, kind) == kind else "read and write"

    def _make_way(self, path: str) -> None:
        """Directories on the host's way to what is asked for, for programs that enter them one after the other."""
        while not os.path.isdir(path):
            path = os.path.dirname(path)
        if os.path.realpath(path) == path and self.view.region_of(path) is None:
            while path not in self.view.ancestors:
                self.hollow.add(path)
                path = os.path.dirname(path)

    def _without_mount(self, place: Place, access: Access) -> None:
        """A place in the base view, the run's /tmp, or a directory that only holds others: nothing to mount.

        HOME is one too, empty and scratch: whoever lists it means the real one.
        """
        assert isinstance(access.path, str)
        if not place.synthetic:
            return
        is_home = place.guest == self.grants.home
        if is_home and (access.kind != "read" or self.asks):
            self._outside(access, place.guest)
        elif access.kind in _WRITES and access.path not in self._holders:
            raise refused(self.step, access.path, access.kind, place.guest, "", self.view.denials)

    def _grant(self, place: Place, region: Region, access: Access) -> None:
        path, kind = access.path, access.kind
        assert isinstance(path, str)
        if kind in _WRITES and not region.writable:
            raise refused(self.step, path, kind, place.guest, "", self.view.denials)
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
            self.mounts.empty(place)
        else:
            put = self.mounts.tree if is_directory else self.mounts.file
            put(place.guest, place.host, kind == "write")

    def _refuse_special(self, path: str, mode: int) -> None:
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            raise not_a_file(self.step, path, "a device")
        if stat.S_ISSOCK(mode):
            raise not_a_file(self.step, path, "a socket")

    def _create(self, place: Place) -> None:
        """An empty file for the step to fill, so that it can be mounted alone."""
        if not self.grants.makes:
            self.mounts.file(place.guest, place.host, True)
            return
        flags = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY | os.O_CLOEXEC
        try:
            os.close(os.open(place.name, flags, 0o666, dir_fd=place.parent))
        except PermissionError:
            # The user may not write there, so the directory grants no more; in it the command meets the right error.
            self.mounts.tree(os.path.dirname(place.guest), os.path.dirname(place.host), True)
            return
        except OSError:
            return  # the command meets the same error, or somebody else made it and it stays out
        self.created.append(place.host)
        self.mounts.file(place.guest, place.host, True)

    def _entries_at(self, place: Place, region: Region) -> None:
        """The directory itself, or the nearest one above that exists; of a file that was granted alone, the file."""
        if place.stat is not None and stat.S_ISDIR(place.stat.st_mode):
            self.mounts.tree(place.guest, place.host, True)
        elif place.guest == region.target:
            self.mounts.file(place.guest, place.host, True)  # it can be written to; its name cannot change
        else:
            guest = os.path.dirname(place.guest)
            self.mounts.tree(guest, region.source + guest[len(region.target) :], True)

    def _entries(self, path: str) -> None:
        """`mkdir -p a/b/c`: go up from a path whose directory is missing."""
        parent = os.path.dirname(path.rstrip("/"))
        if parent and parent != path:
            self._one(Access("entries", parent))
        elif not parent:
            self._one(Access("entries", "."))

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
            if place.fd < 0 or region is None or region.kind not in NAMED or (kind == "write" and not region.writable):
                return group
            self.mounts.remember(place)
            left = [access for access in group if not self._is_plain(str(access.path), place)]
            if len(left) < len(group):
                self.mounts.tree(place.guest, place.host, kind == "write")
                count = len(group) - len(left)
                self.mounts.notes.append(
                    f"`{self.step}` names {count} files in `{place.guest}`: it gets the whole directory"
                )
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
