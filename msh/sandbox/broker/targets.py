"""What a name that a step gives to a system call leads to, and whether that is the user's to decide.

A name that is there in the step's own tree is left to the wall, whatever the call. A name that is missing there is
followed through the run's view and then through the host, by descriptors and one component at a time. What a target
holds is what was found before the question, and what is acted on after it.

A directory that was handed out is a stand-in (`directories.py`): a name that is relative to it is one of the directory
that it stands for.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from msh.sandbox.broker.kernel import find_in_root
from msh.sandbox.broker.questions import Question
from msh.sandbox.view import Outside, Place
from msh.sandbox.widening import enterable, listable, readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.sandbox.broker.directories import Directories
    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.steps import Step
    from msh.sandbox.view import View
    from msh.sandbox.widening import Accept, HostFiles

#: Directories whose content is the same for every step, or the kernel's: nothing in them is asked for.
_PLAIN = (b"/usr/", b"/lib/", b"/lib64/", b"/bin/", b"/proc/", b"/dev/", b"/sys/")
_MOST_STRAIGHT = 10_000
_ASKABLE = ("workspace", "granted")


class Target:
    """Something of the host, or a place where something may be made, that a step's name led to.

    `named` is the kind of access that the step's own words announce, if they do. `own` is one that the step sees
    anyway, and reaches by way of a stand-in.
    """

    __slots__ = ("named", "own", "path", "place")

    def __init__(self, place: Place, named: str = "", *, own: bool = False) -> None:
        self.place = place
        self.path = place.guest
        self.named = named
        self.own = own

    @property
    def parent(self) -> str:
        """The directory that holds it."""
        return os.path.dirname(self.path)

    def question(self, step: Step, kind: str, *covered_by: tuple[str, str], act: str = "", other: str = "") -> Question:
        """Whether the step may do this to it; an answer to one of (kind, path) in `covered_by` is an answer to it."""
        covering = tuple([(kind, path, 0) for kind, path in covered_by])
        return Question(kind, self.path, step.name, step.identity, act=act, other=other, covered_by=covering)

    def look(self, step: Step) -> Question:
        """Whether the step may know its attributes.

        A program looks at a file before it writes to it: the question is the one that is to come. Who may read a
        directory, or change the names in it, may look at what is in it.
        """
        covered = (("write", self.path), ("read", self.parent), ("write", self.parent))
        return self.question(step, self.named or "read", *covered)


class Targets:
    """Finds them for all steps of a run."""

    def __init__(self, view: View, host: HostFiles, directories: Directories) -> None:
        self._view = view
        self._host = host
        self._directories = directories
        #: Names that lead outside as they stand: the run's regions, which never change, hold no part of them.
        self._straight: set[str] = set()

    @contextmanager
    def found(
        self, step: Step, call: Call, directory: int, address: int, accept: Accept | None, *, follow: bool = True
    ) -> Iterator[Target | None]:
        """The target of a name at an address of the step's memory; None for all that the wall decides.

        Without `accept` it is the name itself, whatever stands there, with the directory that holds it.
        """
        target = None
        path = step.listener.text(call, address)
        if path and (not path.startswith(_PLAIN) or b".." in path):
            target = self._find(step, call, directory, os.fsdecode(path), accept, follow)
        try:
            yield target
        finally:
            if target is not None:
                target.place.close()

    def _find(
        self, step: Step, call: Call, directory: int, path: str, accept: Accept | None, follow: bool
    ) -> Target | None:
        try:
            root = step.root(call.thread)
            base, stands_in = ("/", False) if path[0] == "/" else self._directories.path(call.thread, directory, root)
            if not step.listener.waits(call):
                return None
            whole = os.path.join(base, path)
            if os.path.dirname(whole) in step.searched:
                return None
            empty = accept is not enterable and _is_empty(step, os.path.normpath(whole), accept)
            there = -1 if empty else _in_tree(step, call, whole, follow=follow or not stands_in)
            if there >= 0:
                if stands_in and accept is not None:
                    return _own(whole, there)
                os.close(there)
                return None
            led = whole if empty or whole in self._straight else self._led_to(whole)
        except OSError:
            return None
        return self._outside(step, call, whole, led, accept, follow) if led else None

    def _outside(
        self, step: Step, call: Call, whole: str, led: str, accept: Accept | None, follow: bool
    ) -> Target | None:
        """What is on the host where a name led to."""
        place = self._host.entry(led) if accept is None else self._host.find(led, accept, follow=follow)
        if place is None:
            return None
        if led == whole == place.guest and len(self._straight) < _MOST_STRAIGHT:
            self._straight.add(whole)
        target = Target(place, step.named.get(place.guest, step.named.get(led, "")))
        if place.stat is not None or _may_be_made(step, call, target):
            return target
        place.close()
        return None

    def _led_to(self, path: str) -> str:
        """Where a name leads in the run's view; "" where the view itself says what is there."""
        try:
            with self._view.walk(path, "/") as place:
                return place.guest if place.region is not None and place.region.kind in _ASKABLE else ""
        except Outside as outside:
            return outside.path


def _is_empty(step: Step, path: str, accept: Accept | None) -> bool:
    """Whether a directory of the step's tree is only there to be entered, and the step is after what is really in it.

    HOME is one, which is scratch too: a step that only looks at it sees that, unless its words name it.
    """
    if path != step.home:
        return path in step.hollow
    return accept in (listable, readable) or path in step.named


def _in_tree(step: Step, call: Call, path: str, *, follow: bool = True) -> int:
    """What a name leads to in the step's own tree, -1 where it is missing. Raises OSError when it fails otherwise."""
    try:
        return find_in_root(step.root(call.thread), path, 0 if follow else os.O_NOFOLLOW)
    except FileNotFoundError:
        return -1


def _own(path: str, found: int) -> Target:
    place = Place(path, ())
    place.fd, place.stat = found, os.fstat(found)
    return Target(place, own=True)


def _may_be_made(step: Step, call: Call, target: Target) -> bool:
    """Where the step can make a file, as in its HOME, which is scratch, it does, but for what its words name."""
    if target.named or target.parent in step.hollow or any(path.startswith(f"{target.path}/") for path in step.named):
        return True
    try:
        found = _in_tree(step, call, target.parent)
    except OSError:
        return True
    if found < 0:
        return True
    try:
        return not os.access(f"/proc/self/fd/{found}", os.W_OK, effective_ids=True)
    finally:
        os.close(found)
