"""Shell variables: values, attributes, and the dynamic scopes of functions.

A name always maps to the innermost visible variable. `local` keeps what it hides in the frame of its function and
puts it back when the function returns, so a look-up is one dictionary access however deep the calls are.
"""

from __future__ import annotations

from contextlib import contextmanager

from msh.expand.environment import AssociativeArray, IndexedArray
from msh.run.assignables import take_apart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msh.expand.environment import Value


NONE: frozenset[str] = frozenset()


class AssignmentError(Exception):
    """A variable that may not be assigned (readonly), or not like this."""


class Variable:
    """A variable: `value` is None when it is declared but unset.

    Attributes are the letters of `declare`: a (indexed array), A (associative array), c, i, l, n, r, t, u, x.
    """

    __slots__ = ("attributes", "value")

    def __init__(self, value: Value | None = None, attributes: frozenset[str] = frozenset()) -> None:
        self.value = value
        self.attributes = attributes

    @property
    def exported(self) -> bool:
        return "x" in self.attributes

    def scalar(self) -> str | None:
        """The value as `$name` gives it: element 0 of an array."""
        value = self.value
        if value is None or isinstance(value, str):
            return value
        return value.get("0") if isinstance(value, AssociativeArray) else value.get(0)

    def elements(self) -> IndexedArray | AssociativeArray:
        """The array in the variable; a scalar becomes element 0 of an indexed one."""
        value = self.value
        if isinstance(value, (IndexedArray, AssociativeArray)):
            return value
        if "A" in self.attributes:
            array: IndexedArray | AssociativeArray = (
                AssociativeArray() if value is None else AssociativeArray({"0": value})
            )
        else:
            array = IndexedArray() if value is None else IndexedArray({0: value})
            self.attributes |= {"a"}
        self.value = array
        return array


class Frame:
    """What a function call, or the assignments before a command, hide: name → the variable outside, None for none.

    Assignments before a function's name are `pending` until the call takes them over: they are local to it.
    """

    __slots__ = ("assigned", "call", "hidden", "options", "pending", "shared")

    def __init__(self, *, pending: bool = False) -> None:
        self.hidden: dict[str, Variable | None] = {}
        self.options: frozenset[str] | None = None  # with `local -`
        self.assigned: set[str] = set()  # of the hidden names, those that stand before the command
        self.pending = pending
        self.call = False
        self.shared = False  # a call has taken it over, and whoever opened it closes it


