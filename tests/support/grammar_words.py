"""Random words, parameters, patterns, expressions and conditions: what a shell program is made of below its commands.

A method for each rule of `grammar/shell.lark` that stands inside a command. `Choices` is `random.Random` for a seed, or
hypothesis's, which remembers what was chosen and makes it smaller. What is left out is left out for a reason in bash,
which stands beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

VALUES = [
    "",
    "a",
    "b c",
    "  x  ",
    "7",
    "3",
    "-2",
    "a:b:c",
    "*",
    "f?",
    "abcabc",
    "é",
    "a\\b",
    "x=y",
    "010",
    "Hello",
    "öÜ-ß",
]
SCALARS = ["a", "b", "c", "u", "n", "1", "2", "9", "e[1]", "e[-1]", "h[k]", "h[x y]", "g[7]", "e", "r"]
ARRAYS = ["e", "g", "h"]
SPECIAL = ["?", "#", "-", "0", "OPTIND", "FUNCNAME-", "PIPESTATUS"]
LISTS = ["@", "*", "e[@]", "e[*]", "g[@]", "g[*]", "h[@]"]
CLASSES = ["[a-c]", "[!a]", "[[:alpha:]]", "[^[:digit:]]", "[]x]", "[a-]", "[[:space:]b]"]
UNARY = ["-n", "-z", "-e", "-f", "-d", "-s", "-r", "-w", "-x", "-h"]
STRINGS = ["=", "!=", "==", "\\<"]
COMPARED = ["-eq", "-ne", "-lt", "-le", "-gt", "-ge"]
BINARY = ["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||", "&", "|", "^", "<<", ">>", ",", "**"]
FILES = ["f1", "f2", "f3"]


class Choices(Protocol):
    """Where decisions come from."""

    def randrange(self, stop: int, /) -> int: ...


class GrammarWords:
    """What stands in commands. `depth` is how far words may still nest, `lists` whether `$@` may stand here."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.depth = 2
        self.places: Sequence[str] = FILES
        self.uses = 0  # how often files have been named

    # ---- choosing --------------------------------------------------------------

    def below(self, stop: int) -> int:
        return self.choices.randrange(stop)

    def chance(self, percent: int) -> bool:
        """Smaller choices are the plainer ones: hypothesis shrinks to what has no chance taken."""
        return self.below(100) >= 100 - percent

    def one(self, *choices: str) -> str:
        return choices[self.below(len(choices))]

    def of(self, choices: Sequence[str]) -> str:
        return choices[self.below(len(choices))]

    def pick(self, *templates: str) -> str:
        """One of the templates, each `«rule»` and `«x|y»` in it filled in."""

        def fill(match: re.Match[str]) -> str:
            text = match[1]
            if "|" in text:
                return self.of(text.split("|"))
            made: str = getattr(self, text)()
            return made

        return re.sub("«([^»]+)»", fill, self.of(templates))

    def file(self) -> str:
        self.uses += 1
        return self.of(self.places)

    # ---- words -------------------------------------------------------------------

    def word(self) -> str:
        return "".join([self.part() for _ in range(1 + self.below(8) // 3)])

    def words(self) -> str:
        return " ".join([self.word() for _ in range(1 + self.below(3))])

    def part(self) -> str:
        kind = self.below(16)
        if kind < 4:
            return self.literal()
        if kind < 5:
            return self.single_quoted()
        if kind < 9:
            return self.parameter()
        if kind < 12:
            return self.double_quoted()
        if kind < 13:
            return f"$(({self.arithmetic()}))" if self.chance(85) else f"$[{self.arithmetic()}]"
        if kind < 14 and self.depth > 1:
            return self.command_substitution()
        return self.glob() if kind < 15 else self.brace()

    def literal(self) -> str:
        """No word begins with a slash: the root of the sandbox does not hold what the machine's does."""
        return self.one(
            "x", "y", "ab", "\\*", "\\ ", "=", "~", "1", "f1", "q/", "%", "a:b", "-n", "\\\\", "é", "x=~", "+", ","
        )

    def single_quoted(self) -> str:
        if self.chance(30):
            return "$'" + self.one("a\\tb", "\\x41\\102", "\\'", "\\u00e9", "q\\n", "\\cA\\e", "\\\\") + "'"
        return "'" + self.of(VALUES) + "'"

    def value(self) -> str:
        return "'" + self.of(VALUES) + "'"

    def double_quoted(self) -> str:
        """A list stands beside plain text only: bash cuts quoted text there, a bug."""
        if self.chance(20):
            return '"' + self.one("", "x", " ") + self.list_parameter(quoted=True) + self.one("", "y", " ") + '"'
        inner = [
            self.one("", "x", " ", "\\$a ", "'", "\\\\", "*", "~", "{a,b}"),
            self.scalar(quoted=True),
            self.one("", "'", " y"),
        ]
        if self.depth > 1 and self.chance(15):
            inner.append(self.command_substitution(quoted=False))
        if self.chance(10):
            inner.append(f"$(({self.arithmetic()}))")
        return self.one("", "", "", "$") + '"' + "".join(inner) + '"'

    def command_substitution(self, quoted: bool = True) -> str:
        """Overridden where there are commands."""
        return "$(echo s)" if quoted else "`echo s`"

    def glob(self) -> str:
        return self.one("*", "f*", "f?", "[f]1", "./f*", "f[!2]", "*/", "nothing*", "@(f1|f2)", "!(f1)", "+([f0-9])")

    def brace(self) -> str:
        return self.one(
            "{a,b}", "{1..3}", "{c..a}", "x{,y}", "{01..10..4}", "{a,b{c,d}}", "{$a,b}", "{a}", "{,}", "{3..1}"
        )

    # ---- parameters --------------------------------------------------------------

    def parameter(self) -> str:
        return self.list_parameter() if self.chance(30) else self.scalar()

    def scalar(self, quoted: bool = False) -> str:
        if self.chance(12):
            return "${" + self.of(SPECIAL) + "}"
        if self.chance(10):
            return self.one(
                "${#a}", "${#e[1]}", "${#1}", "${#e[@]}", "${#h[@]}", "${#}", "${!r}", "${!n-}", "${!h}", "${#*}"
            )
        name = self.of(SCALARS)
        if self.chance(35):
            return "$" + name if name.isalnum() and self.chance(50) else "${" + name + "}"
        return "${" + name + self.operation(name, quoted) + "}"

    def operation(self, name: str, quoted: bool) -> str:
        kind = self.below(8)
        if kind < 3 or self.depth < 1:
            operators = ["-", ":-", "+", ":+"] + (["=", ":="] if name in ("a", "b", "u") else [])
            return self.of(operators) + self.operand(quoted)
        if kind < 4:
            return self.one("#", "##", "%", "%%") + self.pattern()
        if kind < 5:
            return (
                self.one("/", "//", "/#", "/%")
                + self.pattern(slash=False)
                + "/"
                + self.one("Z", "", "<&>", "$a", '"$b"', "\\&")
            )
        if kind < 6:
            return self.one("^", "^^", ",", ",,", "~", "~~") + self.one("", "", "?", "[a-c]")
        if kind < 7:
            return self.one(":1", ":1:1", ": -2", ":0:-1", ":n", ":n:2", ": -3:2", ":2", ":${#a}-1")
        return self.one("@Q", "@U", "@u", "@L", "@E", "@a", "@Q")

    def operand(self, quoted: bool) -> str:
        """`$@` is left out: what bash makes of it in an operand depends on the quotes in ways that are bugs."""
        self.depth -= 1
        # in a here-document bash finds no end of `${x:-$((1))}`, a bug, so that is left to places without quotes
        plain = (
            self.one("d", "$a", '"$b"', "x y", "", "*") if quoted else self.one("d", "'q r'", "$a", '"$b"', "x y", "a*")
        )
        text = plain if self.chance(70) or self.depth < 0 else self.scalar(quoted)
        self.depth += 1
        return text

    def list_parameter(self, quoted: bool = False) -> str:
        if self.chance(10):
            return self.one("${!e[@]}", "${!g[@]}", "${!e[*]}", "${!h[@]}", "${!f*}")
        name = self.of(LISTS)
        operators = [
            "",
            "",
            "",
            ":1",
            ":1:1",
            ": -2",
            ":0",
            "-d",
            ":-d",
            "+s",
            "#a",
            "%?",
            "/b/Z",
            "//[a-c]/",
            "^^",
            "@Q",
            "@U",
            "^",
        ]
        operator = self.of(operators)
        if name == "h[@]" and operator.startswith(":") and operator[1] not in "-":
            operator = ""  # an order that bash does not promise
        return "${" + name + operator + "}"

    # ---- patterns, conditions, expressions -----------------------------------------

    def pattern(self, slash: bool = True) -> str:
        atoms = ["a", "b", "c", "*", "?", ":", "\\*", "'*'", '"$a"', "$b", "x", *CLASSES]
        text = "".join([self.of(atoms) for _ in range(1 + self.below(2))])
        if self.chance(15):  # `!(…)` and shortest matches of it have bugs in bash: tests/fuzz/test_expand.py
            text += self.one("@(a|b)", "+(b)", "?(x)c", "*(a|bc)")
        return text

    def condition(self) -> str:
        """What stands in `[[ ]]`."""
        kind = self.below(10)
        if kind < 3:
            return self.pick("«scalar» «==|!=|=» «pattern»", '"«scalar»" «<|>» «literal»', "«double_quoted» == «value»")
        if kind < 5:
            return f"{self.of(UNARY)} {self.one(self.file(), self.scalar(), self.double_quoted())}"
        if kind < 6:
            return f"{self.one('n', '$n', '${#a}', '3')} {self.of(COMPARED)} {self.one('1', 'm', '2+1', '${#c}')}"
        if kind < 7:
            return (
                self.scalar()
                + " =~ "
                + self.one("^a(b?)", "[[:alpha:]]+", "(a|b)(c)?", "^$", "$a", "b.*c", '"$b"', "^([a-c]+)$")
            )
        if kind < 8:
            return f"-v {self.one('a', 'u', 'e[1]', 'h[k]', 'e[9]', 'g')}"
        if self.depth < 1:
            return self.one("$a", "x", "''")
        self.depth -= 1
        left, right = self.condition(), self.condition()
        self.depth += 1
        return self.one(f"! {left}", f"( {left} )", f"{left} && {right}", f"{left} || {right}")

    def test(self) -> str:
        """`[ ]`, its words quoted."""
        kind = self.below(5)
        if kind < 2:
            return f'[ "{self.scalar(True)}" {self.of(STRINGS)} "{self.scalar(True)}" ]'
        if kind < 3:
            return f"[ {self.of(UNARY)} {self.file()} ]"
        if kind < 4:
            return f"[ ${{#a}} {self.of(COMPARED)} {self.one('0', '3', '$#')} ]"
        return f'[ {self.one("! ", "")}-n "{self.scalar(True)}" {self.one("-a", "-o")} {self.of(UNARY)} "$a" ]'

    def number(self) -> str:
        return self.one(
            "1", "2", "7", "n", "m", "${#a}", "010", "0x1f", "e[2]", "$#", "16#f", "e[n&2]", "h[k]", "-3", "$n", "36#Z"
        )

    def arithmetic(self, depth: int = 2) -> str:
        if not depth or self.chance(30):
            return self.number()
        left, right = self.arithmetic(depth - 1), self.arithmetic(depth - 1)
        kind = self.below(9)
        if kind == 0:
            return f"({left})"
        if kind == 1:
            return self.one("!", "- ", "~", "+ ") + f"({left})"
        if kind == 2:
            return f"({left} ? {right} : n)"
        if kind == 3:
            return f"({self.one('n', 'm', 'e[2]', 'n')} {self.one('=', '+=', '-=', '*=', '|=', '^=', '<<=')} {left})"
        if kind == 4:
            return self.one("n++", "--n", "m--", "++m", "e[2]++", "++e[2]")
        return f"{left} {self.of(BINARY)} {right}"
