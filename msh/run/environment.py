"""The shell as words see it: `msh.expand.environment.Environment`, and assignment by name."""

from __future__ import annotations

import os
import stat

from msh.config import OBJECTS
from msh.expand.environment import AssociativeArray, IndexedArray
from msh.run.assignables import take_apart
from msh.run.control import RefusedAssignment, ShellError, ShellExit
from msh.run.variable import AssignmentError, check_reference
from msh.run.variables import Variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from msh.expand.environment import Value
    from msh.run.processes import Jobs
    from msh.sandbox.gate import Gate
    from msh.source import Source
    from msh.syntax.nodes import CommandSubstitution, ProcessSubstitution

ATTRIBUTE_ORDER = "aAinrtxlcu"  # in which bash lists attributes
FLAG_LETTERS = {
    "allexport": "a",
    "notify": "b",
    "errexit": "e",
    "noglob": "f",
    "hashall": "h",
    "interactive": "i",
    "keyword": "k",
    "monitor": "m",
    "noexec": "n",
    "privileged": "p",
    "onecmd": "t",
    "nounset": "u",
    "verbose": "v",
    "xtrace": "x",
    "braceexpand": "B",
    "noclobber": "C",
    "errtrace": "E",
    "histexpand": "H",
    "physical": "P",
    "functrace": "T",
}  # in the order of `$-`


