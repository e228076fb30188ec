"""What a shell says: output of builtins, errors in bash's words, diagnostics."""

from __future__ import annotations

from signal import SIGPIPE

from msh.diagnostics import MshError, exit_status
from msh.expand.environment import ExpansionError
from msh.run.control import Abandoned, RefusedAssignment, ShellError, ShellExit
from msh.run.descriptors import write_all
from msh.run.words import Words
from msh.source import Source, encode
from msh.syntax.nodes import SimpleCommand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.functions import Call
    from msh.run.resources import Resources
    from msh.run.signals import Signals
    from msh.syntax.nodes import Node

WRITE_ERROR = "write error: "  # of a builtin, whose name its caller puts before it


def place(node: Node) -> int:
    """The offset whose line is a command's: of a simple one bash has read two words when it notes the line."""
    if not isinstance(node, SimpleCommand):
        return node.start
    items: list[Node] = [*node.assignments, *node.words, *node.redirects]
    items.sort(key=lambda item: item.start)
    return items[:2][-1].end if items else node.start


class Messages(Words):
    """The part of a shell that writes."""

    resources: Resources
    source: Source
    here: Node | None  # the command being run
    calls: list[Call]
    signals: Signals
    lenient: bool  # in `eval`, `source` or `command` that a condition guards
    captured: list[str] | None  # where a substitution without a process collects what it writes

    def write(self, text: str) -> None:
        """Standard output of a builtin; ShellError when it cannot be written."""
        if self.captured is not None:
            self.captured.append(text)
            return
        try:
            write_all(1, encode(text))
        except OSError as error:
            if isinstance(error, BrokenPipeError) and SIGPIPE not in self.signals.traps:
                raise
            raise ShellError(f"{WRITE_ERROR}{error.strerror}") from None

    def write_error(self, text: str) -> None:
        """Standard error; nobody can be told when that fails."""
        try:
            write_all(2, encode(text))
        except OSError:
            return

    def line(self) -> int:
        """The line of the command being run."""
        return self.source.position(place(self.here))[0] if self.here is not None else self.source.first_line

    def complain(self, message: str, code: str = "MSH481", node: Node | None = None) -> None:
        """What went wrong, in bash's form: where, then what; for a person, with the excerpt (`explain.py`)."""
        if self.resources.settings.errors != "plain":
            from msh.run.explain import applies, show

            if applies(self):
                show(self, message, code, node)
                return
        self.write_error(f"{self.text_name()}: line {self.line()}: {message}\n")

    def text_name(self) -> str:
        """The text that is being run, as errors name it: a sourced file, a function's, else `$0`."""
        raise NotImplementedError

    def refused(self, message: str) -> RefusedAssignment:
        """The error to raise. Under `set -e` it is the end, in a condition too, but not in `eval` in a condition."""
        if "errexit" in self.options and not self.lenient:
            self.complain(message)
            raise ShellExit(1)
        return RefusedAssignment(message)

    def fail(self, error: ShellError) -> int:
        """Report an error of a command; its status. A fatal one ends the shell."""
        self.tell_error(error)
        if error.fatal:
            raise ShellExit(error.status)
        return error.status

    def tell_error(self, error: ShellError) -> None:
        """Say what went wrong with a command, once: with standard error as it is there."""
        if error.told:
            return
        error.told = True
        if error.message:
            self.complain(error.message, error.code)
        if error.usage:
            self.write_error(error.usage + "\n")

    def tell(self, error: ExpansionError) -> None:
        """Say that an expansion failed, once: at its place, with standard error as it is there."""
        if not error.told:
            error.told = True
            self.complain(error.message, "MSH480", error.node)

    def expansion_failed(self, error: ExpansionError) -> int:
        """Report a failed expansion; status 1, and the end of the shell when it `exits`."""
        self.tell(error)
        if error.exits or ("posix" in self.options and not isinstance(error, Abandoned)):
            raise ShellExit(self.expansion_status)
        return 1

    @property
    def expansion_status(self) -> int:
        """What a shell ends with when an expansion ends it; bash tells `-c` from a file here."""
        return 127 if self.source.name == "-c" else 1

    def report(self, error: MshError) -> int:
        """Print diagnostics; the status they stand for."""
        from msh.render import report

        found = error.diagnostics
        if any(diagnostic.source is None for diagnostic in found):
            from msh.run.explain import placed

            found = tuple([placed(self, diagnostic) for diagnostic in found])
        report(found, count=False)
        return exit_status(error.diagnostics)
