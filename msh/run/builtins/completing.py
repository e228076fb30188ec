"""compgen, complete, compopt: possible completions as a list, and what is noted for a prompt there is not."""

from __future__ import annotations

from msh.run.control import ShellError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

ACTIONS = {
    "a": "alias",
    "b": "builtin",
    "c": "command",
    "d": "directory",
    "e": "export",
    "f": "file",
    "g": "group",
    "j": "job",
    "k": "keyword",
    "s": "service",
    "u": "user",
    "v": "variable",
}
VALUES = "oAGWFCXPS"  # options that take a value
NOTED = "DEIpr"  # of `complete`


class Request:
    """The options of `compgen` and `complete`; `actions` in the order given."""

    def __init__(self, argv: list[str]) -> None:
        self.actions: list[str] = []
        self.values: dict[str, str] = {}
        self.flags = ""
        words = argv[1:]
        while words and words[0].startswith("-") and len(words[0]) > 1:
            letters = words.pop(0)[1:]
            if letters == "-":
                break
            while letters:
                letter, letters = letters[0], letters[1:]
                if letter in ACTIONS:
                    self.actions.append(ACTIONS[letter])
                elif letter in VALUES:
                    if not letters and not words:
                        raise ShellError(f"{argv[0]}: -{letter}: option requires an argument", 2)
                    self._set(argv[0], letter, letters or words.pop(0))
                    letters = ""
                elif letter in NOTED and argv[0] == "complete":
                    self.flags += letter
                else:
                    raise ShellError(f"{argv[0]}: -{letter}: invalid option", 2)
        self.operands = words

    def _set(self, caller: str, letter: str, value: str) -> None:
        if letter != "A":
            self.values[letter] = value
        elif value not in SOURCES and value not in ACTIONS.values():
            raise ShellError(f"{caller}: {value}: invalid action name", 2)
        else:
            self.actions.append(value)


def compgen(sh: Shell, argv: list[str]) -> int:
    """The completions of a word on standard output; status 1 when there are none."""
    request = Request(argv)
    word = request.operands[0] if request.operands else ""
    found = [name for action in request.actions for name in sorted(_names(sh, action)) if name.startswith(word)]
    values = request.values
    if "G" in values:
        from msh.expand.pathnames import match_paths

        found += match_paths([(values["G"], False)], sh) or []
    if "W" in values:
        found += [text for text in _words(sh, values["W"]) if text.startswith(word)]
    if "F" in values:
        found += _of_function(sh, values["F"], word)
    if "C" in values:
        raise ShellError('compgen: -C: a command\'s output is not taken here; use -W "$(command)"', 2)
    if "X" in values:
        found = _filtered(found, values["X"])
    sh.write("".join(f"{values.get('P', '')}{text}{values.get('S', '')}\n" for text in found))
    return 0 if found else 1


def _words(sh: Shell, text: str) -> list[str]:
    """The words of -W: cut by IFS, with quotes and parameters where there are any."""
    if not set(text) & set("$'\"\\`"):
        from msh.run.builtins.reading import split

        ifs = sh.variables.scalar("IFS")
        return split(text, " \t\n" if ifs is None else ifs, None, True)
    from msh.expand.references import parse_list

    return [value for _, value, _ in sh.elements(parse_list(f"({text})", sh))]


def _of_function(sh: Shell, name: str, word: str) -> list[str]:
    """What a function leaves in COMPREPLY."""
    function = sh.functions.get(name)
    if function is None:
        sh.complain(f"compgen: warning: {name}: function not found")
        return []
    from msh.expand.arrays import elements

    sh.variables.unset("COMPREPLY")
    sh.call(function, [name, "compgen", word, ""])
    return elements("COMPREPLY", sh)


def _filtered(found: list[str], text: str) -> list[str]:
    """Without what a pattern matches; with `!` in front only that."""
    from msh.expand.patterns import pattern_of

    keep = text.startswith("!")
    pattern = pattern_of([(text.removeprefix("!"), False)], extglob=True)
    return [name for name in found if pattern.matches(name) == keep]


def _names(sh: Shell, action: str) -> Iterable[str]:
    source = SOURCES.get(action)
    return source(sh) if source is not None else ()


def _commands(sh: Shell) -> Iterable[str]:
    names = (*sh.resources.catalog.names(), *sh.functions, *sh.aliases, *_builtins(sh), *_keywords(sh))
    return set(names)


def _builtins(sh: Shell) -> Iterable[str]:
    from msh.run.builtins import TOPICS

    return TOPICS


def _keywords(sh: Shell) -> Iterable[str]:
    from msh.run.builtins.kinds import RESERVED

    return RESERVED


def _set_options(sh: Shell) -> Iterable[str]:
    from msh.run.builtins.options import NAMES

    return NAMES


def _shopt_options(sh: Shell) -> Iterable[str]:
    from msh.run.builtins.options import SHOPT

    return SHOPT


def _signals(sh: Shell) -> Iterable[str]:
    import signal

    return [member.name for member in signal.Signals] + ["EXIT", "DEBUG", "ERR", "RETURN"]


def _help_topics(sh: Shell) -> Iterable[str]:
    from msh.run.builtins.help import TOPICS

    return [line.split(" | ", 1)[0] for line in TOPICS.splitlines()]


def _exported(sh: Shell) -> Iterable[str]:
    return [name for name, variable in sh.variables.all().items() if variable.exported]


def _arrays(sh: Shell) -> Iterable[str]:
    return [name for name, variable in sh.variables.all().items() if variable.attributes & {"a", "A"}]


def _files(sh: Shell) -> Iterable[str]:
    return sh.list_directory("")


def _directories(sh: Shell) -> Iterable[str]:
    return [name for name in sh.list_directory("") if sh.is_directory(name)]


SOURCES: dict[str, Callable[[Shell], Iterable[str]]] = {
    "alias": lambda sh: sh.aliases,
    "arrayvar": _arrays,
    "builtin": _builtins,
    "command": _commands,
    "directory": _directories,
    "enabled": _builtins,
    "export": _exported,
    "file": _files,
    "function": lambda sh: sh.functions,
    "helptopic": _help_topics,
    "keyword": _keywords,
    "setopt": _set_options,
    "shopt": _shopt_options,
    "signal": _signals,
    "variable": lambda sh: sh.variables.names(),
}


def complete(sh: Shell, argv: list[str]) -> int:
    """Kept and shown: there is no prompt here that would use it, but a script may set it up."""
    request = Request(argv)
    names = request.operands
    if "p" in request.flags or not argv[1:]:
        return _show(sh, names)
    if "r" in request.flags:
        for name in names or list(sh.completions):
            sh.completions.pop(name, None)
        return 0
    from msh.expand.quote import quote_minimal

    options = argv[1 : len(argv) - len(names)]
    for name in names:
        sh.completions[name] = " ".join(map(quote_minimal, options))
    return 0


def _show(sh: Shell, names: list[str]) -> int:
    status = 0
    for name in names or sorted(sh.completions):
        if name in sh.completions:
            sh.write(f"complete {sh.completions[name]} {name}\n")
        else:
            sh.complain(f"complete: {name}: no completion specification")
            status = 1
    return status


def compopt(sh: Shell, argv: list[str]) -> int:
    """Only a function that is making completions at a prompt could use it."""
    raise ShellError("compopt: not currently executing completion function")


BUILTINS: dict[str, Builtin] = {"compgen": compgen, "complete": complete, "compopt": compopt}
