"""Builtins on variables: export, readonly, declare, local, unset, shift, let, getopts."""

from __future__ import annotations

from msh.expand.environment import ExpansionError
from msh.run.control import RefusedAssignment, ShellError
from msh.run.numbers import is_decimal
from msh.run.variables import AssignmentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

ATTRIBUTES = "aAilnrtux"


def is_name(text: str) -> bool:
    """Whether the text is a POSIX name (XBD 3.235)."""
    return text.isascii() and text.isidentifier()


class Operand(str):
    """An assignment operand of a declaration builtin whose value is an array literal, already expanded."""

    __slots__ = ("append", "elements", "name")
    name: str
    append: bool
    elements: list[tuple[str | None, str, bool]]  # subscript or None, value, whether `+=`

    @classmethod
    def of(cls, name: str, elements: list[tuple[str | None, str, bool]], append: bool) -> Operand:
        operand = cls(f"{name}=(…)")
        operand.name, operand.elements, operand.append = name, elements, append
        return operand


class Assignable:
    """`name`, `name[sub]`, `name=value`, `name+=value` taken apart."""

    __slots__ = ("append", "name", "subscript", "value")

    def __init__(self, caller: str, text: str) -> None:
        left, equals, value = text.partition("=")
        self.value: str | None = value if equals else None
        self.append = bool(equals) and left.endswith("+")
        left = left[:-1] if self.append else left
        self.subscript: str | None = None
        if left.endswith("]") and "[" in left:
            left, _, rest = left.partition("[")
            self.subscript = rest[:-1]
        if not is_name(left):
            raise ShellError(f"{caller}: `{text}': not a valid identifier")
        self.name = left


def _parse(argv: list[str], known: str) -> tuple[set[str], set[str], list[str]]:
    """Letters given with `-`, letters given with `+`, operands."""
    plus: set[str] = set()
    minus: set[str] = set()
    operands = argv[1:]
    while operands and len(operands[0]) > 1 and operands[0][0] in "-+" and not isinstance(operands[0], Operand):
        option = operands[0]
        if option == "--":
            operands = operands[1:]
            break
        for letter in option[1:]:
            if letter not in known:
                raise ShellError(f"{argv[0]}: {option[0]}{letter}: invalid option", 2)
            (minus if option[0] == "-" else plus).add(letter)
        operands = operands[1:]
    return minus, plus, operands


def _each(sh: Shell, operands: list[str], act: object) -> int:
    """Apply to every operand, going on after a bad one; status 1 if there was any."""
    status = 0
    for operand in operands:
        try:
            act(operand)  # type: ignore[operator]
        except (ShellError, RefusedAssignment) as error:
            sh.complain(error.message)
            status = 1
    return status


def _mark(sh: Shell, argv: list[str], letter: str) -> int:
    """export and readonly."""
    minus, _, operands = _parse(argv, "fnpaA")
    if "f" in minus:
        return _mark_functions(sh, argv[0], operands, letter, "n" in minus)
    if not operands or "p" in minus:
        from msh.run.builtins.listing import list_attributes

        return list_attributes(sh, letter, argv[0])
    add, remove = frozenset(letter), frozenset[str]()
    if "n" in minus:
        add, remove = remove, add
    add |= minus & {"a", "A"}

    def act(operand: str) -> None:
        if "xtrace" in sh.options and "=" in operand and not isinstance(operand, Operand):
            from msh.run.tracing import trace_assignment

            target, _, value = operand.partition("=")
            trace_assignment(sh, target, value)
        declare_operand(sh, argv[0], operand, add, remove, local=False)

    return _each(sh, operands, act)


def _mark_functions(sh: Shell, caller: str, names: list[str], letter: str, off: bool) -> int:
    def act(name: str) -> None:
        function = sh.functions.get(name)
        if function is None:
            raise ShellError(f"{caller}: {name}: not a function")
        if letter == "x":
            function.exported = not off
        else:
            function.readonly = True

    return _each(sh, names, act)


def export(sh: Shell, argv: list[str]) -> int:
    return _mark(sh, argv, "x")


def readonly(sh: Shell, argv: list[str]) -> int:
    return _mark(sh, argv, "r")


def declare_operand(
    sh: Shell, caller: str, operand: str, add: frozenset[str], remove: frozenset[str], *, local: bool
) -> None:
    """One operand: scope, then attributes that change the value, the value, then readonly."""
    parts = Assignable(caller, operand) if not isinstance(operand, Operand) else None
    name = parts.name if parts else operand.name  # type: ignore[attr-defined]
    variables = sh.variables
    try:
        if local and variables.frames and sh.calls:
            variables.local(name)
        elif "n" not in add:
            name = variables.resolve(name)
        _check_kind(sh, caller, name, add)
        variables.declare(name, add - {"r"}, remove)
        if isinstance(operand, Operand):
            sh.assign_elements(name, operand.elements, append=operand.append, associative="A" in add)
        elif parts is not None and parts.value is not None:
            if "n" in add:
                variables.table[name].value = parts.value
            else:
                sh.assign(name, parts.value, parts.subscript, append=parts.append)
        if "r" in add:
            variables.declare(name, frozenset("r"))
    except AssignmentError as error:
        raise ShellError(f"{caller}: {error}") from None


def _check_kind(sh: Shell, caller: str, name: str, add: frozenset[str]) -> None:
    variable = sh.variables.table.get(name)
    if variable is None:
        return
    if "A" in add and "a" in variable.attributes:
        raise ShellError(f"{caller}: {name}: cannot convert indexed to associative array")
    if "a" in add and "A" in variable.attributes:
        raise ShellError(f"{caller}: {name}: cannot convert associative to indexed array")
    if add & {"a", "A"} and isinstance(variable.value, str):
        variable.attributes |= add & {"a", "A"}
        variable.elements()


