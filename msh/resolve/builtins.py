"""Builtins that run a command or a text: what they run is resolved in their place."""

from __future__ import annotations

from msh.catalog.builtins import BUILTINS
from msh.effects import Unknown
from msh.resolve.scope import Scope, Text, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from msh.resolve.lines import Resolver
    from msh.resolve.use import Use


def _command(resolver: Resolver, words: Sequence[Word], text: Text, scope: Scope) -> Use | None:
    """`command [-p] name …` passes functions by; `command -v name` runs nothing."""
    at = 1
    while at < len(words) and _is_option(words[at]) and words[at].value != "--":
        if set(str(words[at].value)) & {"v", "V"}:
            return None
        at += 1
    at += at < len(words) and words[at].value == "--"
    return resolver.line(words[at:], text, scope.replace(functions=())) if at < len(words) else None


def _exec(resolver: Resolver, words: Sequence[Word], text: Text, scope: Scope) -> Use | None:
    """`exec [-cl] [-a name] program …`"""
    at = 1
    while at < len(words) and _is_option(words[at]):
        word = str(words[at].value)
        at += 2 if word.endswith("a") else 1
        if word == "--":
            break
    return resolver.line(words[at:], text, scope.replace(program=True, runner="exec")) if at < len(words) else None


def _builtin(resolver: Resolver, words: Sequence[Word], text: Text, scope: Scope) -> Use | None:
    """`builtin name …`"""
    if len(words) > 1 and words[1].value == "--":
        words = [words[0], *words[2:]]
    if len(words) > 1 and isinstance(words[1].value, str) and words[1].value not in BUILTINS:
        resolver.findings.no_builtin(words[1], text, scope)
    elif len(words) > 1:
        resolver.line(words[1:], text, scope.replace(functions=()))
    return None


def _eval(resolver: Resolver, words: Sequence[Word], text: Text, scope: Scope) -> Use | None:
    """`eval word …`: the words joined by blanks are a script in this same shell."""
    rest = list(words[1:])
    if rest and rest[0].value == "--":
        del rest[0]
    if not rest:
        return None
    word = rest[0]
    if len(rest) > 1:
        texts = [word.text for word in rest if word.text is not None and isinstance(word.value, str)]
        joined = " ".join(texts) if len(texts) == len(rest) else None
        word = Word(joined or Unknown(), joined, rest[0].start, rest[-1].end)
    resolver.nested(word, text, scope.replace(runner="eval"), here=True)
    return None


def _is_signal(text: str) -> bool:
    """Whether `trap` takes it for a signal; else it refuses, and the text is never run."""
    import signal

    name = text.upper().removeprefix("SIG")
    pseudo = name in ("EXIT", "DEBUG", "ERR", "RETURN")
    return text.isdigit() or pseudo or name.startswith("RT") or hasattr(signal, f"SIG{name}")


def _trap(resolver: Resolver, words: Sequence[Word], text: Text, scope: Scope) -> Use | None:
    """`trap [--] text signal …`; `trap - signal`, `trap 2 signal`, `trap -p` run nothing."""
    rest = [word for word in words[1:] if word.value != "--"]
    number = isinstance(rest[0].value, str) and rest[0].value.isdigit() if rest else False
    if len(words) > 1 and isinstance(words[1].value, str) and words[1].value[:1] == "-" and words[1].value != "--":
        return None  # an option, `-`, or what `trap` refuses
    known = any(not isinstance(word.value, str) or _is_signal(word.value) for word in rest[1:])
    if known and not number and rest[0].value not in ("-", "", "-p", "-l"):
        resolver.nested(rest[0], text, scope.replace(runner="trap"), here=True)
    return None


def _source(resolver: Resolver, words: Sequence[Word], text: Text, scope: Scope) -> Use | None:
    """`. file`: what is in it is resolved when it is read."""
    if len(words) > 1:
        resolver.findings.unknown_file(str(words[0].value), words[1], text)
        scope.open()
    return None


def _is_option(word: Word) -> bool:
    return isinstance(word.value, str) and word.value.startswith("-")


RUNNING: dict[str, Callable[[Resolver, Sequence[Word], Text, Scope], Use | None]] = {
    "command": _command,
    "exec": _exec,
    "builtin": _builtin,
    "eval": _eval,
    "trap": _trap,
    ".": _source,
    "source": _source,
}
