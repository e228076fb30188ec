"""Reading an argv the way the command itself will.

What POSIX calls the Utility Syntax Guidelines (XBD 12.2), what getopt_long(3) adds (long names, abbreviated, options
after operands), and the older habits that a spec can name. An option that the spec does not know is taken as a flag.
"""

from __future__ import annotations

from msh.catalog.model import OPTIONAL, UNTIL_SEMICOLON, CommandSpec, Option
from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias


class Unknown(Record):
    """An argument whose text is not known before run time, or only how it begins.

    With `many` it may be any number of arguments, none included, each beginning with `prefix`: `$x` unquoted, `"$@"`, a
    glob, what xargs adds.
    """

    prefix: str = ""
    many: bool = False


Argument: TypeAlias = "str | Unknown"


class Given(Record):
    """An option as given, with its values; `index` is the position of the option's own word."""

    option: Option
    values: tuple[Argument, ...]
    index: int


class Operand(Record):
    """A word that is not an option; `literal` after `--`."""

    value: Argument
    index: int


class Invocation(Record):
    """An argv read with a spec.

    `loose` is the index of the first word that may be an option or several words; from there on any word may be
    anything.
    `unknown` holds the options that the spec does not know.
    """

    given: tuple[Given, ...]
    operands: tuple[Operand, ...]
    loose: int | None
    unknown: tuple[str, ...] = ()

    def names(self) -> frozenset[str]:
        """The canonical names of the options given."""
        return frozenset([given.option.name for given in self.given])


def read_arguments(spec: CommandSpec, arguments: Sequence[Argument]) -> Invocation:
    """Options and operands of one argv (without argv[0])."""
    return _Reader(spec, arguments).read()


def candidates(spec: CommandSpec, name: str) -> list[Option]:
    """The long options that `name` may stand for: itself, or all it abbreviates (getopt_long takes a unique one)."""
    long = spec.options.long
    if name in long:
        return [long[name]]
    return [option for full, option in long.items() if full.startswith(name)]


