"""The one description of what exists for a run, and the walk that finds a name in it.

A `View` is a table of regions: guest path → host object. Steps see parts of it (mounts made from it); the interpreter's
own opens go through the same table, so both agree on what a name means: `/tmp/x` is a file of the run's private
directory, `/etc/passwd` the synthetic one, and a symbolic link is followed in the guest's tree, never in the host's.

`View.walk` resolves a name one component at a time with O_PATH|O_NOFOLLOW descriptors, starting at a region's own
descriptor. Nothing is checked by name and then opened by name, so nobody can swap a component in between: what was
judged is what the returned descriptor refers to. A name that leaves all regions raises `Outside`; whether it exists on
the host is never looked at.
"""

from __future__ import annotations

import errno
import os
import stat

from msh.record import Record
from msh.sandbox.descriptors import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.sandbox.refusal import Denial

PATH_MAX = 4096
_MAX_LINKS = 40
_FLAGS = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


class Region(Record):
    """A part of the guest's tree and the host object that stands there.

    kind `base`       read-only for everybody: /usr
         `etc`        the synthetic /etc: a name that is missing in it counts as outside, not as missing
         `scratch`    the run's own: its /tmp
         `shared`     the /tmp of a worker, where runs have none of their own
         `device`     one of the harmless devices
         `workspace`  naming a path grants it
         `granted`    named by --allow-read or --allow-write
         `denied`     named by --deny-read: as if no region held it
    """

    target: str
    source: str
    kind: str
    writable: bool = False


class Outside(Exception):
    """A name that no region holds. `path` is where it led in the guest's tree; `link` the symbolic link that led
    there.
    """

    def __init__(self, path: str, link: str = "") -> None:
        super().__init__(path)
        self.path = path
        self.link = link


class Place:
    """Where a name led. Owns its descriptors; `close` them, or use it as a context manager.

    `guest` is the canonical path, `fd` an O_PATH descriptor of the object or -1 when the name is missing or the
    object is not on the host (a directory that exists only to hold regions, `synthetic`). `parent` is the directory
    in which the name was looked up, -1 if there is none; `name` the last component there. `links` are the symbolic
    links that were followed, as (canonical path, target); `visited` the directories that `..` left again.
    `descriptor` is N for `/dev/fd/N`, which is the caller's own table.
    """

    __slots__ = (
        "descriptor",
        "fd",
        "guest",
        "host",
        "links",
        "name",
        "parent",
        "region",
        "stat",
        "synthetic",
        "visited",
    )

    def __init__(self, guest: str, links: tuple[tuple[str, str], ...]) -> None:
        self.guest = guest
        self.host = ""
        self.region: Region | None = None
        self.fd = -1
        self.parent = -1
        self.name = ""
        self.stat: os.stat_result | None = None
        self.links = links
        self.synthetic = False
        self.descriptor = -1
        self.visited: tuple[str, ...] = ()

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close both descriptors."""
        for number in (self.fd, self.parent):
            if number >= 0:
                os.close(number)
        self.fd = self.parent = -1

    @property
    def missing(self) -> bool:
        """Whether the name is not there (its directory is)."""
        return self.fd < 0 and not self.synthetic and self.descriptor < 0


class _Step:
    """One directory on the way: its canonical path, region and descriptor (-1 when it only holds regions)."""

    __slots__ = ("fd", "guest", "owned", "region")

    def __init__(self, guest: str, region: Region | None, fd: int, owned: bool) -> None:
        self.guest = guest
        self.region = region
        self.fd = fd
        self.owned = owned


class View:
    """Regions and links of the guest's tree, with one descriptor a region (opened when first walked through)."""

    def __init__(
        self,
        regions: tuple[Region, ...],
        links: tuple[tuple[str, str], ...],
        directories: tuple[str, ...] = (),
        denials: tuple[Denial, ...] = (),
    ) -> None:
        self.denials = denials
        self.regions = {region.target: region for region in regions}
        self.links = dict(links)
        self.ancestors: dict[str, set[str]] = {"/": set()}
        #: What is taken out of others, or only to be read inside of them.
        self.narrowing = tuple(
            [
                (region.target, region)
                for region in regions
                if region.kind == "denied" or (region.kind == "granted" and not region.writable)
            ]
        )
        self._roots: dict[str, int] = {}
        for path in (*directories, "/proc/self/fd"):
            self.ancestors.setdefault(path, set())
            self._add_ancestors(path)
        for target in (*self.regions, *self.links):
            self._add_ancestors(target)

    def _add_ancestors(self, target: str) -> None:
        while target != "/":
            parent, _, name = target.rpartition("/")
            parent = parent or "/"
            self.ancestors.setdefault(parent, set()).add(name)
            target = parent

    def close(self) -> None:
        """Close the regions' descriptors."""
        for number in self._roots.values():
            os.close(number)
        self._roots.clear()

    def descriptors(self) -> tuple[int, ...]:
        """The descriptors that are open."""
        return tuple(self._roots.values())

    def root(self, region: Region) -> int:
        """The descriptor of a region's host object. It stays the same object, whatever becomes of the name."""
        number = self._roots.get(region.target, -1)
        if number < 0:
            number = self._roots[region.target] = keep(open_real(region.source))
        return number

    def region_of(self, guest: str) -> Region | None:
        """The innermost region that holds a canonical path."""
        while True:
            region = self.regions.get(guest)
            if region is not None or guest == "/":
                return region
            guest = guest.rpartition("/")[0] or "/"

    def walk(self, path: str, directory: str, *, follow: bool = True) -> Place:
        """Resolve a name relative to the guest directory `directory`.

        Raises `Outside`, or `OSError` for what the kernel would say: a loop, a file used as a directory, no permission.
        A last component that is missing is a result; a missing directory on the way is `FileNotFoundError`.
        """
        if not path:
            raise _error(errno.ENOENT, path)
        if "\0" in path:
            raise _error(errno.EINVAL, path)
        if len(path) >= PATH_MAX:
            raise _error(errno.ENAMETOOLONG, path)
        return _Walk(self, path).run(path if path[0] == "/" else f"{directory}/{path}", follow)


