"""Following command lines: see the package's opening comment."""

from __future__ import annotations

from os.path import lexists

from msh.catalog.arguments import read_arguments
from msh.catalog.builtins import BUILTINS, SPECIAL_BUILTINS
from msh.diagnostics import Diagnostic, Label, MshError
from msh.effects import Unknown, effects_of, join
from msh.record import Record
from msh.resolve.tree import commands, defined_functions
from msh.resolve.use import Use
from msh.resolve.words import arguments_of, text_start
from msh.source import Source
from msh.syntax.nodes import Assignment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.catalog import CommandSpec, Lookup
    from msh.syntax.nodes import Script, SimpleCommand

DEPTH = 16  # texts and command lines inside one another
MOST_GUESSES = 100  # names for which the nearest known one is looked for


class Text(Record):
    """A text being resolved, and where it stands in the script.

    `base` is the offset of the text's first character in `outer` (None when the text does not stand there as it is:
    then all of it is at `start`-`end`). The outermost text has no `outer`.
    """

    source: Source | None
    outer: Text | None = None
    base: int | None = 0
    start: int = 0
    end: int = 0

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in this text as offsets in the script."""
        if self.outer is None:
            return start, end
        if self.base is None:
            return self.outer.place(self.start, self.end)
        return self.outer.place(self.base + start, self.base + end)

    def script(self) -> Source | None:
        """The script's own source."""
        return self.source if self.outer is None else self.outer.script()


class Word(Record):
    """One word of a command line: what it is, its text as written, and where it stands.

    `value` is Unknown while `text` is known for a word in which another program puts something (`{}`); it is Unknown
    and `text` None for one that only the run will know, and, with `inside`, for one that not even the run will know.
    `base` is where `text` begins, when it stands there as it is.
    """

    value: str | Unknown
    text: str | None
    start: int = 0
    end: int = 0
    base: int | None = None
    inside: bool = False


class Scope(Record):
    """What a line can call: `functions` (sets that may still grow), and whether it is run by another `program`.

    `runner` is the command that runs it, for messages; `step` says that a sandboxed step does, not msh.
    """

    functions: tuple[frozenset[str] | set[str], ...] = ()
    program: bool = False
    runner: str = ""
    step: bool = False
    depth: int = 0
    context: str = ""

    def defines(self, name: str) -> bool:
        return any(name in functions for functions in self.functions)


