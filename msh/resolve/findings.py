"""What resolving has to say."""

from __future__ import annotations

from msh.catalog.layers import SHELLS
from msh.diagnostics import Diagnostic, Label
from msh.resolve.scope import ANY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.catalog import Lookup
    from msh.resolve.path import SearchPath
    from msh.resolve.scope import Scope, Text, Word

LOOKING = ("", "exec", "eval", "trap")  # where a command's name is looked for along PATH, as in a shell's text
MOST_GUESSES = 100  # names for which the nearest known one is looked for

_THEN = "they are resolved then, and refused if they are not mapped"


class Findings:
    """Collects them; with `running` all words are known, and nothing is left to the run.

    What only the run will know is told apart. `inner`: the text is read by a running shell, and its functions may call
    some that are defined after it.
    """

    def __init__(self, catalog: Lookup, path: SearchPath, running: bool, inner: bool = False) -> None:
        self.catalog = catalog
        self.path = path
        self.running = running
        self.inner = inner
        self._dynamic: list[Diagnostic] = []
        self._found: list[tuple[str, Scope, Diagnostic]] = []
        self._helps: dict[tuple[object, ...], str] = {}

    def all(self) -> tuple[Diagnostic, ...]:
        """What is wrong, in the order of the text: a name that is, or may become, a function is not."""
        found = [diagnostic for name, scope, diagnostic in self._found if not self._is_function(name, scope)]
        return tuple(sorted(found, key=lambda diagnostic: diagnostic.labels[0].start if diagnostic.labels else 0))

    def forget(self) -> None:
        """Let go of what only the run will know."""
        self._dynamic.clear()

    @property
    def dynamic(self) -> tuple[Diagnostic, ...]:
        """What only the run will know: also whether an unmapped name is by then a function of a file that was read."""
        return (*self._dynamic, *[_later_function(name, diagnostic) for name, diagnostic in self._later()])

    def _later(self) -> list[tuple[str, Diagnostic]]:
        return [
            (name, diagnostic)
            for name, scope, diagnostic in self._found
            if self._may_turn_up(name, scope) and not scope.defines(name)
        ]

    def _is_function(self, name: str, scope: Scope) -> bool:
        """Whether it is one, or may become one."""
        return self._may_turn_up(name, scope) or bool(name and not scope.program and scope.defines(name))

    def _may_turn_up(self, name: str, scope: Scope) -> bool:
        """Whether the run may find something of this name."""
        if self._may_be_function(name, scope):
            return True
        looks = scope.runner in LOOKING or scope.runner.rpartition("/")[2] in SHELLS
        called = bool(name) and "/" not in name and not scope.step and looks
        return called and not self.running and self.path.may_have(name)

    def _may_be_function(self, name: str, scope: Scope) -> bool:
        if not name or scope.program or not scope.functions:
            return False
        return scope.defines(ANY) or (self.inner and scope.context.startswith("function "))

    def unmapped(self, name: str, word: Word, text: Text, scope: Scope) -> None:
        """MSH201, unless a function of that name is found later."""
        runner = f", which `{scope.runner}` runs," if scope.program and scope.runner else ""
        message = f"`{name}`{runner} is not in the catalog"
        self._found.append((name, scope, _diagnostic("MSH201", message, word, text, self._help(name, scope))))

    def no_builtin(self, word: Word, text: Text, scope: Scope) -> None:
        """MSH201 for `builtin name`, which starts nothing: it fails when it is reached."""
        found = _diagnostic("MSH201", f"`{word.value}` is not a builtin", word, text, "leave out `builtin`")
        self._found.append(("", scope, found.replace(severity="warning")))

    def not_there(self, name: str, word: Word, text: Text) -> None:
        """MSH206: a relative path at which there is nothing now."""
        message = f"there is no `{name}` yet, so what it is becomes known only at run time"
        help = "it is resolved then, and refused if it is not mapped"
        self._dynamic.append(_diagnostic("MSH206", message, word, text, help))

    def unknown_name(self, word: Word, text: Text, scope: Scope) -> None:
        """MSH202; MSH204 for a name that not even the run will know."""
        if word.inside or (self.running and word.text is None):
            message = f"the command that `{scope.runner}` runs is known only inside the step"
            self._find("MSH204", message, word, text, scope, "name the command in the script")
        else:
            message = "the name of this command is known only at run time"
            help = "name the command, or use `case` to choose between names"
            self._dynamic.append(_diagnostic("MSH202", message, word, text, help))

    def unknown_text(self, word: Word, text: Text, scope: Scope) -> None:
        """MSH203; MSH204 for a text that not even the run will know."""
        if word.inside or (self.running and scope.step):
            message = f"what `{scope.runner}` runs here is known only inside the step"
            help = "give the commands as one quoted text and data as arguments"
            self._find("MSH204", message, word, text, scope, help)
        else:
            message = f"the commands that `{scope.runner}` runs here are known only at run time"
            self._dynamic.append(_diagnostic("MSH203", message, word, text, _THEN))

    def unknown_file(self, reader: str, word: Word, text: Text) -> None:
        """MSH203 for `. file`."""
        message = f"the commands of this file are known only when `{reader}` reads it"
        self._dynamic.append(_diagnostic("MSH203", message, word, text, _THEN))

    def too_deep(self, word: Word, text: Text, scope: Scope) -> None:
        """MSH205."""
        self._find("MSH205", "commands are nested too deep here", word, text, scope, "write a function or a script")

    def syntax(self, diagnostics: tuple[Diagnostic, ...], inner: Text, scope: Scope) -> None:
        """What the parser found in a text, at its place in the script."""
        for found in diagnostics:
            labels = tuple([Label(*inner.place(label.start, label.end), label.text) for label in found.labels])
            found = found.replace(source=inner.script(), labels=labels, incomplete=False)
            self._found.append(("", scope, found))

    def _find(self, code: str, message: str, word: Word, text: Text, scope: Scope, help: str) -> None:
        self._found.append(("", scope, _diagnostic(code, message, word, text, help)))

    def _help(self, name: str, scope: Scope) -> str:
        """What to do about a name. The nearest known one is looked for only for so many, since that takes a while."""
        from msh.resolve.explain import help_for

        functions = frozenset([function for defined in scope.functions for function in defined])
        key = (name, scope.program, functions if scope.program and name in functions else None)
        if key not in self._helps:
            guess = len(self._helps) < MOST_GUESSES
            self._helps[key] = help_for(name, self.catalog, functions, scope.program, guess)
        return self._helps[key]


def _later_function(name: str, found: Diagnostic) -> Diagnostic:
    """MSH207."""
    message = f"`{name}` is not in the catalog; it may be a function or a script that is known only at run time"
    help = "it is looked up when it is called, and refused if it is not mapped"
    return found.replace(code="MSH207", message=message, help=help)


def _diagnostic(code: str, message: str, word: Word, text: Text, help: str) -> Diagnostic:
    source = text.script()
    labels = (Label(*text.place(word.start, word.end)),) if source is not None else ()
    return Diagnostic(code, message, source, labels, help)
