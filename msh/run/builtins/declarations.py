"""export, readonly, declare, typeset, local: attributes, scopes, values (bash manual, Bash Builtins)."""

from __future__ import annotations

from contextlib import nullcontext

from msh.run.assignables import Assignable, is_name, take_apart
from msh.run.control import Abandoned, RefusedAssignment, ShellError
from msh.run.variable import AssignmentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

    Element = tuple[str | None, str, bool]  # subscript or None, value, whether `+=`

ATTRIBUTES = frozenset("aAcilnrtux")
CASES = frozenset("clu")  # one of them drives the others out


class Operand(str):
    """An assignment operand whose parts the script shows: an array literal, or a subscript, already expanded."""

    __slots__ = ("append", "elements", "name", "subscript", "value")
    name: str
    subscript: str | None
    value: str
    append: bool
    elements: list[Element] | None

    @classmethod
    def of_array(cls, name: str, elements: list[Element], append: bool) -> Operand:
        return cls._of(name, None, "", append, elements)

    @classmethod
    def of_element(cls, name: str, subscript: str, value: str, append: bool) -> Operand:
        return cls._of(f"{name}[{subscript}]{'+' if append else ''}={value}", subscript, value, append, None, name)

    @classmethod
    def _of(
        cls,
        text: str,
        subscript: str | None,
        value: str,
        append: bool,
        elements: list[Element] | None,
        name: str | None = None,
    ) -> Operand:
        operand = cls(text)
        operand.name, operand.subscript, operand.value = name or text, subscript, value
        operand.append, operand.elements = append, elements
        return operand


class Request:
    """What a declaration builtin is asked to do with each operand."""

    __slots__ = ("add", "caller", "everywhere", "inherit", "local", "remove")

    def __init__(self, caller: str, add: frozenset[str], remove: frozenset[str] = frozenset()) -> None:
        self.caller = caller
        self.add = add
        self.remove = remove
        self.local = False  # in the function being called
        self.everywhere = False  # -g: the global variable, whatever functions hide
        self.inherit = False  # -I


def parse_letters(argv: list[str], known: str) -> tuple[set[str], set[str], list[str]]:
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


def each(sh: Shell, operands: list[str], act: Callable[[str], None]) -> int:
    """Apply to every operand, going on after a bad one; status 1 if there was any."""
    status = 0
    for operand in operands:
        try:
            act(operand)
        except (ShellError, RefusedAssignment) as error:
            if isinstance(error, ShellError) and error.fatal:
                raise
            sh.complain(error.message)
            status = 1
    return status


def declare_operand(sh: Shell, request: Request, operand: str) -> None:
    """One operand: scope, attributes that change the value, the value, then readonly. Raises ShellError."""
    parts = operand if isinstance(operand, Operand) else take_apart(operand)
    if parts is None:
        raise ShellError(f"{request.caller}: `{operand}': not a valid identifier")
    variables = sh.variables
    try:
        with variables.outermost(parts.name) if request.everywhere else nullcontext():
            _declare(sh, request, parts)
    except (AssignmentError, RefusedAssignment) as error:
        raise ShellError(f"{request.caller}: {error}") from None


def _declare(sh: Shell, request: Request, parts: Operand | Assignable) -> None:
    name, variables = parts.name, sh.variables
    if request.local:
        variables.local(name, inherit=request.inherit or "localvar_inherit" in sh.options, command=sh.here)
    elif not (request.add | request.remove) & {"n"} and name in variables.table:
        target = variables.resolve(name)
        if target.endswith("]") and request.caller in ("export", "readonly"):
            raise ShellError(f"{request.caller}: `{target}': not a valid identifier")
        if target.endswith("]") and (found := take_apart(target)) is not None:
            parts = Assignable(found.name, found.subscript, parts.value, parts.append)
            target = found.name
        name = target
    if request.add & {"x", "r"} and not request.everywhere:
        variables.keep(name, sh.here)
    _check(sh, request, name, parts)
    add = request.add - {"r"}
    remove = request.remove
    if "n" in add:
        remove |= {"i"}
    elif _is_list_for(parts) or add & {"a", "A"}:
        remove |= _given_up(sh, name, warn=not add & {"a", "A"})
    if "n" in remove and parts.value is not None and sh.reference(name):
        sh.assign(name, parts.value, append=parts.append)  # through the reference, which then is none any more
        parts = Assignable(name)
    if parts.subscript is not None and not add & {"a", "A"} and not _is_array(sh, name):
        add |= {"a"}
    variables.declare(name, add, remove)
    if add & {"a", "A"}:
        variables.become_array(name)
    _give(sh, request, name, parts)
    if "r" in request.add:
        variables.declare(name, frozenset("r"))


def _is_list_for(parts: Operand | Assignable) -> bool:
    return isinstance(parts, Operand) and parts.elements is not None