class Resolver:
    """Collects uses and findings over all texts of a script."""

    def __init__(self, catalog: Lookup, running: bool = False, directory: str | None = None) -> None:
        self.catalog = catalog
        self.directory = directory
        self.running = running  # all words are known: nothing is left to the run
        self.uses: list[Use] = []
        self.dynamic: list[Diagnostic] = []
        self._found: list[tuple[str, Scope, Diagnostic]] = []
        self._helps: dict[tuple[object, ...], str] = {}

    def findings(self) -> tuple[Diagnostic, ...]:
        """What is wrong, in the order of the text."""
        found = [diagnostic for name, scope, diagnostic in self._found if scope.program or not scope.defines(name)]
        return tuple(sorted(found, key=lambda diagnostic: diagnostic.labels[0].start if diagnostic.labels else 0))

    # ---- texts --------------------------------------------------------------

    def tree(self, script: Script, text: Text, scope: Scope) -> list[Use]:
        """Resolve all commands of a tree. Returns the steps it may start."""
        functions = defined_functions(script)
        scope = scope.replace(functions=(*scope.functions, functions))
        uses: list[Use] = []
        for command, context in commands(script):
            words = _words(command)
            if words:
                inner = scope.replace(context=context or scope.context)
                use = self.line(words, text, inner, command if text.outer is None else None)
                uses += [use] if use else []
        if not scope.step:
            self.uses += uses
        return uses

    def nested(self, word: Word, text: Text, scope: Scope, here: bool = False) -> list[Use]:
        """Resolve a word whose text is itself a script; `here`: in the same shell, so that what it defines stays."""
        from msh.syntax import parse

        if word.text is None:
            self._unknown_text(word, text, scope)
            return []
        if scope.depth >= DEPTH:
            self._find(
                "", "MSH205", "commands are nested too deep here", word, text, scope, "write a function or a script"
            )
            return []
        source = Source(scope.runner or "text", word.text)
        inner = Text(source, text, word.base, word.start, word.end)
        try:
            script = parse(source)
        except MshError as error:
            for diagnostic in error.diagnostics:
                labels = tuple([Label(*inner.place(label.start, label.end), label.text) for label in diagnostic.labels])
                self._found.append(
                    ("", scope, diagnostic.replace(source=text.script(), labels=labels, incomplete=False))
                )
            return []
        if here and scope.functions and isinstance(scope.functions[-1], set):
            scope.functions[-1].update(defined_functions(script))
        return self.tree(script, inner, scope.replace(depth=scope.depth + 1))

    # ---- lines --------------------------------------------------------------

    def line(self, words: Sequence[Word], text: Text, scope: Scope, command: SimpleCommand | None = None) -> Use | None:
        """Resolve one command line: its step, or None when it starts none or cannot be resolved."""
        name = words[0].value
        if isinstance(name, Unknown):
            self._unknown_name(words[0], text, scope)
        elif scope.depth > DEPTH:
            self._find(
                "", "MSH205", "commands are nested too deep here", words[0], text, scope, "write a function or a script"
            )
        elif not scope.program and name in _PREFIXES:
            return _PREFIXES[name](self, words, text, scope)
        elif not scope.program and (name in SPECIAL_BUILTINS or scope.defines(name) or name in BUILTINS):
            return None
        elif name == "" and not scope.program:
            return None  # nothing has this name, and the shell says so
        else:
            spec = self.catalog.lookup(name, self.directory)
            if spec is None and not self.running and "/" in name and not name.startswith("/") and not lexists(name):
                message = f"there is no `{name}` yet, so what it is becomes known only at run time"
                self._dynamic("MSH206", message, words[0], text, "it is resolved then, and refused if it is not mapped")
            elif spec is None:
                self._unmapped(name, words[0], text, scope)
            else:
                return self._step(spec, words, text, scope, command)
        return None

    def _step(
        self, spec: CommandSpec, words: Sequence[Word], text: Text, scope: Scope, command: SimpleCommand | None
    ) -> Use | None:
        arguments = [word.value for word in words[1:]]
        if spec.shell:
            return self._shell(spec, words, text, scope)
        effects = effects_of(spec, arguments)
        runs: list[Use] = []
        first = words[0]
        given = [*[first.replace(value=argument, text=argument, base=None) for argument in spec.arguments], *words[1:]]
        at = 0
        inner = scope.replace(program=True, runner=str(first.value), step=True, depth=scope.depth + 1)
        for run in effects.runs:
            at, line = _placed(run, given, at, first)
            use = self.line(line, text, inner)
            if use is not None:
                runs.append(use)
        for use in runs:
            effects = join(effects, use.effects.replace(runs=()))
        start, end = text.place(first.start, words[-1].end)
        return Use(spec, tuple(arguments), effects, start, end, command, scope.context, tuple(runs))

    def _shell(self, spec: CommandSpec, words: Sequence[Word], text: Text, scope: Scope) -> Use | None:
        """`sh -c TEXT`, `sh FILE`, `sh`: the script is resolved here when it is known.

        Run by msh its commands are steps of their own. Run inside another step (`xargs sh -c`) they share that step, so
        all they touch is its; what they redirect is not followed, so it has the workspace.
        """
        name = str(words[0].value)
        invocation = read_arguments(spec, [word.value for word in words[1:]])
        inner = scope.replace(program=False, runner=name, context=f"{name} -c")
        uses: list[Use] = []
        operands = [words[1 + operand.index] for operand in invocation.operands if not spec.script_path]
        by_msh = self.running and not scope.step
        if invocation.loose is not None and not by_msh:
            self._unknown_text(words[1 + invocation.loose], text, inner)
        text_given = "c" in invocation.names() and bool(operands)
        file = None if text_given else self._script_file(spec, operands, words[0], scope)
        if file is not None:
            operands, text_given = [file], True
        if text_given and not by_msh and (invocation.loose is None or operands[0].text is not None):
            uses = self.nested(operands[0], text, inner)
        elif invocation.loose is None and not by_msh:
            self._unknown_text(operands[0] if operands else words[0], text, inner)
        effects = effects_of(spec, [word.value for word in words[1:]]).replace(runs=())
        if scope.step:
            effects = effects.replace(workspace="write")
            for use in uses:
                effects = join(effects, use.effects.replace(runs=()))
        elif not self.running:
            return None
        start, end = text.place(words[0].start, words[-1].end)
        return Use(
            spec, tuple([word.value for word in words[1:]]), effects, start, end, None, scope.context, tuple(uses)
        )

    def _script_file(self, spec: CommandSpec, operands: Sequence[Word], name: Word, scope: Scope) -> Word | None:
        """The script file that a shell inside another step is given, when it lies in the workspace now."""
        path = spec.script_path or (operands[0].text if operands else None)
        text = self.catalog.script_text(path, self.directory) if scope.step and path else None
        place = operands[0] if operands else name
        return Word(text, text, place.start, place.end) if text is not None else None

    # ---- findings -----------------------------------------------------------

    def _unmapped(self, name: str, word: Word, text: Text, scope: Scope) -> None:
        runner = f", which `{scope.runner}` runs," if scope.program and scope.runner else ""
        help = self._help(name, scope)
        self._find(name, "MSH201", f"`{name}`{runner} is not in the catalog", word, text, scope, help)

    def _help(self, name: str, scope: Scope) -> str:
        """What to do about a name. The nearest known one is looked for only for so many, since that takes a while."""
        from msh.resolve.explain import help_for

        functions = frozenset([function for defined in scope.functions for function in defined])
        key = (name, scope.program, functions if scope.program and name in functions else None)
        if key not in self._helps:
            guess = len(self._helps) < MOST_GUESSES
            self._helps[key] = help_for(name, self.catalog, functions, scope.program, guess)
        return self._helps[key]

    def _unknown_name(self, word: Word, text: Text, scope: Scope) -> None:
        if word.inside or (self.running and word.text is None):
            message = f"the command that `{scope.runner}` runs is known only inside the step"
            self._find("", "MSH204", message, word, text, scope, "name the command in the script")
        else:
            message = "the name of this command is known only at run time"
            self._dynamic("MSH202", message, word, text, "name the command, or use `case` to choose between names")

    def _unknown_text(self, word: Word, text: Text, scope: Scope) -> None:
        if word.inside or (self.running and scope.step):
            message = f"what `{scope.runner}` runs here is known only inside the step"
            self._find(
                "", "MSH204", message, word, text, scope, "give the commands as one quoted text and data as arguments"
            )
        else:
            message = f"the commands that `{scope.runner}` runs here are known only at run time"
            self._dynamic("MSH203", message, word, text, "they are resolved then, and refused if they are not mapped")

    def _find(self, name: str, code: str, message: str, word: Word, text: Text, scope: Scope, help: str) -> None:
        self._found.append((name, scope, self._diagnostic(code, message, word, text, help)))

    def _dynamic(self, code: str, message: str, word: Word, text: Text, help: str) -> None:
        self.dynamic.append(self._diagnostic(code, message, word, text, help))

    def _diagnostic(self, code: str, message: str, word: Word, text: Text, help: str) -> Diagnostic:
        source = text.script()
        labels = (Label(*text.place(word.start, word.end)),) if source is not None else ()
        return Diagnostic(code, message, source, labels, help)

    # ---- builtins that run something ------------------------------------------

    def command_builtin(self, words: Sequence[Word], text: Text, scope: Scope) -> Use | None:
        """`command [-p] name …` passes functions by; `command -v name` runs nothing."""
        at = 1
        while at < len(words) and str(words[at].value).startswith("-") and words[at].value != "--":
            if set(str(words[at].value)) & {"v", "V"}:
                return None
            at += 1
        at += at < len(words) and words[at].value == "--"
        if at == len(words):
            return None
        return self.line(words[at:], text, scope.replace(functions=()))

    def exec_builtin(self, words: Sequence[Word], text: Text, scope: Scope) -> Use | None:
        """`exec [-cl] [-a name] program …`"""
        at = 1
        while at < len(words) and str(words[at].value).startswith("-"):
            word = str(words[at].value)
            at += 2 if word.endswith("a") and word != "--" else 1
            if word == "--":
                break
        if at >= len(words):
            return None
        return self.line(words[at:], text, scope.replace(program=True, runner="exec"))

    def builtin_builtin(self, words: Sequence[Word], text: Text, scope: Scope) -> Use | None:
        """`builtin name …`"""
        if len(words) > 1 and words[1].value not in BUILTINS and isinstance(words[1].value, str):
            message = f"`{words[1].value}` is not a builtin"
            self._find("", "MSH201", message, words[1], text, scope, "leave out `builtin`")
        elif len(words) > 1:
            self.line(words[1:], text, scope.replace(functions=()))
        return None

    def eval_builtin(self, words: Sequence[Word], text: Text, scope: Scope) -> None:
        """`eval word …`: the words joined by blanks are a script in this same shell."""
        rest = list(words[1:])
        if rest and rest[0].value == "--":
            del rest[0]
        if not rest:
            return
        word = rest[0]
        if len(rest) > 1:
            texts = [word.text for word in rest if word.text is not None and isinstance(word.value, str)]
            joined = " ".join(texts) if len(texts) == len(rest) else None
            word = Word(joined or Unknown(), joined, rest[0].start, rest[-1].end)
        self._here(word, text, scope.replace(runner="eval"))

    def trap_builtin(self, words: Sequence[Word], text: Text, scope: Scope) -> None:
        """`trap [--] text signal …`; `trap - signal`, `trap 2 signal`, `trap -p` run nothing."""
        rest = [word for word in words[1:] if word.value != "--"]
        number = isinstance(rest[0].value, str) and rest[0].value.isdigit() if rest else False
        if len(rest) > 1 and not number and rest[0].value not in ("-", "", "-p", "-l"):
            self._here(rest[0], text, scope.replace(runner="trap"))

    def source_builtin(self, words: Sequence[Word], text: Text, scope: Scope) -> None:
        """`. file`: what is in it is resolved when it is read."""
        if len(words) > 1:
            message = f"the commands of this file are known only when `{words[0].value}` reads it"
            self._dynamic(
                "MSH203", message, words[1], text, "they are resolved then, and refused if they are not mapped"
            )

    def _here(self, word: Word, text: Text, scope: Scope) -> None:
        """A text run by this same shell: what it defines, the whole text that holds it can call."""
        self.nested(word, text, scope, here=True)