def declare(sh: Shell, argv: list[str]) -> int:
    minus, plus, operands = _parse(argv, ATTRIBUTES + "fFgpI")
    if minus & {"f", "F"}:
        from msh.run.builtins.listing import list_functions

        return list_functions(sh, operands, names_only="F" in minus)
    if "p" in minus or not operands:
        from msh.run.builtins.listing import list_declared

        return list_declared(sh, operands, minus - {"p"}, argv[0])
    add, remove = frozenset(minus & set(ATTRIBUTES)), frozenset(plus & set(ATTRIBUTES))

    def act(operand: str) -> None:
        declare_operand(sh, argv[0], operand, add, remove, local="g" not in minus)

    return _each(sh, operands, act)


def local(sh: Shell, argv: list[str]) -> int:
    if not sh.calls:
        raise ShellError("local: can only be used in a function")
    minus, plus, operands = _parse(argv, ATTRIBUTES + "fFgpI")
    if operands[:1] == ["-"]:
        sh.variables.frames[-1].options = frozenset(sh.options)
        operands = operands[1:]
    if not operands:
        from msh.run.builtins.listing import list_local

        return list_local(sh)
    add, remove = frozenset(minus & set(ATTRIBUTES)), frozenset(plus & set(ATTRIBUTES))

    def act(operand: str) -> None:
        declare_operand(sh, "local", operand, add, remove, local=True)

    return _each(sh, operands, act)


def unset(sh: Shell, argv: list[str]) -> int:
    minus, _, operands = _parse(argv, "fvn")

    def act(operand: str) -> None:
        if "f" in minus:
            unset_function(sh, operand)
            return
        parts = Assignable("unset", operand)
        if parts.value is not None:
            raise ShellError(f"unset: `{operand}': not a valid identifier")
        try:
            if parts.subscript is not None:
                sh.unset_element(parts.name, parts.subscript)
            elif "n" in minus:
                sh.variables.table.pop(parts.name, None)
            elif sh.variables.get(parts.name) is None and "v" not in minus:
                unset_function(sh, operand)
            else:
                sh.variables.unset(parts.name)
        except AssignmentError as error:
            raise ShellError(f"unset: {error}") from None

    return _each(sh, operands, act)


def unset_function(sh: Shell, name: str) -> None:
    function = sh.functions.get(name)
    if function is not None and function.readonly:
        raise ShellError(f"unset: {name}: cannot unset: readonly function")
    sh.functions.pop(name, None)


def shift(sh: Shell, argv: list[str]) -> int:
    operands = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if len(operands) > 1:
        raise ShellError("shift: too many arguments")
    try:
        count = int(operands[0]) if operands else 1
    except ValueError:
        raise ShellError(f"shift: {operands[0]}: numeric argument required") from None
    if count < 0:
        raise ShellError(f"shift: {operands[0]}: shift count out of range")
    if count > len(sh.positional):
        return 1
    del sh.positional[:count]
    return 0


def let(sh: Shell, argv: list[str]) -> int:
    operands = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if not operands:
        raise ShellError("let: expression expected")
    value = 0
    for expression in operands:
        try:
            value = sh.evaluate(expression)
        except ExpansionError as error:
            if error.exits:
                raise
            raise ShellError(f"let: {error.message}") from None
    return 0 if value else 1


def getopts(sh: Shell, argv: list[str]) -> int:
    """POSIX XCU getopts; the place inside a bundle of letters is kept by the shell."""
    if len(argv) < 3:
        raise ShellError("getopts: usage: getopts optstring name [arg ...]", 2)
    letters, name = argv[1], argv[2]
    arguments = argv[3:] if len(argv) > 3 else sh.positional
    text = sh.variables.scalar("OPTIND") or "1"
    index = int(text) if is_decimal(text) else 1
    word = arguments[index - 1] if 0 < index <= len(arguments) else ""
    if sh.getopts_index != index or sh.getopts_offset >= len(word):
        sh.getopts_offset = 1
    if sh.getopts_offset == 1 and (not word.startswith("-") or word == "-" or word == "--"):
        sh.assign(name, "?")
        sh.getopts_index = index + (word == "--")
        sh.variables.set("OPTIND", str(sh.getopts_index))
        sh.variables.unset("OPTARG")
        return 1
    letter = word[sh.getopts_offset]
    sh.getopts_offset += 1
    rest = word[sh.getopts_offset :]
    quiet = letters.startswith(":")
    place = letters.find(letter) if letter != ":" else -1
    argument: str | None = None
    if place >= 0 and letters[place + 1 : place + 2] == ":":
        index += 1
        if rest:
            argument = rest
        elif index <= len(arguments):
            argument = arguments[index - 1]
            index += 1
        else:
            argument = letter if quiet else None
            if not quiet:
                sh.complain(f"option requires an argument -- {letter}")
            letter = ":" if quiet else "?"
        sh.getopts_offset = 1
    else:
        if place < 0:
            if not quiet:
                sh.complain(f"illegal option -- {letter}")
            argument, letter = (letter if quiet else None), "?"
        if not rest:
            index += 1
            sh.getopts_offset = 1
    sh.getopts_index = index
    sh.variables.set("OPTIND", str(index))
    if argument is None:
        sh.variables.unset("OPTARG")
    else:
        sh.variables.set("OPTARG", argument)
    sh.assign(name, letter)
    return 0


BUILTINS: dict[str, Builtin] = {
    "export": export,
    "readonly": readonly,
    "declare": declare,
    "typeset": declare,
    "local": local,
    "unset": unset,
    "shift": shift,
    "let": let,
    "getopts": getopts,
}
