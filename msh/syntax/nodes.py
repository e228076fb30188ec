"""The syntax tree: frozen records with their span of the source. Here are the commands; word_nodes.py has the words.

Names are POSIX's (XCU 2.10) where it has one. `start` and `end` are offsets into the source's text. Quoting is kept:
a word is a tuple of parts, and what the parts mean is decided by `msh/expand`. Lists are flat tuples (a pipeline of a
thousand stages is one node), so only real nesting nests.
"""

from __future__ import annotations

from msh.syntax.word_nodes import (
    FOREIGN,
    Arithmetic,
    ArithmeticExpansion,
    AssignmentExpression,
    Binary,
    CommandSubstitution,
    Conditional,
    DoubleQuoted,
    Escaped,
    Expression,
    ExtendedGlob,
    Literal,
    Node,
    Number,
    Operand,
    Parameter,
    ProcessSubstitution,
    SingleQuoted,
    Subscript,
    Unary,
    Variable,
    Word,
    WordPart,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

#: The words and the arithmetic, which are offered here as well.
__all__ = [
    "FOREIGN",
    "Arithmetic",
    "ArithmeticExpansion",
    "AssignmentExpression",
    "Binary",
    "CommandSubstitution",
    "Conditional",
    "DoubleQuoted",
    "Escaped",
    "Expression",
    "ExtendedGlob",
    "Literal",
    "Node",
    "Number",
    "Operand",
    "Parameter",
    "ProcessSubstitution",
    "SingleQuoted",
    "Subscript",
    "Unary",
    "Variable",
    "Word",
    "WordPart",
]

# ---- simple commands ------------------------------------------------------------


class ArrayElement(Node):
    """One element of an array literal: `w`, `[key]=w`, `[key]+=w`."""

    value: Word
    subscript: Subscript | None = None
    append: bool = False


class ArrayLiteral(Node):
    """`(a [3]=b c)`."""

    elements: tuple[ArrayElement, ...]


class Assignment(Node):
    """`x=w`, `x+=w`, `a[i]=w`, `a=(…)`. `value` is None for `x=`."""

    name: str
    value: Word | ArrayLiteral | None
    subscript: Subscript | None = None
    append: bool = False


class HereDocument(Node):
    """The body of `<<EOF`; its span is the body's. `parts` are as in double quotes, one Literal when `quoted`."""

    delimiter: str
    quoted: bool
    strip_tabs: bool
    parts: tuple[WordPart, ...]
    closed: bool = True  # False when the text ended before the delimiter came


class Redirect(Node):
    """`2> file`, `{fd}>&1`, `<<< word`, `<<EOF`.

    `operator` is one of `<` `>` `>>` `>|` `<>` `<&` `>&` `&>` `&>>` `<<` `<<-` `<<<`.
    """

    operator: str
    target: Word | HereDocument
    fd: int | None = None
    variable: str | None = None  # {name}>, {name[i]}> allocates a descriptor and assigns its number


class SimpleCommand(Node):
    """`x=1 cmd arg > file`. A word of a declaration builtin may be an `Assignment` (`declare -a a=(1 2)`)."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word | Assignment, ...]
    redirects: tuple[Redirect, ...]


# ---- compound commands ------------------------------------------------------------


class BraceGroup(Node):
    """`{ list; }`"""

    body: tuple[Statement, ...]


class Subshell(Node):
    """`( list )`"""

    body: tuple[Statement, ...]


class IfBranch(Node):
    """`if list; then list`, `elif list; then list`."""

    condition: tuple[Statement, ...]
    body: tuple[Statement, ...]


class IfClause(Node):
    """`if …; then …; elif …; else …; fi`; `orelse` is None without `else`."""

    branches: tuple[IfBranch, ...]
    orelse: tuple[Statement, ...] | None


class WhileClause(Node):
    """`while list; do list; done`; `until` with `until`."""

    condition: tuple[Statement, ...]
    body: tuple[Statement, ...]
    until: bool = False


class ForClause(Node):
    """`for name in words; do list; done`; `words` is None without `in`, which means "$@"."""

    name: str
    words: tuple[Word, ...] | None
    body: tuple[Statement, ...]


class ForArithmetic(Node):
    """`for ((init; test; update)); do list; done`; an empty part is None."""

    init: Arithmetic | None
    test: Arithmetic | None
    update: Arithmetic | None
    body: tuple[Statement, ...]


class SelectClause(Node):
    """`select name in words; do list; done`"""

    name: str
    words: tuple[Word, ...] | None
    body: tuple[Statement, ...]


class CaseItem(Node):
    """`(a|b) list ;;`; `terminator` is `;;`, `;&` or `;;&`."""

    patterns: tuple[Word, ...]
    body: tuple[Statement, ...]
    terminator: str = ";;"


class CaseClause(Node):
    """`case word in … esac`"""

    word: Word
    items: tuple[CaseItem, ...]


class ArithmeticCommand(Node):
    """`((x++))`"""

    arithmetic: Arithmetic


class ConditionUnary(Node):
    """`-f word`"""

    operator: str
    operand: Word


class ConditionBinary(Node):
    """`a == b`, `a =~ b`, `a -lt b`, `a < b`."""

    operator: str
    left: Word
    right: Word


class ConditionWord(Node):
    """`word` alone: true when it is not empty."""

    word: Word


class ConditionNot(Node):
    """`! a`"""

    operand: ConditionExpression


class ConditionGroup(Node):
    """`( a )`"""

    operand: ConditionExpression


class ConditionLogical(Node):
    """`a && b && c` or `a || b`: one operator, two operands or more."""

    operator: str
    operands: tuple[ConditionExpression, ...]


ConditionExpression: TypeAlias = (
    "ConditionUnary | ConditionBinary | ConditionWord | ConditionNot | ConditionGroup | ConditionLogical"
)


class ConditionalCommand(Node):
    """`[[ expression ]]`"""

    expression: ConditionExpression


class Coprocess(Node):
    """`coproc [NAME] command`"""

    name: str | None
    command: Command


class FunctionDefinition(Node):
    """`name() body`, `function name body`. A body with redirections is a `Redirected`."""

    name: str
    body: Command
    keyword: bool = False


class Redirected(Node):
    """A compound command with redirections: `{ …; } > file`."""

    command: Command
    redirects: tuple[Redirect, ...]


# ---- lists --------------------------------------------------------------------


class Pipeline(Node):
    """`! time a | b |& c`. A single plain command is not wrapped.

    `both[i]` says that stage i's standard error goes into the pipe too (`|&`).
    """

    commands: tuple[Command, ...]
    both: tuple[bool, ...] = ()
    negated: bool = False
    timed: str = ""  # "", "time" or "time -p"


class AndOr(Node):
    """`a && b || c`: n commands, n-1 operators."""

    commands: tuple[Command, ...]
    operators: tuple[str, ...]


class Statement(Node):
    """One member of a list, with what ends it: `cmd ;`, `cmd &`."""

    command: Command
    background: bool = False


Command: TypeAlias = (
    "SimpleCommand | BraceGroup | Subshell | IfClause | WhileClause | ForClause | ForArithmetic | SelectClause"
    " | CaseClause | ArithmeticCommand | ConditionalCommand | Coprocess | FunctionDefinition | Redirected"
    " | Pipeline | AndOr"
)


class Comment(Node):
    """`# text` to the end of its line; `text` without the `#`."""

    text: str


class Script(Node):
    """A whole text."""

    body: tuple[Statement, ...]
    comments: tuple[Comment, ...] = ()
