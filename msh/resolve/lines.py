"""Following command lines: see the package's opening comment."""

from __future__ import annotations

from os.path import lexists

from msh.catalog.arguments import read_arguments
from msh.catalog.builtins import BUILTINS, POSIX_SHELLS, SPECIAL_BUILTINS
from msh.diagnostics import MshError
from msh.effects import Effects, Unknown, effects_of, join
from msh.resolve.builtins import RUNNING
from msh.resolve.environment import command_at
from msh.resolve.findings import Findings
from msh.resolve.path import SearchPath
from msh.resolve.scope import DEPTH, Scope, Text, Word
from msh.resolve.tree import commands, defined_functions
from msh.resolve.use import Use
from msh.resolve.words import placed, words_of
from msh.source import Source
from msh.syntax.reading import OFF, Aliases, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from msh.catalog import CommandSpec, Lookup
    from msh.syntax.nodes import Script, SimpleCommand
    from msh.syntax.reading import Reading


class Resolver:
    """Collects uses and findings over all texts of a script."""

    def __init__(
        self,
        catalog: Lookup,
        reading: Reading | None = None,
        *,
        running: bool = False,
        directory: str | None = None,
        inner: bool = False,
        found: Callable[[str], bool] | None = None,
    ) -> None:
        self.catalog = catalog
        self.reading = reading  # of the script, when it is one
        self.directory = directory
        self.running = running  # all words are known: nothing is left to the run
        self.uses: list[Use] = []
        self.calls = 0  # of functions, by shells inside steps
        self.findings = Findings(catalog, SearchPath(catalog, directory, found), running, inner)

    # ---- texts --------------------------------------------------------------

    def tree(self, script: Script, text: Text, scope: Scope, functions: set[str] | None = None) -> list[Use]:
        """Resolve all commands of a tree. Returns the steps it may start.

        `functions`: those of other parts of the same text, to which its own are added.
        """
        functions = set() if functions is None else functions
        functions.update(defined_functions(script))
        scope = scope.replace(functions=(*scope.functions, functions))
        scopes: dict[str, Scope] = {}
        uses: list[Use] = []
        for command, context in commands(script):
            self.findings.path.extend(command)
            words = words_of(command)
            if words:
                if context not in scopes:
                    scopes[context] = scope.replace(context=context) if context else scope
                use = self.line(words, text, scopes[context], command if text.outer is None else None)
                uses += [use] if use else []
        if not scope.step:
            self.uses += uses
        return uses

    def forget(self) -> None:
        """Let go of what holds the tree: everything but what is wrong."""
        self.uses.clear()
        self.findings.forget()

    def nested(self, word: Word, text: Text, scope: Scope, here: bool = False, aliases: Aliases = OFF) -> list[Use]:
        """Resolve a word whose text is itself a script.

        `here`: in the same shell, so that what it defines stays; else it begins with these aliases.
        """
        if word.text is None:
            self.findings.unknown_text(word, text, scope)
            if here and scope.runner == "eval":
                scope.open()
            return []
        if scope.depth >= DEPTH:
            self.findings.too_deep(word, text, scope)
            return []
        source = Source(scope.runner or "text", word.text)
        inner = Text(source, text, word.base, word.start, word.end)
        try:
            script, names = self._read(source, inner, here, aliases)
        except MshError as error:
            self.findings.syntax(error.diagnostics, inner, scope)
            return []
        if names:
            scope = scope.replace(functions=(names, *scope.functions))
        if here and scope.functions and isinstance(scope.functions[-1], set):
            scope.functions[-1].update(defined_functions(script))
        return self.tree(script, inner, scope.replace(depth=scope.depth + 1))

    def _read(self, source: Source, inner: Text, here: bool, aliases: Aliases) -> tuple[Script, frozenset[str]]:
        """The tree of a text, and the names that are ever aliases in it. Raises MshError."""
        if here and self.reading is not None and self.reading.tables:
            aliases = aliases.replace(names=self.reading.table(inner.place(0, 0)[0]), on=True)
        reading = read(source, aliases)
        return reading.script, reading.defined

    # ---- lines --------------------------------------------------------------

    def line(self, words: Sequence[Word], text: Text, scope: Scope, command: SimpleCommand | None = None) -> Use | None:
        """Resolve one command line: its step, or None when it starts none or cannot be resolved."""
        name = words[0].value
        if isinstance(name, Unknown):
            self.findings.unknown_name(words[0], text, scope)
        elif scope.depth > DEPTH:
            self.findings.too_deep(words[0], text, scope)
        elif not scope.program and name and scope.defines(name):
            self.calls += scope.step
        elif not scope.program and name in RUNNING:
            return RUNNING[name](self, words, text, scope)
        elif not scope.program and (name in SPECIAL_BUILTINS or name in BUILTINS):
            return None
        elif name == "" and not scope.program:
            return None  # nothing has this name, and the shell says so
        else:
            spec = self.catalog.lookup(name, self.directory)
            if spec is not None:
                return self._step(spec, words, text, scope, command)
            if not self.running and "/" in name and not name.startswith("/") and not lexists(name):
                self.findings.not_there(name, words[0], text)
            else:
                self.findings.unmapped(name, words[0], text, scope)
        return None

    def _step(
        self, spec: CommandSpec, words: Sequence[Word], text: Text, scope: Scope, command: SimpleCommand | None
    ) -> Use | None:
        arguments = tuple([word.value for word in words[1:]])
        if not spec.shell:
            effects = effects_of(spec, arguments)
            runs = self._runs(spec, effects, words, text, scope)
        elif scope.step:
            calls = self.calls
            runs = self._shell(spec, words, text, scope)
            effects = effects_of(spec, arguments).replace(runs=(), workspace="write")
            if self.calls > calls:  # what a function that was handed down runs is not known here
                effects = effects.replace(programs="any")
        elif self.running:  # msh interprets it, and resolves it then
            runs = []
            effects = effects_of(spec, arguments).replace(runs=())
        else:
            self._shell(spec, words, text, scope)
            return None
        for use in runs:
            program = use.spec.run.program if use.spec.run.kind == "host" else use.spec.name
            effects = join(effects, use.effects.replace(runs=(), executes=(program, *use.effects.executes)))
        start, end = text.place(words[0].start, words[-1].end)
        return Use(spec, arguments, effects, start, end, command, scope.context, tuple(runs))

    def _runs(self, spec: CommandSpec, effects: Effects, words: Sequence[Word], text: Text, scope: Scope) -> list[Use]:
        """The command lines that a command runs in turn."""
        first, given = words[0], _given(spec, words)
        passes_on = command_at(spec, [word.value for word in given]) >= 0
        step = scope.step if passes_on else True
        inner = scope.replace(program=True, runner=str(first.value), step=step, depth=scope.depth + 1)
        uses: list[Use] = []
        at = 0
        for run in effects.runs:
            at, line = placed(run, given, at, first)
            use = self.line(line, text, inner)
            uses += [use] if use else []
        return uses

    def _shell(self, spec: CommandSpec, words: Sequence[Word], text: Text, scope: Scope) -> list[Use]:
        """`sh -c TEXT`, `sh FILE`, `sh`: the script is resolved here when it is known.

        Run by msh its commands are steps of their own. Run inside another step (`xargs sh -c`) they share that step, so
        all they touch is its; what they redirect is not followed, so it has the workspace.
        """
        name = str(words[0].value)
        inner = scope.replace(program=False, runner=name, context=f"{name} -c")
        given = _given(spec, words)
        invocation = read_arguments(spec, [word.value for word in given])
        operands = [given[operand.index] for operand in invocation.operands if not spec.script_path]
        script = operands[0] if operands and "c" in invocation.names() else None
        if script is None and scope.step:
            script = self._script_file(spec, operands, words[0])
        loose = invocation.loose
        if loose is not None:
            self.findings.unknown_text(given[loose], text, inner)
        if script is not None and (loose is None or script.text is not None):
            posix = name.rpartition("/")[2] in POSIX_SHELLS or any(word.value == "--posix" for word in given)
            return self.nested(script, text, inner, aliases=Aliases(on=posix, posix=posix))
        if loose is None:
            self.findings.unknown_text(operands[0] if operands else words[0], text, inner)
        return []

    def _script_file(self, spec: CommandSpec, operands: Sequence[Word], name: Word) -> Word | None:
        """The script file that a shell inside another step is given, when it lies in the workspace now."""
        path = spec.script_path or (operands[0].text if operands else None)
        text = self.catalog.script_text(path, self.directory) if path else None
        place = operands[0] if operands else name
        return Word(text, text, place.start, place.end) if text is not None else None


def _given(spec: CommandSpec, words: Sequence[Word]) -> list[Word]:
    """A command's arguments, those that its entry puts before the script's own first; they stand at its name."""
    own = [words[0].replace(value=argument, text=argument, base=None) for argument in spec.arguments]
    return [*own, *words[1:]]
