"""The words of a simple command as its arguments; operands of declaration builtins are assignments."""

from __future__ import annotations

from msh.expand import compile_fields
from msh.run.assignments import assigned_text
from msh.syntax.nodes import ArrayLiteral, Assignment, Literal, Word
from msh.syntax.static import static_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.run.shell import Shell
    from msh.syntax.nodes import SimpleCommand

    Argv = Callable[[Shell], list[str]]

DECLARATIONS = {"export", "readonly", "declare", "typeset", "local"}


def argv_of(node: SimpleCommand) -> Argv:
    """The function that expands the words. Operands of declaration builtins are assignments: not split, not globbed."""
    words = node.words
    declares = _declares(words)
    if declares:
        evaluated = isinstance(words[0], Word) and static_text(words[0]) == "eval"
        operands = tuple([each for word in words for each in (_evaluated(word) if evaluated else _braced(word))])
        return lambda sh: _declaration(sh, operands)
    plain = [word for word in words if isinstance(word, Word)]
    expand: Argv = compile_fields(plain)
    at = next((i for i, word in enumerate(plain) if _is_assignment(word)), 0)
    if declares is not None or not at or not any(_names_declaration(word) for word in plain[:at]):
        return expand
    return _undecided(tuple(plain[:at]), tuple(plain[at:]))


def _declares(words: tuple[Word | Assignment, ...]) -> bool | None:
    """Whether the command is a declaration builtin, also behind `command` and `builtin`; None if the run will know."""
    behind = False
    for word in words:
        name = static_text(word) if isinstance(word, Word) else ""
        if name is None or name in DECLARATIONS:
            return None if name is None else True
        if name not in ("command", "builtin") and not (behind and name.startswith("-")):
            return any(isinstance(word, Assignment) for word in words)
        behind = True
    return False


def _names_declaration(word: Word) -> bool:
    return static_text(word) in DECLARATIONS


def _undecided(head: tuple[Word, ...], rest: tuple[Word, ...]) -> Argv:
    """`$command export x=$y`: what comes before the builtin's name decides how assignments are expanded."""
    operands = tuple([each for word in rest for each in _braced(word)])

    def argv(sh: Shell) -> list[str]:
        words = sh.fields(head)
        name = next((word for word in words if word not in ("command", "builtin")), "")
        return words + (_declaration(sh, operands) if name in DECLARATIONS else sh.fields(rest))

    return argv


class _Braced:
    """A word out of brace expansion, which is an ordinary word, split and globbed, even where it reads `name=value`."""

    __slots__ = ("word",)

    def __init__(self, word: Word) -> None:
        self.word = word


def _braced(word: Word | Assignment) -> tuple[Word | Assignment | _Braced, ...]:
    """The words of brace expansion, which comes before a word is known to be an assignment."""
    from msh.syntax import expand_braces

    whole = _whole(word)
    if whole is None:
        return (word,)
    words = expand_braces(whole)
    if len(words) == 1 and words[0] is whole:
        return (word,)
    return tuple([_Braced(each) for each in words])


def _evaluated(word: Word | Assignment) -> tuple[Assignment | _Braced, ...]:
    """An operand of `eval` is an ordinary word, but for the array literal that a word cannot hold."""
    whole = _whole(word)
    return (_Braced(whole),) if whole is not None else (word,)  # type: ignore[return-value]  # a word is whole


def _whole(word: Word | Assignment) -> Word | None:
    """The word that an assignment was read from; None for one with an array literal or a subscript."""
    if isinstance(word, Word):
        return word
    if word.subscript is not None or isinstance(word.value, ArrayLiteral):
        return None
    head = Literal(word.start, word.end, f"{word.name}{'+' if word.append else ''}=")
    return Word(word.start, word.end, (head, *(word.value.parts if word.value is not None else ())))


def _declaration(sh: Shell, words: tuple[Word | Assignment | _Braced, ...]) -> list[str]:
    argv: list[str] = []
    for word in words:
        if isinstance(word, Assignment) and argv[:1] == ["eval"] and isinstance(word.value, ArrayLiteral):
            argv.append(f"{word.name}{'+' if word.append else ''}={assigned_text(sh, word)}")
        elif isinstance(word, Assignment):
            argv.append(_operand(sh, word, keyed=any(text[:1] == "-" and "A" in text for text in argv)))
        elif isinstance(word, _Braced):
            argv.extend(sh.fields((word.word,)))
        elif _is_assignment(word):
            argv.append(_assigned(sh, word))
        else:
            argv.extend(sh.fields((word,)))
    return argv


def _operand(sh: Shell, node: Assignment, *, keyed: bool) -> str:
    """An operand that is an assignment in the script's text; `keyed` when it makes an associative array."""
    from msh.run.builtins.declarations import Operand

    if isinstance(node.value, ArrayLiteral):
        keyed = keyed or "A" in sh.attributes(node.name)
        return Operand.of_array(node.name, sh.elements(node.value, associative=keyed), node.append)
    text = sh.text(node.value, assignment=True) if node.value is not None else ""
    if node.subscript is not None:
        subscript = sh.subscript(node.name, node.subscript) if node.subscript.word.parts or node.subscript.all else ""
        return Operand.of_element(node.name, subscript, text, node.append)
    return f"{node.name}{'+' if node.append else ''}={text}"


def _assigned(sh: Shell, word: Word) -> str:
    """An operand that the text does not show to be an assignment, since the builtin is behind `command`."""
    first = word.parts[0]
    assert isinstance(first, Literal)
    name, equals, text = first.text.partition("=")
    at = first.start + len(name) + 1
    value = Word(at, word.end, (*((Literal(at, first.end, text),) if text else ()), *word.parts[1:]))
    return name + equals + sh.text(value, assignment=True)


def _is_assignment(word: Word) -> bool:
    """Whether a word begins with a literal `name=`, `name+=` or `name[…]=`."""
    if not word.parts or not isinstance(first := word.parts[0], Literal):
        return False
    name, equals, _ = first.text.partition("=")
    name = name.removesuffix("+").partition("[")[0]
    return bool(equals) and name.isidentifier()