class Variables:
    """All variables of a shell."""

    def __init__(self) -> None:
        self.table: dict[str, Variable] = {}
        self.frames: list[Frame] = []
        self.arrays: dict[str, Callable[[], Value]] = {}  # PIPESTATUS, FUNCNAME …: likewise
        self.computed: dict[str, Callable[[], str]] = {}  # RANDOM, SECONDS …: value made when read
        self.assigned: dict[str, Callable[[str], None]] = {}  # …and what assigning them does
        self.traits: dict[str, frozenset[str]] = {}  # attributes of computed ones
        self.warn: Callable[[str], object] = str  # says what is odd about a nameref
        self.dynamic: frozenset[str] = frozenset()  # the names that are computed before any `unset`

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

    def get(self, name: str) -> Variable | None:
        """The visible variable of this name, computed ones included."""
        compute = self.computed.get(name) or self.arrays.get(name)
        if compute is not None:
            return Variable(compute(), self.traits.get(name, NONE))
        variable = self.table.get(name)
        if variable is not None and "n" in variable.attributes:
            return self._referred(name)
        return variable

    def _referred(self, name: str) -> Variable | None:
        """What a nameref stands for. One that leads to itself stands for what its function hides, if anything."""
        target = self.resolve(name)
        if not self._is_circular(target):
            return self.get(target) if target != name else self.table[name]
        self.warn(f"warning: {name}: circular name reference")
        return next((frame.hidden[name] for frame in reversed(self.frames) if name in frame.hidden), None)

    def _is_circular(self, resolved: str) -> bool:
        variable = self.table.get(resolved)
        return variable is not None and "n" in variable.attributes and bool(variable.value)

    def scalar(self, name: str) -> str | None:
        """The value of `$name`, None when unset."""
        if name in self.computed:
            return self.computed[name]()
        variable = self.get(name)
        return variable.scalar() if variable is not None else None

    def writable(self, name: str) -> Variable:
        """The variable to assign to, made when missing; raises AssignmentError when it is readonly.

        What is assigned to a computed one is lost, as in bash.
        """
        asked, name = name, self.resolve(name)
        variable = self.table.get(name)
        if variable is not None and "n" in variable.attributes and variable.value:
            variable = self._hidden(asked)
        if variable is None:
            if name in self.computed or name in self.arrays:
                variable = Variable(attributes=self.traits.get(name, NONE))
            else:
                variable = self.table[name] = Variable()
        if "r" in variable.attributes:
            raise AssignmentError(f"{name}: readonly variable")
        return variable

    def _hidden(self, name: str) -> Variable:
        """The variable that a nameref which leads to itself hides, to assign to."""
        for frame in reversed(self.frames):
            if name in frame.hidden:
                self.warn(f"warning: {name}: circular name reference")
                outer = frame.hidden[name] = frame.hidden[name] or Variable()
                return outer
        raise AssignmentError(f"warning: {name}: circular name reference")

    def set(self, name: str, value: str) -> None:
        """`name=value`, by the variable's attributes (not the integer one, which needs an evaluator)."""
        hook = self.assigned.get(name)
        if hook is not None:
            hook(value)
            return
        variable = self.writable(name)
        attributes = variable.attributes
        if attributes:
            if "n" in attributes:
                check_reference(value)
            value = cased(value, attributes)
            if isinstance(variable.value, dict) or "a" in attributes or "A" in attributes:
                self.set_element(name, "0" if "A" in attributes else 0, value)
                return
        variable.value = value

    def set_element(self, name: str, key: int | str, value: str) -> None:
        """`name[key]=value`; a scalar becomes element 0 of an indexed array."""
        variable = self.writable(name)
        value = cased(value, variable.attributes)
        elements = variable.elements()
        if isinstance(elements, AssociativeArray):
            elements[str(key)] = value
        else:
            elements[int(key)] = value

    def set_array(self, name: str, elements: IndexedArray | AssociativeArray) -> None:
        """`name=(…)`."""
        variable = self.writable(name)
        variable.value = elements
        variable.attributes |= {"A" if isinstance(elements, AssociativeArray) else "a"}

    def exists(self, name: str) -> bool:
        """Whether there is such a variable, be it unset."""
        return name in self.table or name in self.computed or name in self.arrays

    def unset(self, name: str, *, follow: bool = True) -> None:
        """`unset -v name`; a local variable stays local and unset, as in bash. Without `follow` a nameref itself."""
        if follow:
            name = self.resolve(name)
        variable = self.table.get(name)
        if variable is not None and "r" in variable.attributes:
            raise AssignmentError(f"{name}: cannot unset: readonly variable")
        if "r" in self.traits.get(name, NONE):
            raise AssignmentError(f"{name}: cannot unset: readonly variable")
        self.forget(name)
        if variable is None:
            return
        if self._is_own(name):
            self.table[name] = Variable()
        else:
            self._reveal(name)

    def _is_own(self, name: str) -> bool:
        """Whether the function being called has made it local."""
        for frame in reversed(self.frames):
            if name in frame.hidden:
                return name not in frame.assigned
            if frame.call:
                break
        return False

    def forget(self, name: str) -> None:
        """Take from a computed variable what is special about it, for good."""
        for table in (self.computed, self.arrays, self.assigned, self.traits):
            table.pop(name, None)

    def _reveal(self, name: str) -> None:
        """Unset a variable of an outer function: what that function hid becomes visible (bash's dynamic scope)."""
        del self.table[name]
        for frame in reversed(self.frames):
            if name in frame.hidden:
                outer = frame.hidden.pop(name)
                if outer is not None:
                    self.table[name] = outer
                return

    def declare(self, name: str, add: frozenset[str], remove: frozenset[str] = frozenset()) -> Variable:
        """`declare` with attributes; makes an unset variable when there is none."""
        variable = self.table.get(name)
        if variable is None and (name in self.computed or name in self.arrays):
            self.traits[name] = (self.traits.get(name, NONE) - remove) | add
            return Variable(attributes=self.traits[name])
        if variable is None:
            variable = self.table[name] = Variable()
        if "r" in remove and "r" in variable.attributes:
            raise AssignmentError(f"{name}: readonly variable")
        variable.attributes = (variable.attributes - remove) | add
        return variable

    def become_array(self, name: str) -> None:
        """`declare -a name`: a value it has becomes an element."""
        variable = self.table.get(name)
        if variable is not None and isinstance(variable.value, str):
            variable.elements()

    def refer(self, name: str, target: str) -> None:
        """`declare -n name=target`."""
        variable = self.table[name]
        if "r" in variable.attributes:
            raise AssignmentError(f"{name}: readonly variable")
        check_reference(target)
        variable.value = target

    # ---- scopes ------------------------------------------------------------

    def local(self, name: str, *, inherit: bool = False) -> Variable:
        """`local name`: a fresh variable in the current function; with `inherit` a copy of the one outside.

        It is exported when that one is. One that stands before the function's call is itself the local variable.
        """
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

    def _is_local(self, name: str) -> bool:
        return any(name in frame.hidden for frame in self.frames)

    def hide(self, frame: Frame, name: str, value: str) -> None:
        """An assignment before a command: an exported variable for as long as the frame is open."""
        outer = self.table.get(name)
        if outer is not None and "r" in outer.attributes:
            raise AssignmentError(f"{name}: readonly variable")
        frame.hidden.setdefault(name, outer)
        frame.assigned.add(name)
        attributes = (outer.attributes if outer is not None else NONE) - {"a", "A", "n"}
        self.table[name] = Variable(value, attributes | {"x"})

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

    # ---- views ---------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        """What a command gets: exported variables that have a value; arrays cannot be exported."""
        found = {
            name: value
            for name, variable in self.table.items()
            if "x" in variable.attributes and isinstance(value := variable.value, str)
        }
        for name, attributes in self.traits.items():
            if "x" in attributes and name in self.computed:
                found[name] = self.computed[name]()
        return found

    def all(self) -> dict[str, Variable]:
        """Every variable by name, sorted, computed ones with the value of now."""
        found = dict(self.table)
        for name in (*self.computed, *self.arrays):
            variable = self.get(name)
            if variable is not None:
                found[name] = variable
        return dict(sorted(found.items()))

    def names(self, prefix: str = "") -> Iterator[str]:
        """Names of set variables, sorted."""
        names = {name for name, variable in self.table.items() if variable.value is not None}
        names.update(self.computed, self.arrays)
        return iter(sorted(name for name in names if name.startswith(prefix)))


def check_reference(target: str) -> None:
    """Raise AssignmentError for what a nameref cannot stand for."""
    found = take_apart(target)
    if found is None or found.value is not None:
        raise AssignmentError(f"`{target}': not a valid identifier")


def copied(value: Value | None) -> Value | None:
    """A value that does not change with the original."""
    if isinstance(value, IndexedArray):
        return IndexedArray(value)
    return AssociativeArray(value) if isinstance(value, AssociativeArray) else value


def cased(value: str, attributes: frozenset[str]) -> str:
    """A value under `declare -l`, `-u` or `-c`."""
    if "l" in attributes:
        return value.lower()
    if "u" in attributes:
        return value.upper()
    if "c" in attributes:
        return value[:1].upper() + value[1:].lower()
    return value