class _Walk:
    """The state of one resolution."""

    def __init__(self, view: View, path: str) -> None:
        self.view = view
        self.path = path
        region = view.regions.get("/")
        self.steps = [_Step("/", region, view.root(region) if region else -1, False)]
        self.links: list[tuple[str, str]] = []
        self.visited: list[str] = []

    def run(self, path: str, follow: bool) -> Place:
        """Walk all components; `todo` is a stack of those still to come."""
        todo = _components(path)
        directory_wanted = path[-1:] == "/" or todo[-1:] in (["."], [".."])
        try:
            while todo:
                name = todo.pop(0)
                if name == ".":
                    continue
                if name == "..":
                    self.visited.append(self.steps[-1].guest)
                    self._up()
                    continue
                last = not todo
                place = self._down(name, todo, last, follow or directory_wanted)
                if place is not None:
                    place.visited = tuple(self.visited)
                    return self._checked(place, directory_wanted)
            place = self._here()
            place.visited = tuple(self.visited)
            return place
        finally:
            for step in self.steps:
                if step.owned:
                    os.close(step.fd)

    def _up(self) -> None:
        if len(self.steps) > 1:
            step = self.steps.pop()
            if step.owned:
                os.close(step.fd)

    def _down(self, name: str, todo: list[str], last: bool, follow: bool) -> Place | None:
        """Go one component further; a Place when the walk ends here."""
        at = self.steps[-1]
        guest = f"/{name}" if at.guest == "/" else f"{at.guest}/{name}"
        view = self.view
        target = view.links.get(guest)
        if target is not None and (follow or not last):
            return self._follow(guest, target, todo, last)
        region = view.regions.get(guest)
        if region is not None:
            if region.kind == "denied":
                raise self._outside(guest, todo)
            return self._enter(guest, region, last)
        # In the run's /tmp, a directory above granted things is a shield (grants.py) and holds nothing else.
        shield = at.region is not None and at.region.kind == "scratch"
        if guest in view.ancestors and (at.fd < 0 or shield or not self._exists(name, at)):
            self.steps.append(_Step(guest, None, -1, False))
            return None
        if at.fd < 0:
            if at.guest == "/proc/self/fd" and name.isascii() and name.isdigit() and last:
                place = Place(guest, tuple(self.links))
                place.descriptor = int(name)
                return place
            if target is not None:
                return self._synthetic_link(guest, target)
            raise self._outside(guest, todo)
        return self._look(name, guest, todo, last, follow)

    def _outside(self, guest: str, todo: list[str]) -> Outside:
        return Outside(os.path.normpath("/".join([guest, *todo])), self.links[-1][0] if self.links else "")

    def _exists(self, name: str, at: _Step) -> bool:
        try:
            os.stat(name, dir_fd=at.fd, follow_symlinks=False)
        except OSError:
            return False
        return True

    def _synthetic_link(self, guest: str, target: str) -> Place:
        place = Place(guest, tuple(self.links))
        place.synthetic = True
        place.host = target
        return place

    def _enter(self, guest: str, region: Region, last: bool) -> Place | None:
        fd = self.view.root(region)
        found = os.fstat(fd)
        if not stat.S_ISDIR(found.st_mode):
            if not last:
                raise _error(errno.ENOTDIR, self.path)
            return self._place(guest, region, os.dup(fd), -1, "", found)
        self.steps.append(_Step(guest, region, fd, False))
        return None

    def _look(self, name: str, guest: str, todo: list[str], last: bool, follow: bool) -> Place | None:
        at = self.steps[-1]
        region = at.region
        assert region is not None
        try:
            fd = os.open(name, _FLAGS, dir_fd=at.fd)
        except FileNotFoundError:
            if region.kind == "etc":
                raise self._outside(guest, todo) from None
            if not last:
                raise _error(errno.ENOENT, self.path) from None
            return self._place(guest, region, -1, os.dup(at.fd), name, None)
        except OSError as error:
            raise _error(error.errno or errno.EIO, self.path) from None
        found = os.fstat(fd)
        if stat.S_ISLNK(found.st_mode) and (follow or not last):
            target = os.readlink("", dir_fd=fd)
            os.close(fd)
            return self._follow(guest, target, todo, last)
        if last and not stat.S_ISDIR(found.st_mode):
            return self._place(guest, region, fd, os.dup(at.fd), name, found)
        if not stat.S_ISDIR(found.st_mode):
            os.close(fd)
            raise _error(errno.ENOTDIR, self.path)
        self.steps.append(_Step(guest, region, fd, True))
        return None

    def _follow(self, guest: str, target: str, todo: list[str], last: bool) -> Place | None:
        self.links.append((guest, target))
        if len(self.links) > _MAX_LINKS:
            raise _error(errno.ELOOP, self.path)
        if not target:
            raise _error(errno.ENOENT, self.path)
        if target[0] == "/":
            while len(self.steps) > 1:
                self._up()
        todo[:0] = _components(target)
        return None

    def _place(
        self, guest: str, region: Region, fd: int, parent: int, name: str, found: os.stat_result | None
    ) -> Place:
        place = Place(guest, tuple(self.links))
        place.region, place.fd, place.parent, place.name, place.stat = region, fd, parent, name, found
        place.host = region.source + guest[len(region.target) :] if region.target != "/" else guest
        return place

    def _here(self) -> Place:
        """The walk ended at a directory."""
        step = self.steps[-1]
        if step.region is None or step.fd < 0:
            place = Place(step.guest, tuple(self.links))
            place.synthetic = True
            return place
        parent = -1
        if step.guest != step.region.target and len(self.steps) > 1 and self.steps[-2].fd >= 0:
            parent = os.dup(self.steps[-2].fd)
        name = step.guest.rpartition("/")[2]
        return self._place(step.guest, step.region, os.dup(step.fd), parent, name, os.fstat(step.fd))

    def _checked(self, place: Place, directory_wanted: bool) -> Place:
        """`name/` means a directory."""
        if directory_wanted and place.stat is not None and not stat.S_ISDIR(place.stat.st_mode):
            place.close()
            raise _error(errno.ENOTDIR, self.path)
        return place


def open_real(path: str) -> int:
    """An O_PATH descriptor of a host path that is known to hold no symbolic link; ELOOP or ENOTDIR if it does now."""
    number = os.open("/", _FLAGS | os.O_DIRECTORY)
    for name in path.split("/"):
        if name:
            try:
                inner = os.open(name, _FLAGS, dir_fd=number)
            finally:
                os.close(number)
            number = inner
    if stat.S_ISLNK(os.fstat(number).st_mode):
        os.close(number)
        raise _error(errno.ELOOP, path)
    return number


def _components(path: str) -> list[str]:
    return [name for name in path.split("/") if name]


def _error(code: int, path: str) -> OSError:
    return OSError(code, os.strerror(code), path)
