"""All shell variables of a shell: by name, through namerefs, and those whose value is computed."""

from __future__ import annotations

from msh.expand.environment import AssociativeArray, IndexedArray
from msh.run.scopes import Scopes
from msh.run.variable import NONE, AssignmentError, Variable, cased, check_reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msh.expand.environment import Value


class Variables(Scopes):
    """All variables of a shell."""

    def __init__(self) -> None:
        Scopes.__init__(self)
        self.arrays: dict[str, Callable[[], Value | None]] = {}  # PIPESTATUS, FUNCNAME …: likewise
        self.computed: dict[str, Callable[[], str]] = {}  # RANDOM, SECONDS …: value made when read
        self.assigned: dict[str, Callable[[str], None]] = {}  # …and what assigning them does
        self.entered: dict[str, Callable[[str, str], None]] = {}  # …and an element of one
        self.watched: dict[str, Callable[[str | None], None]] = {}  # told of each value, None when it is unset
        self.traits: dict[str, frozenset[str]] = {}  # attributes of computed ones
        self.warn: Callable[[str], object] = str  # says what is odd about a nameref
        self.dynamic: frozenset[str] = frozenset()  # the names that are computed before any `unset`

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
        watch = self.watched.get(name)
        if watch is not None:
            watch(value)
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
        enter = self.entered.get(name)
        if enter is not None:
            enter(str(key), value)
            return
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

    def unset(self, name: str, *, follow: bool = True, reveal: bool = True) -> None:
        """`unset -v name`; a local variable stays local and unset, as in bash. Without `follow` a nameref itself.

        A caller's local variable gives way to the one that it hides, if it is to `reveal` that.
        """
        if follow:
            name = self.resolve(name)
        variable = self.table.get(name)
        if variable is not None and "r" in variable.attributes:
            raise AssignmentError(f"{name}: cannot unset: readonly variable")
        if "r" in self.traits.get(name, NONE):
            raise AssignmentError(f"{name}: cannot unset: readonly variable")
        self.forget(name)
        if name in self.watched:
            self.watched[name](None)
        if variable is None:
            return
        if self._is_own(name, callers=not reveal):
            self.table[name] = Variable()
        else:
            self._reveal(name)

    def forget(self, name: str) -> None:
        """Take from a computed variable what is special about it, for good."""
        for table in (self.computed, self.arrays, self.assigned, self.entered, self.traits):
            table.pop(name, None)

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