def _given_up(sh: Shell, name: str, *, warn: bool) -> frozenset[str]:
    """What a nameref to nothing loses when it becomes an array."""
    variable = sh.variables.table.get(name)
    if variable is None or "n" not in variable.attributes or variable.value:
        return frozenset()
    if warn:
        sh.complain(f"warning: {name}: removing nameref attribute")
    return frozenset("n")


def _is_array(sh: Shell, name: str) -> bool:
    return bool(set(sh.attributes(name)) & {"a", "A"})


def _check(sh: Shell, request: Request, name: str, parts: Operand | Assignable) -> None:
    attributes, add, remove = set(sh.attributes(name)), request.add, request.remove
    if "A" in add and "a" in attributes:
        raise AssignmentError(f"{name}: cannot convert indexed to associative array")
    if "a" in add and "A" in attributes:
        raise AssignmentError(f"{name}: cannot convert associative to indexed array")
    if remove & attributes & {"a", "A"}:
        raise AssignmentError(f"{name}: cannot destroy array variables in this way")
    array = attributes & {"a", "A"} and sh.reference(name) is None  # the variable itself, not what it refers to
    if "n" in add and (parts.subscript is not None or array):
        shown = name if parts.subscript is None else f"{name}[{parts.subscript}]"
        raise AssignmentError(f"{shown}: reference variable cannot be an array")
    if "n" in add and parts.value is None and not request.local:
        value = sh.get(name) if sh.reference(name) is None else None
        if value and ((found := take_apart(value)) is None or found.value is not None):
            raise AssignmentError(f"`{value}': invalid variable name for name reference")
    if "n" in add and not isinstance(parts, Operand) and parts.value is not None:
        target = take_apart(parts.value)
        if target is None or target.value is not None:
            raise AssignmentError(f"`{parts.value}': invalid variable name for name reference")
        if target.name == name and not request.local:
            raise AssignmentError(f"{name}: nameref variable self references not allowed")
        if target.name == name:
            sh.complain(f"{request.caller}: warning: {name}: circular name reference")


def _give(sh: Shell, request: Request, name: str, parts: Operand | Assignable) -> None:
    """Assign the operand's value, if it has one."""
    value = parts.value
    if value is not None and "r" in sh.attributes(name):
        _refuse_readonly(sh, request, name, parts)
    if isinstance(parts, Operand):
        if parts.elements is not None:
            sh.assign_elements(name, parts.elements, append=parts.append)
        elif not parts.subscript:
            raise AssignmentError(f"{name}[]: bad array subscript")
        else:
            sh.assign(name, parts.value, parts.subscript, append=parts.append)
        return
    if value is None:
        return
    if "n" in request.add:
        sh.variables.refer(name, value)
        if "allexport" in sh.options:
            sh.variables.declare(name, frozenset("x"))
    elif _is_list(value) and _takes_list(sh, request, name, parts.subscript):
        from msh.expand.references import parse_list

        elements = sh.elements(parse_list(value, sh), associative="A" in sh.attributes(name))
        sh.assign_elements(name, elements, append=parts.append)
    else:
        subscript = None if parts.subscript is None else _subscript(sh, name, parts.subscript)
        sh.assign(name, value, subscript, append=parts.append)


def _refuse_readonly(sh: Shell, request: Request, name: str, parts: Operand | Assignable) -> None:
    """bash names the builtin where the builtin itself assigns: `declare`, one value."""
    listed = isinstance(parts, Operand) and parts.elements is not None
    message = f"{name}: readonly variable"
    if listed and not sh.ends_shell(request.caller):
        raise Abandoned(sh.refused(message).message)  # as where a list is assigned without a builtin
    if listed or request.caller in ("export", "readonly"):
        raise ShellError(sh.refused(message).message, fatal=sh.ends_shell(request.caller))
    raise ShellError(f"{request.caller}: {message}", fatal=sh.ends_shell(request.caller))


def _is_list(value: str) -> bool:
    return value.startswith("(") and value.endswith(")")


def _takes_list(sh: Shell, request: Request, name: str, subscript: str | None) -> bool:
    """`declare -a 'x=(1 2)'`: bash reads a list out of a text only for an array, and `export` only after `-a`."""
    if "a" in request.add or "A" in request.add:
        return True
    return subscript is None and request.caller not in ("export", "readonly") and _is_array(sh, name)


def _subscript(sh: Shell, name: str, text: str) -> str:
    if not text.strip():
        raise AssignmentError(f"{name}[{text}]: bad array subscript")
    return sh.subscript_of(text)


# ---- the builtins ------------------------------------------------------------------


def declare(sh: Shell, argv: list[str]) -> int:
    caller = argv[0]
    minus, plus, operands = parse_letters(argv, "aAcilnrtuxfFgpI")
    if minus & {"f", "F"}:
        return _functions(sh, caller, minus, plus, operands)
    if "p" in minus or not operands:
        return _list(sh, caller, minus, operands)
    request = _request(caller, minus, plus)
    request.local = bool(sh.calls) and "g" not in minus and bool(sh.variables.in_call())
    request.everywhere = "g" in minus
    return each(sh, operands, lambda operand: declare_operand(sh, request, operand))


