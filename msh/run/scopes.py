"""The dynamic scopes of variables.

A name always maps to the innermost visible variable. `local` keeps what it hides in the frame of its function and
puts it back when the function returns, so a look-up is one dictionary access however deep the calls are.
"""

from __future__ import annotations

from contextlib import contextmanager

from msh.run.variable import AssignmentError, Variable, copied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Frame:
    """What a function call, or the assignments before a command, hide: name → the variable outside, None for none.

    Assignments before a function's name are `pending` until the call takes them over: they are local to it.
    """

    __slots__ = ("assigned", "call", "command", "hidden", "kept", "options", "pending", "shared", "temporary")

    def __init__(self, *, pending: bool = False) -> None:
        self.hidden: dict[str, Variable | None] = {}
        self.options: frozenset[str] | None = None  # with `local -`
        self.assigned: set[str] = set()  # of the hidden names, those that stand before the command
        self.temporary: set[str] = set()  # likewise, also once they have been declared local
        self.kept: set[str] = set()  # of those, what the scope outside gets in the end
        self.command: object = None  # that the assignments stand before
        self.pending = pending
        self.call = False
        self.shared = False  # a call has taken it over, and whoever opened it closes it


class Scopes:
    """The visible variables, and the frames that hide others."""

    def __init__(self) -> None:
        self.table: dict[str, Variable] = {}
        self.frames: list[Frame] = []

    def resolve(self, name: str) -> str:
        """The name that a nameref finally points to; a circular chain points to itself."""
        seen = {name}
        while (variable := self.table.get(name)) is not None and "n" in variable.attributes:
            target = variable.value
            if not isinstance(target, str) or not target or target in seen:
                break
            seen.add(target)
            name = target
        return name

    def local(self, name: str, *, inherit: bool = False, command: object = None) -> Variable:
        """`local name`: a fresh variable in the current function; with `inherit` a copy of the one outside.

        It is exported when that one is. One that stands before the function's call is itself the local variable, and
        so is one that stands before `local`, which is the `command`.
        """
        last, call = self.frames[-1], self.in_call()
        if call is not None and last is not call and name in last.assigned and last.command is command:
            outer = self._release(last, name)
            call.hidden.setdefault(name, outer)
            return self.table[name]
        for frame in reversed(self.frames):
            if name in frame.hidden:
                frame.assigned.discard(name)
                return self.table[name]
            if frame.call:
                break
        outer = self.table.get(name)
        if outer is not None and "r" in outer.attributes and not self._is_local(name):
            raise AssignmentError(f"{name}: readonly variable")
        frame.hidden[name] = outer
        self.table[name] = Variable()
        if outer is not None:
            keep = outer.attributes - {"n", "r"} if inherit else outer.attributes & {"x"}
            self.table[name] = Variable(copied(outer.value) if inherit else None, keep)
        return self.table[name]

    @staticmethod
    def _release(frame: Frame, name: str) -> Variable | None:
        """Let an assignment before a command last longer than that; what it hid."""
        frame.assigned.discard(name)
        frame.temporary.discard(name)
        return frame.hidden.pop(name)

    def keep(self, name: str, command: object) -> None:
        """`x=1 export x`, also in a function that `x=1` stands before: the scope outside gets it, as in bash."""
        frame = next((frame for frame in reversed(self.frames) if name in frame.hidden), None)
        if frame is not None and name in frame.temporary and (frame.call or frame.command is command):
            frame.kept.add(name)

    def _is_local(self, name: str) -> bool:
        return any(name in frame.hidden for frame in self.frames)

    def hide(self, frame: Frame, name: str, value: str) -> None:
        """An assignment before a command: an exported variable for as long as the frame is open."""
        target = self.resolve(name)
        if not target.endswith("]"):
            name = target
        outer = self.table.get(name)
        if outer is not None and "r" in outer.attributes:
            raise AssignmentError(f"{name}: readonly variable")
        frame.hidden.setdefault(name, outer)
        frame.assigned.add(name)
        frame.temporary.add(name)
        self.table[name] = Variable(value, frozenset("x"))

    @contextmanager
    def outermost(self, name: str) -> Iterator[None]:
        """The global variable of this name in its place, whatever functions hide it (`declare -g`)."""
        frame = next((frame for frame in self.frames if name in frame.hidden), None)
        if frame is None:
            yield
            return
        inner, outer = self.table.pop(name, None), frame.hidden[name]
        if outer is not None:
            self.table[name] = outer
        try:
            yield
        finally:
            frame.hidden[name] = self.table.pop(name, None)
            if inner is not None:
                self.table[name] = inner

    def in_call(self) -> Frame | None:
        """The scope of the function being called."""
        return next((frame for frame in reversed(self.frames) if frame.call), None)

    def push(self, *, pending: bool = False) -> Frame:
        """Open a scope: of assignments before a command (`pending` when that is a function)."""
        frame = Frame(pending=pending)
        self.frames.append(frame)
        return frame

    def pop(self) -> Frame:
        """Close the innermost scope: what it hid is visible again."""
        frame = self.frames.pop()
        for name, outer in frame.hidden.items():
            if name in frame.kept and name in self.table and self.table[name].value is not None:
                continue
            if outer is None:
                self.table.pop(name, None)
            else:
                self.table[name] = outer
        return frame

    def enter(self) -> Frame:
        """Open the scope of a function call."""
        if self.frames and self.frames[-1].pending:
            frame = self.frames[-1]
            frame.pending, frame.shared = False, True
        else:
            frame = self.push()
        frame.call = True
        return frame

    def leave(self) -> Frame:
        """Close it."""
        frame = self.frames[-1]
        if not frame.shared:
            return self.pop()
        frame.call = False
        return frame

    def _is_own(self, name: str, *, callers: bool = False) -> bool:
        """Whether the function being called has made it local, or with `callers` one that called it."""
        for frame in reversed(self.frames):
            if name in frame.hidden:
                return name not in frame.assigned
            if frame.call and not callers:
                break
        return False

    def _reveal(self, name: str) -> None:
        """Unset a variable of an outer function: what that function hid becomes visible (bash's dynamic scope)."""
        del self.table[name]
        for frame in reversed(self.frames):
            if name in frame.hidden:
                outer = frame.hidden.pop(name)
                if outer is not None:
                    self.table[name] = outer
                return
