"""Shell functions, and the record of calls that FUNCNAME, LINENO and `caller` read."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.run.shell import Shell
    from msh.source import Source
    from msh.syntax.nodes import FunctionDefinition


class Function:
    """A defined function; its body is compiled at the first call."""

    __slots__ = ("exported", "node", "readonly", "run", "source", "traced")

    def __init__(self, node: FunctionDefinition, source: Source) -> None:
        self.node = node
        self.source = source
        self.run: Callable[[Shell], int] | None = None
        self.exported = False
        self.readonly = False
        self.traced = False  # DEBUG and RETURN traps go on in it (`declare -ft`)

    def letters(self) -> str:
        """Its attributes as `declare -f` shows them."""
        return "r" * self.readonly + "t" * self.traced + "x" * self.exported

    def place(self) -> str:
        """Line and file of its definition, as `declare -F name` adds them under `extdebug`."""
        from msh.run.dynamic import source_name

        return f" {self.source.position(self.node.start)[0]} {source_name(self.source)}"

    def text(self) -> str:
        """The definition as bash shows it, which a shell reads back."""
        from msh.syntax.bash_printer import print_function

        return print_function(self.node)

    def exported_value(self) -> str:
        """The value of the variable `BASH_FUNC_name%%` through which bash hands functions to child shells."""
        from msh.syntax import print_command

        return "() " + print_command(self.node.body)


SOURCE = "source"  # what FUNCNAME calls a sourced file


class Call:
    """One active call: a function, or a sourced file."""

    __slots__ = ("line", "name", "source")

    def __init__(self, name: str, line: int, source: Source) -> None:
        self.name = name
        self.line = line  # where it was called
        self.source = source  # in which text it was called

    @property
    def is_function(self) -> bool:
        return self.name != SOURCE
