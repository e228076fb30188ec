"""What `declare -p`, `export -p`, `set` and `local` print: assignments that a shell can read back."""

from __future__ import annotations

from msh.expand.arrays import ordered_items
from msh.expand.environment import AssociativeArray, IndexedArray
from msh.expand.quote import ansi_or_double, quote_minimal
from msh.run.environment import ATTRIBUTE_ORDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.shell import Shell
    from msh.run.variable import Variable


def declaration(name: str, variable: Variable) -> str:
    """`declare -ax name=([0]="a")`."""
    letters = "".join(sorted(variable.attributes, key=ATTRIBUTE_ORDER.index))
    head = f"declare -{letters or '-'} {name}"
    return head if variable.value is None else f"{head}={value_text(variable)}"


def value_text(variable: Variable) -> str:
    """The value as it would be assigned, double-quoted."""
    value = variable.value
    if isinstance(value, AssociativeArray):
        inner = "".join([f"[{_key(key)}]={ansi_or_double(text)} " for key, text in ordered_items(value)])
        return f"({inner})"
    if isinstance(value, IndexedArray):
        return "(" + " ".join([f"[{key}]={ansi_or_double(text)}" for key, text in value.in_order().items()]) + ")"
    return ansi_or_double(value or "")


def _key(text: str) -> str:
    """A key is quoted where a shell would take a character of it for something else, and `@` always."""
    return ansi_or_double(text) if text in ("", "@") or quote_minimal(text) != text else text


def list_attributes(sh: Shell, letters: set[str], caller: str) -> int:
    """`export -p`, `readonly -p`; in bash's form, or POSIX's in its mode."""
    posix = "posix" in sh.options and caller != "declare"
    for name, variable in sh.variables.all().items():
        if letters <= variable.attributes:
            sh.write(f"{_posix_declaration(name, variable, caller) if posix else declaration(name, variable)}\n")
    return 0


def _posix_declaration(name: str, variable: Variable, caller: str) -> str:
    """As POSIX has it: `export name="a"`; other attributes as options."""
    letters = "".join(sorted(variable.attributes - {"x", "r"}, key=ATTRIBUTE_ORDER.index))
    head = f"{caller} {'-' + letters + ' ' if letters else ''}{name}"
    return head if variable.value is None else f"{head}={value_text(variable)}"


def list_declared(sh: Shell, names: list[str], letters: set[str], caller: str) -> int:
    """`declare -p [name…]`; without names, all with these attributes."""
    if not names:
        return list_attributes(sh, letters, caller)
    status = 0
    for name in names:
        found = sh.variables.table.get(name) or sh.variables.get(name)
        if found is None:
            sh.complain(f"{caller}: {name}: not found")
            status = 1
        else:
            sh.write(declaration(name, found) + "\n")
    return status


def list_local(sh: Shell, names: list[str]) -> int:
    """`local`, `local -p [name…]`: the variables of the function being called."""
    frame = sh.variables.in_call()
    own = frame.hidden if frame is not None else {}
    status = 0
    for name in names or sorted(own):
        variable = sh.variables.table.get(name) if name in own else None
        if variable is not None:
            sh.write(declaration(name, variable) + "\n")
        elif names:
            sh.complain(f"local: {name}: not found")
            status = 1
    return status


def list_set(sh: Shell) -> int:
    """`set` alone: name=value of all variables, quoted only where needed."""
    from msh.expand.quote import quote_minimal, quote_readable

    single = "posix" in sh.options
    for name, variable in sh.variables.all().items():
        if variable.value is None:
            continue
        if isinstance(variable.value, dict):
            text = value_text(variable)
        else:
            readable = quote_readable(variable.value)
            text = readable if readable[0] == "$" and not single else quote_minimal(variable.value)
            text = text if variable.value else ""
        sh.write(f"{name}={text}\n")
    return 0


def list_functions(
    sh: Shell,
    names: list[str],
    caller: str,
    *,
    names_only: bool = False,
    letters: set[str] | frozenset[str] = frozenset(),
) -> int:
    """`declare -f`, `declare -F`; a `caller` says which of the names are none."""
    status = 0
    for name in names or sorted(sh.functions):
        function = sh.functions.get(name)
        if function is None:
            status = 1
            if caller:
                sh.complain(f"{caller}: {name}: not found")
        elif not letters <= set(function.letters()):
            continue
        elif not names_only:
            sh.write(function.text() + "\n")
            if function.letters():
                sh.write(f"declare -f{function.letters()} {name}\n")
        elif not names or caller:
            sh.write(f"declare -f{function.letters()} {name}\n")
        else:
            sh.write(f"{name}{function.place() if 'extdebug' in sh.options else ''}\n")
    return status