def _words(command: SimpleCommand) -> list[Word]:
    """The words of a command, each argument one; an `Assignment` (`declare a=(…)`) is an argument not known."""
    words: list[Word] = []
    for word in command.words:
        if isinstance(word, Assignment):
            words.append(Word(Unknown(), None, word.start, word.end))
            continue
        for value in arguments_of(word):
            known = value if isinstance(value, str) else None
            base = text_start(word) if known is not None else None
            words.append(Word(value, known, word.start, word.end, base))
    return words


def _placed(run: Sequence[str | Unknown], given: Sequence[Word], at: int, name: Word) -> tuple[int, list[Word]]:
    """The words of a command that another one runs, found again among that one's own from position `at` on.

    What is not found there was split off a word or put in by the spec; it stands at the other command's name.
    """
    first = _beginning(run, given, at)
    line: list[Word] = []
    for offset, value in enumerate(run):
        index = None if first is None else first + offset
        if index is not None and index < len(given) and _is_same(value, given[index]):
            line.append(given[index].replace(value=value, inside=value != given[index].value))
            at = index + 1
        else:
            text = value if isinstance(value, str) else None
            line.append(_part(value, given) or Word(value, text, name.start, name.end, inside=text is None))
    return at, line


def _beginning(run: Sequence[str | Unknown], given: Sequence[Word], at: int) -> int | None:
    """Where a command line begins: as the end of the other's words, perhaps with more put behind it, or within them."""
    for tail in (len(given) - len(run), len(given) - len(run) + 1):
        if at <= tail and all(_is_same(value, word) for value, word in zip(run, given[tail:], strict=False)):
            return tail if tail < len(given) else None
    return next((index for index in range(at, len(given)) if _is_same(run[0], given[index])), None)


def _part(value: str | Unknown, given: Sequence[Word]) -> Word | None:
    """A word that stands in a longer one: `--compress-program=gzip`, `-I 'xz -9'`."""
    if isinstance(value, Unknown) or not value:
        return None
    for word in given:
        at = word.text.find(value) if word.text is not None else -1
        if at >= 0:
            if word.base is None:
                return Word(value, value, word.start, word.end)
            start = word.base + at
            return Word(value, value, start, start + len(value), start)
    return None


def _is_same(value: str | Unknown, word: Word) -> bool:
    """Whether a word of an inner command is this one, perhaps with a placeholder in it."""
    if value == word.value:
        return True
    return (
        isinstance(value, Unknown) and not value.many and word.text is not None and word.text.startswith(value.prefix)
    )


_PREFIXES = {
    "command": Resolver.command_builtin,
    "exec": Resolver.exec_builtin,
    "builtin": Resolver.builtin_builtin,
    "eval": Resolver.eval_builtin,
    "trap": Resolver.trap_builtin,
    ".": Resolver.source_builtin,
    "source": Resolver.source_builtin,
}