class ShellEnvironment:
    """Variables, parameters, options and files of a running shell."""

    variables: Variables
    positional: list[str]
    options: set[str]
    name: str
    main: Source
    status: int
    pid: int
    directory: str
    last_argument: str
    jobs: Jobs
    hidden: set[str]  # names of inherited variables that were not let in

    # ---- variables -----------------------------------------------------------

    def get(self, name: str) -> str | None:
        variables = self.variables
        variable = variables.table.get(name)
        if variable is not None and not variable.attributes and name not in variables.computed:
            plain = variable.value
            if type(plain) is str:
                return plain
        value = variables.scalar(name)
        if value is None:
            if name in self.hidden:
                self.tell_hidden(name)
            target = self._element_meant(name)
            if target:
                from msh.expand.references import referenced

                return referenced(target, self)
        return value

    def _element_meant(self, name: str) -> str:
        """`array[subscript]`, where a nameref leads to, perhaps by way of others; else nothing."""
        seen: set[str] = set()
        while name not in seen and (target := self.reference(name)):
            if target.endswith("]"):
                return target
            seen.add(name)
            name = target
        return ""

    def tell_hidden(self, name: str) -> None:
        """Say, once, that the script asks for an inherited variable that it may not see (MSH420)."""
        from msh.diagnostics import Diagnostic
        from msh.render import report

        self.hidden.discard(name)
        if name not in self.variables.table:
            message = f"`{name}` is set where msh was started, but this script may not see it"
            note = Diagnostic("MSH420", message, help=f"`--allow-env {name}` shows it to the script", severity="note")
            report([note], count=False)

    def value(self, name: str) -> Value | None:
        variable = self.variables.get(name)
        return variable.value if variable is not None else None

    def attributes(self, name: str) -> str:
        variable = self.variables.get(name)
        if variable is None or not variable.attributes:
            return ""
        return "".join([letter for letter in ATTRIBUTE_ORDER if letter in variable.attributes])

    def declared(self, name: str) -> bool:
        return self.variables.get(name) is not None

    def reference(self, name: str) -> str | None:
        variable = self.variables.table.get(name)
        if variable is None or "n" not in variable.attributes or not isinstance(variable.value, str):
            return None
        return variable.value

    def names(self) -> Iterable[str]:
        return self.variables.names()

    def assign(self, name: str, value: str, subscript: str | None = None, *, append: bool = False) -> None:
        """`name=value`, `name[subscript]+=value`; raises ExpansionError for a readonly variable."""
        variables = self.variables
        variable = variables.table.get(name)
        if variable is not None and not variable.attributes and type(variable.value) is str:
            plain = subscript is None and not append and "allexport" not in self.options
            if plain and not (name in variables.assigned or name in variables.computed or name in variables.watched):
                variable.value = value
                return
        try:
            self.put(name, value, subscript, append)
        except AssignmentError as error:
            raise self.refused(str(error)) from None

    def assign_turn(self, name: str, value: str) -> None:
        """The variable of a `for` loop: a nameref is made to refer to each word in turn."""
        variable = self.variables.table.get(name)
        if variable is None or "n" not in variable.attributes:
            self.assign(name, value)
            return
        try:
            self.variables.refer(name, value)
        except AssignmentError as error:
            raise self.refused(str(error)) from None

    def assign_to(self, text: str, value: str) -> None:
        """`read`, `printf -v`: the target is a name or `name[subscript]`."""
        found = take_apart(text)
        if found is None or found.value is not None:
            raise ShellError(f"`{text}': not a valid identifier")
        self.assign(found.name, value, self.subscript_of(found.subscript) if found.subscript is not None else None)

    def put(self, name: str, value: str, subscript: str | None, append: bool) -> None:
        """Assign by the attributes of the variable; raises AssignmentError."""
        variables = self.variables
        if subscript is None and name in variables.table:
            target = self._element_meant(name)
            if target:
                name, _, rest = target.partition("[")
                subscript = self.subscript_of(rest[:-1])
        variable = variables.get(name)
        attributes = variable.attributes if variable is not None else frozenset[str]()
        key = self.key(name, subscript) if subscript is not None else None
        if "n" in attributes:
            check_reference(value if key is None else "")
        old = self._element(name, key) if append else ""
        value = str(self.evaluate(old or "0") + self.evaluate(value)) if "i" in attributes else old + value
        if key is not None:
            variables.set_element(name, key, value)
        else:
            variables.set(name, value)
        if key is None and "allexport" in self.options:  # an element exports nothing
            variables.declare(variables.resolve(name), frozenset("x"))

    def _element(self, name: str, key: int | str | None) -> str:
        if key is None:
            return self.get(name) or ""
        variable = self.variables.get(name)
        value = variable.value if variable is not None else None
        if isinstance(value, AssociativeArray):
            return value.get(str(key), "")
        if isinstance(value, IndexedArray):
            return value.get(int(key), "")
        return (value or "") if key == 0 else ""

    def assign_element(self, name: str, key: int | str, value: str) -> None:
        try:
            if "i" in self.attributes(name):
                value = str(self.evaluate(value))
            self.variables.set_element(name, key, value)
        except AssignmentError as error:
            raise self.refused(str(error)) from None

    def key(self, name: str, subscript: str) -> int | str:
        """A subscript as a key: itself in an associative array, else its arithmetic value (negative: from the end)."""
        key = self.known_key(name, subscript)
        if key is None:
            raise self.refused(f"{name}[{subscript}]: bad array subscript")
        return key

    def known_key(self, name: str, subscript: str) -> int | str | None:
        """None for one before the first element, and for an empty one of an associative array."""
        variable = self.variables.get(name)
        if variable is not None and "A" in variable.attributes:
            return subscript or None
        if subscript in ("@", "*"):
            return None
        index = self.evaluate(subscript)
        if index < 0:
            value = variable.value if variable is not None else None
            index += value.last() + 1 if isinstance(value, IndexedArray) else 1 if value is not None else 0
        return index if index >= 0 else None

    def subscript_of(self, text: str) -> str:
        """A subscript that stands in data (`unset 'a[$i]'`, a nameref): its quotes and expansions are still in it."""
        from msh.expand.references import expand_key

        return expand_key(text, self)

    def assign_elements(
        self, name: str, elements: list[tuple[str | None, str, bool]], *, append: bool, associative: bool = False
    ) -> None:
        """`name=(…)`, `name+=(…)`; elements are (subscript text or None, value, whether `+=`)."""
        from msh.run.lists import assign_list

        try:
            assign_list(self, name, elements, append=append, associative=associative)
        except AssignmentError as error:
            raise self.refused(str(error)) from None

    def unset_element(self, name: str, subscript: str) -> None:
        """`unset 'a[i]'`, `unset 'a[@]'`."""
        variable = self.variables.get(name)
        if variable is None or variable.value is None:
            return
        if "r" in variable.attributes:
            raise ShellError(f"unset: {name}: cannot unset: readonly variable")
        if subscript in ("@", "*") and "A" not in variable.attributes:
            variable.value = IndexedArray()
            return
        key = self.known_key(name, self.subscript_of(subscript))
        if key is None:
            raise ShellError(f"unset: [{subscript}]: bad array subscript")
        if isinstance(variable.value, AssociativeArray):
            variable.value.pop(str(key), None)
        elif isinstance(variable.value, IndexedArray):
            variable.value.drop(int(key))
        elif key == 0:
            self.variables.unset(name)
        else:
            raise ShellError(f"unset: {name}: not an array variable")

    def is_set(self, text: str) -> bool:
        """`test -v name`, `test -v 'a[i]'`."""
        name, bracket, rest = text.partition("[")
        variable = self.variables.get(name)
        if not bracket:
            return variable is not None and variable.scalar() is not None
        value = None if variable is None else variable.value
        if rest[:-1] in ("@", "*"):
            return bool(value) if isinstance(value, dict) else value is not None
        try:
            key = self.key(name, self.subscript_of(rest[:-1]))
        except RefusedAssignment:
            self.warn(f"{name}: bad array subscript")
            return False
        return key in value if isinstance(value, dict) else value is not None and key == 0

    def evaluate(self, text: str) -> int:
        """An arithmetic expression given as text."""
        digits = text.strip(" \t\n")
        if digits.isdigit() and digits.isascii() and (digits[0] != "0" or digits == "0") and len(digits) < 19:
            return int(digits)
        from msh.expand import evaluate_text

        return evaluate_text(text, self)

    # ---- parameters and options ------------------------------------------------

    def special(self, name: str) -> str | None:
        if name == "?":
            return str(self.status)
        if name == "$":
            return str(self.pid)
        if name == "!":
            return None if self.jobs.last_pid is None else str(self.jobs.last_pid)
        if name == "-":
            letters = [letter for option, letter in FLAG_LETTERS.items() if option in self.options]
            return "".join(letters) + {"-c": "c", "standard input": "s"}.get(self.main.name, "")
        if name == "0":
            return self.name
        return self.last_argument

    def option(self, name: str) -> bool:
        return name in self.options

    def has_option(self, name: str) -> bool:
        """`test -o name`."""
        return name in self.options

    # ---- files, through the gate -------------------------------------------------

    @property
    def gate(self) -> Gate:
        raise NotImplementedError

    def absolute(self, path: str) -> str:
        """A path of the run's view, from its root. The empty name stays empty: it names nothing."""
        return path if not path or path.startswith(("/", OBJECTS)) else f"{self.directory.rstrip('/')}/{path}"

    def file_status(self, path: str, *, follow: bool = True) -> os.stat_result | None:
        """Attributes of a file, None when it is missing or not granted."""
        return self.gate.stat(self.absolute(path)) if follow else self.gate.lstat(self.absolute(path))

    def list_directory(self, path: str) -> Sequence[str]:
        return self.gate.listdir(self.absolute(path or "."))

    def is_directory(self, path: str) -> bool:
        status = self.file_status(path)
        return status is not None and stat.S_ISDIR(status.st_mode)

    def is_link(self, path: str) -> bool:
        status = self.file_status(path, follow=False)
        return status is not None and stat.S_ISLNK(status.st_mode)

    def exists(self, path: str) -> bool:
        return self.file_status(path, follow=False) is not None

    def home(self, user: str) -> str | None:
        """Home directories other than the user's own are not part of the view."""
        if not user:
            return self.get("HOME") or None
        import pwd

        try:
            own = pwd.getpwuid(os.geteuid())
        except KeyError:
            return None
        return own.pw_dir if own.pw_name == user else None

    def warn(self, message: str) -> None:
        """What is no warning but an error that bash goes on after ends a shell under `set -e`, wherever it stands."""
        self.complain(message)
        if "errexit" in self.options and not message.startswith("warning: "):
            raise ShellExit(1)

    def complain(self, message: str) -> None:
        raise NotImplementedError

    def refused(self, message: str) -> RefusedAssignment:
        raise NotImplementedError

    def command_substitution(self, node: CommandSubstitution) -> bytes:
        raise NotImplementedError

    def process_substitution(self, node: ProcessSubstitution) -> str:
        raise NotImplementedError
