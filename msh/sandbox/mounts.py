"""The table of what one step gets to see, and the mounts made of it.

A file that was granted alone is mounted alone, a tree as a directory; what an outer mount shows already needs none of
its own. What is denied inside of what is mounted is hidden, or mounted again read-only.
"""

from __future__ import annotations

import os

from msh.effects import MOST_MOUNTS
from msh.sandbox.policy import Link, Mount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from msh.sandbox.runtime import Runtime
    from msh.sandbox.view import Place, Region, View

USUAL = 0o755  # of a directory that is made for a step
NAMED = ("workspace", "granted")  # regions of which a step sees only what it names


class StepMounts:
    """What one step was granted so far: guest path → (host path, writable).

    `directories` are empty ones that exist besides; `notes` tell where the grant is wider than the command's words.
    """

    def __init__(self, view: View, runtime: Runtime, step: str) -> None:
        self._view = view
        self._runtime = runtime
        self._step = step
        self._files: dict[str, tuple[str, bool]] = {}
        self._trees: dict[str, tuple[str, bool]] = {}
        self._followed: dict[str, str] = {}
        self._shown: dict[str, bool] = {}
        self.directories: set[str] = set()
        self._modes: dict[str, int] = {}
        self.notes: list[str] = []

    def file(self, target: str, source: str, writable: bool) -> None:
        """A file alone."""
        _put(self._files, target, source, writable)

    def tree(self, target: str, source: str, writable: bool) -> None:
        """A directory with all in it."""
        _put(self._trees, target, source, writable)

    def empty(self, place: Place) -> None:
        """A directory that is there with its own permissions, and nothing in it."""
        self.directories.add(place.guest)
        if place.stat is not None:
            self._modes[place.guest] = place.stat.st_mode & 0o777

    def modes(self) -> tuple[tuple[str, int], ...]:
        """Permissions of those directories that no mount shows, where they are not the usual ones."""
        return tuple([(path, mode) for path, mode in self._modes.items() if path in self.directories and mode != USUAL])

    def remember(self, place: Place) -> None:
        """The links and directories on the way to a place, so that names resolve in the step as they did here."""
        for path, target in place.links:
            region = self._view.region_of(path)
            if path not in self._view.links and (region is None or region.kind not in ("base", "etc")):
                self._followed[path] = target
        self.directories.update(place.visited)

    def join(self) -> None:
        """One mount over the common ancestor of all writable directories of a region: rename and link stay possible."""
        for region in self._view.regions.values():
            inside = [
                path
                for path, (_, writable) in self._trees.items()
                if writable and region.kind in NAMED and self._view.region_of(path) == region
            ]
            if len(inside) > 1:
                common = os.path.commonpath(inside)
                for path in inside:
                    del self._trees[path]
                self.tree(common, region.source + common[len(region.target) :], True)
                if common not in inside:
                    self.notes.append(
                        f"`{self._step}` gets all of `{common}`: it renames or links between directories in it"
                    )

    def outermost(self) -> tuple[Mount, ...]:
        """What is mounted, outermost first, without what an outer mount shows already."""
        if len(self._files) > MOST_MOUNTS:
            self._widen()
        wanted = sorted((self._trees | self._files).items())
        result: list[Mount] = []
        shown: dict[str, bool] = {}
        for target, (source, writable) in wanted:
            outer = _above(target, shown)
            if outer is None or (writable and not outer):
                shown[target] = writable
                result.append(Mount(source, target, writable))
        result += self._denied(shown)
        hidden = self._runtime.base
        if any(hidden == mount.source or hidden.startswith(mount.source.rstrip("/") + "/") for mount in result):
            result.append(Mount(self._runtime.empty, hidden))  # the runs' private directories
        self._shown = shown
        self.directories = {path for path in self.directories if _above(path, shown) is None}
        return tuple(result)

    def covers(self, path: str) -> bool:
        """Whether one of the outermost mounts shows a path: what would else be made there is not."""
        return _above(path, self._shown) is not None

    def _denied(self, shown: Mapping[str, bool]) -> Iterable[Mount]:
        """What is denied inside of what is mounted: hidden, or read-only."""
        for target, region in self._view.narrowing:
            outer = _above(target, shown)
            if target in shown or outer is None:
                continue
            if region.kind == "denied":
                yield hiding(region, self._runtime)
            elif outer:
                yield Mount(region.source, target)

    def links(self) -> tuple[Link, ...]:
        """The links on the way that no mount shows."""
        return tuple([Link(path, target) for path, target in self._followed.items() if not self.covers(path)])

    def _widen(self) -> None:
        """Too many single files: their directories instead."""
        for target, (source, writable) in list(self._files.items()):
            region = self._view.region_of(target)
            if region is not None and region.kind in NAMED and target != region.target:
                del self._files[target]
                guest = os.path.dirname(target)
                self.tree(guest, os.path.dirname(source), writable)
        self.notes.append(f"`{self._step}` names more than {MOST_MOUNTS} files: it gets their directories")


def hiding(region: Region, runtime: Runtime) -> Mount:
    """Something empty in the place of what is denied."""
    return Mount(region.source if os.path.isdir(region.target) else runtime.nothing, region.target)


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
