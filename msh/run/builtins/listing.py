"""What `declare -p`, `export -p`, `set` and `local` print: assignments that a shell can read back."""

from __future__ import annotations

from msh.expand.arrays import ordered_items
from msh.expand.environment import AssociativeArray, IndexedArray
from msh.expand.quote import ansi_or_double

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.shell import Shell
    from msh.run.variables import Variable


def declaration(name: str, variable: Variable) -> str:
    """`declare -ax name=([0]="a")`."""
    letters = "".join(sorted(variable.attributes, key="aAilnrtux".index))
    head = f"declare -{letters or '-'} {name}"
    return head if variable.value is None else f"{head}={value_text(variable)}"


def value_text(variable: Variable) -> str:
    """The value as it would be assigned, double-quoted."""
    value = variable.value
    if isinstance(value, AssociativeArray):
        inner = "".join([f"[{_key(key)}]={ansi_or_double(text)} " for key, text in ordered_items(value)])
        return f"({inner})"
    if isinstance(value, IndexedArray):
        return "(" + " ".join([f"[{key}]={ansi_or_double(value[key])}" for key in sorted(value)]) + ")"
    return ansi_or_double(value or "")


def _key(text: str) -> str:
    plain = text and all(c.isalnum() or c in "_-./:%+,@^" for c in text)
    return text if plain else ansi_or_double(text)


def list_attributes(sh: Shell, letter: str, caller: str) -> int:
    """`export -p`, `readonly -p`; in bash's form."""
    for name, variable in sh.variables.all().items():
        if letter in variable.attributes:
            sh.write(declaration(name, variable) + "\n")
    return 0


def list_declared(sh: Shell, names: list[str], letters: set[str], caller: str) -> int:
    """`declare -p [name…]`; without names, all with these attributes."""
    if not names:
        if not letters:
            return list_set(sh) if caller else 0
        for name, variable in sh.variables.all().items():
            if letters <= variable.attributes:
                sh.write(declaration(name, variable) + "\n")
        return 0
    status = 0
    for name in names:
        found = sh.variables.table.get(name) or sh.variables.get(name)
        if found is None:
            sh.complain(f"{caller}: {name}: not found")
            status = 1
        else:
            sh.write(declaration(name, found) + "\n")
    return status


def list_local(sh: Shell) -> int:
    for name in sorted(sh.variables.frames[-1].hidden):
        variable = sh.variables.table.get(name)
        if variable is not None:
            sh.write(declaration(name, variable) + "\n")
    return 0


def list_set(sh: Shell) -> int:
    """`set` alone: name=value of all variables, quoted only where needed."""
    from msh.expand.quote import quote_minimal

    for name, variable in sh.variables.all().items():
        if variable.value is None:
            continue
        text = value_text(variable) if isinstance(variable.value, dict) else quote_minimal(variable.value)
        sh.write(f"{name}={text}\n")
    return 0


def list_functions(sh: Shell, names: list[str], *, names_only: bool) -> int:
    """`declare -f`, `declare -F`."""
    status = 0
    for name in names or sorted(sh.functions):
        function = sh.functions.get(name)
        if function is None:
            status = 1
        elif names_only:
            sh.write(f"{name}\n" if names else f"declare -f {name}\n")
        else:
            sh.write(function.text() + "\n")
    return status