def _request(caller: str, minus: set[str], plus: set[str]) -> Request:
    add, remove = frozenset(minus & ATTRIBUTES), frozenset(plus & ATTRIBUTES)
    if len(add & CASES) > 1:
        add -= CASES
    elif add & CASES:
        remove |= CASES - add
    request = Request(caller, add, remove)
    request.inherit = "I" in minus
    return request


def _list(sh: Shell, caller: str, minus: set[str], operands: list[str]) -> int:
    from msh.run.builtins.listing import list_declared, list_functions, list_set

    letters = minus & ATTRIBUTES
    if operands or letters or "p" in minus:
        return list_declared(sh, operands, letters, caller)
    list_set(sh)
    return list_functions(sh, [], caller)


def _functions(sh: Shell, caller: str, minus: set[str], plus: set[str], operands: list[str]) -> int:
    from msh.run.builtins.listing import list_functions

    letters = (minus | plus) & {"r", "x", "t"}
    if not letters or not operands or "p" in minus:
        return list_functions(sh, operands, caller if "p" in minus else "", names_only="F" in minus, letters=letters)

    def act(name: str) -> None:
        for letter in letters:
            mark_function(sh, caller, name, letter, on=letter in minus)

    return each(sh, operands, act)


def mark_function(sh: Shell, caller: str, name: str, letter: str, *, on: bool) -> None:
    """`export -f`, `readonly -f`, `declare -ft`."""
    function = sh.functions.get(name)
    if function is None:
        raise ShellError(f"{caller}: {name}: not a function")
    if letter == "x":
        foreign = "/" in name or "=" in name  # names that no environment can hand on
        if on and foreign and caller == "export":
            raise ShellError(f"{caller}: {name}: cannot export")
        function.exported = on and not foreign
    elif letter == "t":
        function.traced = on
    elif on:
        function.readonly = True
    elif function.readonly:
        raise ShellError(f"{caller}: {name}: readonly function")


def local(sh: Shell, argv: list[str]) -> int:
    if not sh.calls or not sh.variables.in_call():
        raise ShellError("local: can only be used in a function")
    minus, plus, operands = parse_letters(argv, "aAcilnrtuxfFgpI")
    frame = sh.variables.in_call()
    if operands[:1] == ["-"] and frame is not None:
        frame.options = frozenset(sh.options)
        operands = operands[1:]
        if not operands:
            return 0
    if "p" in minus or not operands:
        from msh.run.builtins.listing import list_local

        return list_local(sh, operands)
    request = _request("local", minus, plus)
    request.local = True
    return each(sh, operands, lambda operand: declare_operand(sh, request, operand))


def _mark(sh: Shell, argv: list[str], letter: str, known: str) -> int:
    """export and readonly."""
    minus, _, operands = parse_letters(argv, known)
    if "f" in minus:
        if not operands:
            from msh.run.builtins.listing import list_functions

            return list_functions(sh, [], "", letters={letter})
        on = "n" not in minus
        return each(sh, operands, lambda name: mark_function(sh, argv[0], name, letter, on=on))
    if not operands:
        from msh.run.builtins.listing import list_attributes

        return list_attributes(sh, {letter} | (minus & {"a", "A"}), argv[0])
    letters = frozenset(letter)
    arrays = frozenset(minus & {"a", "A"})
    request = Request(argv[0], arrays, letters) if "n" in minus else Request(argv[0], letters | arrays)

    def act(operand: str) -> None:
        operand = _plain(argv[0], operand)
        if "xtrace" in sh.options and "=" in operand and not isinstance(operand, Operand):
            from msh.run.tracing import trace_assignment

            target, _, value = operand.partition("=")
            trace_assignment(sh, target, value)
        declare_operand(sh, request, operand)

    return each(sh, operands, act)


def _plain(caller: str, operand: str) -> str:
    """`export a[1]=x` marks no element: attributes belong to whole variables."""
    name = operand.name if isinstance(operand, Operand) else operand.partition("=")[0].removesuffix("+")
    subscripted = isinstance(operand, Operand) and operand.subscript is not None
    if subscripted or not is_name(name):
        shown = operand.partition("=")[0] if subscripted else operand
        raise ShellError(f"{caller}: `{shown}': not a valid identifier")
    return operand


def export(sh: Shell, argv: list[str]) -> int:
    return _mark(sh, argv, "x", "aAfnp")


def readonly(sh: Shell, argv: list[str]) -> int:
    return _mark(sh, argv, "r", "aAfp")


BUILTINS: dict[str, Builtin] = {
    "export": export,
    "readonly": readonly,
    "declare": declare,
    "typeset": declare,
    "local": local,
}
