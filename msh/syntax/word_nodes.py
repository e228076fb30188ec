"""The syntax tree of words and of the arithmetic in them; import them from nodes.py, which has the commands."""

from __future__ import annotations

from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from msh.syntax.nodes import Statement


#: What `${` may be followed by in other shells: `${(f)x}` and `${^x}` of zsh, `${.sh.file}` of ksh. In bash it is a bad
#: substitution when it is expanded, so scripts for several shells have them in branches for those.
FOREIGN = frozenset("(.^=~+:")


class Node(Record):
    start: int
    end: int


# ---- words ------------------------------------------------------------------


class Literal(Node):
    """`abc`: unquoted text, in which tilde, brace, pattern characters still have their meaning."""

    text: str


class Escaped(Node):
    r"""`\x`: one quoted character. `text` is the character alone."""

    text: str


class SingleQuoted(Node):
    """`'a b'`, and `$'a\\n'` with `ansi`. `text` is the value, escapes already decoded."""

    text: str
    ansi: bool = False


class DoubleQuoted(Node):
    """`"a $x"`; `$"…"` with `localized`. Parts are Literal (quoted here), Escaped and expansions."""

    parts: tuple[WordPart, ...]
    localized: bool = False


class Subscript(Node):
    """`[i]`, `[@]`, `[*]` after a name. `word` is the text between the brackets; for `@` and `*` see `all`."""

    word: Word
    all: str = ""  # "", "@" or "*"


class Parameter(Node):
    """`$x ${x} ${#x} ${!x} ${x:-w} ${x#p} ${x/p/r} ${x:o:l} ${x^^} ${x@Q} ${!x*} ${x[i]}`.

    `operator` is one of: "" ; `-` `:-` `=` `:=` `?` `:?` `+` `:+` ; `#` `##` `%` `%%` ; `/` `//` `/#` `/%` ;
    `^` `^^` `,` `,,` `~` `~~` ; `:` (substring: `argument` is the offset, `replacement` the length) ; `@`
    (transformation: `argument` is the letter) ; and, with prefix `!`, `*` or `@` right before the closing brace
    (names with this prefix).
    """

    name: str  # a name, a positional number, or one of @ * # ? $ ! -; or all of a FOREIGN expansion
    braced: bool = False
    prefix: str = ""  # "", "#" (length) or "!" (indirection)
    subscript: Subscript | None = None
    operator: str = ""
    argument: Word | None = None
    replacement: Word | None = None


class CommandSubstitution(Node):
    """`$(list)`, or a backquoted list with `backquoted`."""

    body: tuple[Statement, ...]
    backquoted: bool = False


class ProcessSubstitution(Node):
    """`<(list)`, `>(list)`; `direction` is `<` or `>`."""

    direction: str
    body: tuple[Statement, ...]


class Arithmetic(Node):
    """The inside of `$((…))`, `((…))`, a `for ((…))` part.

    `parts` are as in double quotes. `expression` is its tree when the text can be parsed as it stands, expansions being
    operands; None when an expansion may complete a token or an operator (`$x$op 1`), so that it can be parsed only
    after expansion.
    """

    parts: tuple[WordPart, ...]
    expression: Expression | None = None


class ArithmeticExpansion(Node):
    """`$((x + 1))`, `$[x + 1]`."""

    arithmetic: Arithmetic


class ExtendedGlob(Node):
    """`@(a|b)`, `?(…)`, `*(…)`, `+(…)`, `!(…)`; `kind` is the character before the parenthesis."""

    kind: str
    alternatives: tuple[Word, ...]


class Word(Node):
    """`a"b"$c`: parts side by side. `parts` is empty only for an empty operand inside `${x-}`."""

    parts: tuple[WordPart, ...]


WordPart: TypeAlias = (
    "Literal | Escaped | SingleQuoted | DoubleQuoted | Parameter | CommandSubstitution"
    " | ProcessSubstitution | ArithmeticExpansion | ExtendedGlob"
)

# ---- arithmetic ---------------------------------------------------------------


class Number(Node):
    """`10`, `0x1f`, `017`, `2#101`: `text` as written."""

    text: str


class Variable(Node):
    """`x`, `a[i]`."""

    name: str
    subscript: Subscript | None = None


class Operand(Node):
    """An expansion as a whole operand: `$x`, `${#a[@]}`, `$(cmd)`; its value is an expression of its own."""

    part: WordPart


class Unary(Node):
    """`-x`, `!x`, `~x`, `+x`, `++x`, `--x`; with `postfix`: `x++`, `x--`."""

    operator: str
    operand: Expression
    postfix: bool = False


class Binary(Node):
    """`a + b`, `a && b`, `a , b`."""

    operator: str
    left: Expression
    right: Expression


class Conditional(Node):
    """`a ? b : c`."""

    test: Expression
    then: Expression
    orelse: Expression


class AssignmentExpression(Node):
    """`x = 1`, `a[i] += 2`."""

    operator: str
    target: Variable
    value: Expression


Expression: TypeAlias = "Number | Variable | Operand | Unary | Binary | Conditional | AssignmentExpression"