class _Reader:
    """One pass over the words."""

    def __init__(self, spec: CommandSpec, arguments: Sequence[Argument]) -> None:
        self.options = spec.options
        self.spec = spec
        self.words = arguments
        self.next = 0
        self.given: list[Given] = []
        self.operands: list[Operand] = []
        self.unknown: list[str] = []
        self.loose: int | None = None
        self.only_operands = spec.options.style == "none"
        self.stops = spec.options.stop or any(slot.role == "command" for slot in spec.operands)

    def read(self) -> Invocation:
        if self.options.bundle and self.words and not _is_dashed(self.words[0]):
            self._old_bundle()
        while self.next < len(self.words):
            index = self.next
            self.next += 1
            word = self.words[index]
            if isinstance(word, Unknown):
                self._unknown_word(word, index)
            else:
                self._word(word, index)
        return Invocation(tuple(self.given), tuple(self.operands), self.loose, tuple(self.unknown))

    def _word(self, word: str, index: int) -> None:
        options = self.options
        if self.only_operands:
            self._operand(word, index)
        elif word == "--" and options.style == "gnu":
            self.only_operands = True
        elif word in options.words or (options.plus and word[:1] == "+"):
            pass
        elif word[:1] != "-" or word == "-":
            self._operand(word, index)
        elif options.number and word[1:2].isdigit():
            pass
        elif word.startswith("--"):
            self._long(word[2:], index, "--")
        elif options.style == "single":
            self._single(word[1:], index)
        else:
            self._bundle(word[1:], index)

    def _operand(self, value: Argument, index: int) -> None:
        self.operands.append(Operand(value, index))
        if self.stops:
            self.only_operands = True

    def _unknown_word(self, word: Unknown, index: int) -> None:
        """An Unknown is read as one operand unless its beginning says more; `loose` marks the doubt."""
        prefix = word.prefix
        if self.only_operands or (prefix and prefix[0] not in "-+"):
            self._operand(word, index)
            return
        if prefix.startswith("--") and "=" in prefix:
            name, _, value = prefix[2:].partition("=")
            if word.many:
                self._loosen(index)
            self._give(candidates(self.spec, name), (Unknown(value, word.many),), index, prefix)
        elif self.options.style == "gnu" and len(prefix) > 1 and not prefix.startswith("--"):
            self._bundle(prefix[1:], index, open_ended=True)
        else:
            self._loosen(index)
            self._operand(word, index)

    def _loosen(self, index: int) -> None:
        if self.loose is None:
            self.loose = index

    def _long(self, text: str, index: int, dashes: str) -> None:
        name, equals, value = text.partition("=")
        found = candidates(self.spec, name)
        if equals:
            self._give(found, (value,), index, dashes + name)
        elif any(option.values > 0 for option in found):
            self._give(found, self._values(max(option.values for option in found)), index, dashes + name)
        else:
            self._give(found, (), index, dashes + name)

    def _give(self, found: list[Option], values: tuple[Argument, ...], index: int, word: str) -> None:
        if not found:
            self.unknown.append(word)
        self.given.extend([Given(option, values if option.values else (), index) for option in found])

    def _single(self, text: str, index: int) -> None:
        """`-name value`, `-name=value`; what is no such name is a bundle (`gcc -Idir`)."""
        name, equals, value = text.partition("=")
        option = self.options.long.get(name) or self.options.long.get(name.partition(":")[0])
        if option is None:
            self._bundle(text, index)
        elif equals and option.values:
            self.given.append(Given(option, (value,), index))
        elif option.values == UNTIL_SEMICOLON:
            self.given.append(Given(option, self._until_semicolon(), index))
        else:
            self.given.append(Given(option, self._values(option.values), index))

    def _bundle(self, letters: str, index: int, open_ended: bool = False) -> None:
        """`-abc`, `-aVALUE`, `-a VALUE`. With `open_ended` the word goes on with something unknown."""
        for at, letter in enumerate(letters):
            option = self.options.short.get(letter)
            if option is None:
                self.unknown.append("-" + letter)
            elif option.values:
                self._short_value(option, letters[at + 1 :], index, open_ended)
                return
            else:
                self.given.append(Given(option, (), index))
        if open_ended:
            self._loosen(index)

    def _short_value(self, option: Option, rest: str, index: int, open_ended: bool) -> None:
        values: tuple[Argument, ...]
        if open_ended:
            values = (Unknown(rest),)
        elif rest or option.values == OPTIONAL:
            values = (rest,) if rest else ()
        else:
            values = self._values(option.values)
        self.given.append(Given(option, values, index))

    def _values(self, count: int) -> tuple[Argument, ...]:
        """The next words as an option's values. One that may be several words leaves all that follows in doubt."""
        values = tuple(self.words[self.next : self.next + max(count, 0)])
        for at, value in enumerate(values):
            if isinstance(value, Unknown) and value.many:
                self._loosen(self.next + at)
        self.next += len(values)
        return values

    def _until_semicolon(self) -> tuple[Argument, ...]:
        """The command of `-exec`: up to `;`, or up to a `+` right after `{}`."""
        words: list[Argument] = []
        while self.next < len(self.words):
            word = self.words[self.next]
            self.next += 1
            if word == ";" or (word == "+" and words and words[-1] == "{}"):
                break
            words.append(word)
        return tuple(words)

    def _old_bundle(self) -> None:
        """`tar xzf file`: letters without a dash, whose values are the words that follow, in turn."""
        word = self.words[0]
        self.next = 1
        if isinstance(word, Unknown):
            self._loosen(0)
            return
        for letter in word:
            option = self.options.short.get(letter)
            if option is None:
                self.unknown.append(letter)
            else:
                self.given.append(Given(option, self._values(min(option.values, 1)), 0))


def _is_dashed(word: Argument) -> bool:
    return (word.prefix if isinstance(word, Unknown) else word).startswith("-")
