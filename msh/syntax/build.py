"""Grammar rule to node: one function for each rule of shell.lark that makes something.

Each takes the rule's children in order: nodes, Tokens, or what another builder returned.
"""

from __future__ import annotations

from msh.syntax import nodes as n
from msh.syntax.parser import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Children = list[Any]


def script(c: Children) -> tuple[n.Statement, ...]:
    return c[0] if c else ()


def quoted(c: Children) -> tuple[n.WordPart, ...]:
    return tuple(c)


# ---- lists ------------------------------------------------------------------


def compound_list(c: Children) -> tuple[n.Statement, ...]:
    last = c[-1]
    if type(last) is not n.Statement:
        c[-1] = n.Statement(last.start, last.end, last, False)
    return tuple(c)


def statement(c: Children) -> n.Statement:
    command, sign = c
    text = sign.text
    return n.Statement(command.start, command.end if text == "\n" else sign.end, command, text == "&")


def and_or_list(c: Children) -> n.AndOr:
    return n.AndOr(c[0].start, c[-1].end, tuple(c[::2]), tuple([sign.text for sign in c[1::2]]))


def piped(c: Children) -> n.Pipeline:
    both = tuple([sign.text == "|&" for sign in c[1::2]])
    return n.Pipeline(c[0].start, c[-1].end, tuple(c[::2]), (*both, False))


def marked(c: Children) -> n.Pipeline:
    """`! pipeline`, `time pipeline`; marks before marks are one node."""
    mark = c[0]
    if len(c) == 1:
        inner = n.Pipeline(mark.end, mark.end, (n.SimpleCommand(mark.end, mark.end, (), (), ()),), (False,))
    else:
        inner = c[1] if type(c[1]) is n.Pipeline else n.Pipeline(c[1].start, c[1].end, (c[1],), (False,))
    if mark.text == "!":
        return inner.replace(start=mark.start, negated=not inner.negated)
    return inner.replace(start=mark.start, timed=mark.text)


# ---- simple commands ----------------------------------------------------------


def simple_command(c: Children) -> n.SimpleCommand:
    words: list[n.Word | n.Assignment] = []
    assignments: list[n.Assignment] = []
    redirects: list[n.Redirect] = []
    for child in c:
        kind = type(child)
        if kind is n.Word:
            words.append(child)
        elif kind is n.Redirect:
            redirects.append(child)
        elif words:
            words.append(child)
        else:
            assignments.append(child)
    return n.SimpleCommand(c[0].start, c[-1].end, tuple(assignments), tuple(words), tuple(redirects))


def assignment(c: Children) -> n.Assignment:
    sign, value = c[-2:]
    kept = value if type(value) is not n.Word or value.parts else None
    name = c[0].text.rstrip("+=")
    return n.Assignment(c[0].start, value.end, name, kept, c[1] if len(c) == 4 else None, sign.text.endswith("+="))


def array(c: Children) -> n.ArrayLiteral:
    elements = [n.ArrayElement(e.start, e.end, e) if type(e) is n.Word else e for e in c[1:-1]]
    return n.ArrayLiteral(c[0].start, c[-1].end, tuple(elements))


def keyed(c: Children) -> n.ArrayElement:
    subscript_, sign, value = c
    return n.ArrayElement(subscript_.start, value.end, value, subscript_, sign.text == "+=")


def redirect(c: Children) -> n.Redirect:
    sign, target = c[-2:]
    number, variable = None, None
    if len(c) == 3:
        text = c[0].text
        if text[0] == "{":
            variable = text[1:-1]
        else:
            number = int(text)
    # A here-document ends after this line; the redirection itself ends with its delimiter.
    target, end = target if type(target) is tuple else (target, target.end)
    return n.Redirect(c[0].start, end, sign.text, target, number, variable)


# ---- compound commands ----------------------------------------------------------


def redirected(c: Children) -> n.Redirected:
    return n.Redirected(c[0].start, c[-1].end, c[0], tuple(c[1:]))


def coprocess(c: Children) -> n.Coprocess:
    return n.Coprocess(c[0].start, c[-1].end, c[1].text if len(c) == 3 else None, c[-1])


def function_definition(c: Children) -> n.FunctionDefinition:
    keyword = c[0].text == "function" and type(c[1]) is Token and c[1].text != "("
    return n.FunctionDefinition(c[0].start, c[-1].end, c[keyword].text, c[-1], keyword)


def brace_group(c: Children) -> n.BraceGroup:
    return n.BraceGroup(c[0].start, c[2].end, c[1])


do_group = brace_group


def subshell(c: Children) -> n.Subshell:
    return n.Subshell(c[0].start, c[2].end, c[1])


def if_clause(c: Children) -> n.IfClause:
    branches = [elif_part(c[:4]), *[child for child in c[4:-1] if type(child) is n.IfBranch]]
    orelse = c[-2] if len(c) > 5 and type(c[-2]) is tuple else None
    return n.IfClause(c[0].start, c[-1].end, tuple(branches), orelse)


def elif_part(c: Children) -> n.IfBranch:
    return n.IfBranch(c[0].start, c[3][-1].end, c[1], c[3])


def else_part(c: Children) -> tuple[n.Statement, ...]:
    return c[1]  # type: ignore[no-any-return]


def while_clause(c: Children) -> n.WhileClause:
    return n.WhileClause(c[0].start, c[2].end, c[1], c[2].body, c[0].text == "until")


def words(c: Children) -> tuple[n.Word, ...] | None:
    return tuple(c[1:-1]) if len(c) > 1 else None


def for_clause(c: Children) -> n.ForClause:
    return n.ForClause(c[0].start, c[-1].end, c[1].text, c[2] if len(c) == 4 else None, c[-1].body)


def select_clause(c: Children) -> n.SelectClause:
    return n.SelectClause(c[0].start, c[-1].end, c[1].text, c[2] if len(c) == 4 else None, c[-1].body)


def for_arithmetic(c: Children) -> n.ForArithmetic:
    init, test, update = [_arithmetic(c[i - 1], c[i], c[i + 1]) for i in (2, 4, 6)]
    return n.ForArithmetic(
        c[0].start, c[-1].end, _unless_blank(init), _unless_blank(test), _unless_blank(update), c[-1].body
    )


def _unless_blank(arithmetic_: n.Arithmetic) -> n.Arithmetic | None:
    blank = all(type(part) is n.Literal and not part.text.strip(" \t\n") for part in arithmetic_.parts)
    return None if blank else arithmetic_


def case_clause(c: Children) -> n.CaseClause:
    return n.CaseClause(c[0].start, c[-1].end, c[1], tuple(c[3:-1]))


def case_item(c: Children) -> n.CaseItem:
    start, _, patterns_ = c[0]
    return n.CaseItem(start, c[-1].end, patterns_, c[1] if len(c) == 3 else (), c[-1].text)


def last_item(c: Children) -> n.CaseItem:
    start, end, patterns_ = c[0]
    body = c[1] if len(c) == 2 else ()
    return n.CaseItem(start, body[-1].end if body else end, patterns_, body)


def patterns(c: Children) -> tuple[int, int, tuple[n.Word, ...]]:
    return c[0].start, c[-1].end, tuple([child for child in c if type(child) is n.Word])


def arithmetic(c: Children) -> tuple[n.WordPart, ...]:
    return tuple(_join(c))


def _arithmetic(opener: Token, parts: tuple[n.WordPart, ...], closer: Token) -> n.Arithmetic:
    from msh.syntax.arithmetic import expression_of

    start, end = opener.end, closer.start
    return n.Arithmetic(start, end, parts, expression_of(parts, start, end))


def arithmetic_command(c: Children) -> n.ArithmeticCommand:
    return n.ArithmeticCommand(c[0].start, c[2].end, _arithmetic(*c))


# ---- conditions -------------------------------------------------------------------


def conditional_command(c: Children) -> n.ConditionalCommand:
    return n.ConditionalCommand(c[0].start, c[2].end, c[1])


def condition_logical(c: Children) -> n.ConditionLogical:
    return n.ConditionLogical(c[0].start, c[-1].end, c[1].text, tuple(c[::2]))


def condition_not(c: Children) -> n.ConditionExpression:
    """`! a`; two of them are none, as in bash."""
    sign, operand = c
    if type(operand) is n.ConditionNot:
        return operand.operand
    return n.ConditionNot(sign.start, operand.end, operand)


def condition_primary(c: Children) -> n.ConditionExpression:
    if len(c) == 1:
        return n.ConditionWord(c[0].start, c[0].end, c[0])
    if len(c) == 2:
        return n.ConditionUnary(c[0].start, c[1].end, c[0].text, c[1])
    return n.ConditionBinary(c[0].start, c[2].end, c[1].text, c[0], c[2])


def condition_group(c: Children) -> n.ConditionGroup:
    return n.ConditionGroup(c[0].start, c[2].end, c[1])


# ---- words --------------------------------------------------------------------------


def word(c: Children) -> n.Word:
    c.pop()  # WORD_END
    if type(c[0]) is Token or type(c[0]) is n.Subscript:
        c = _unsubscript(c)
    if len(c) > 1:
        c = _join(c)
    return n.Word(c[0].start, c[-1].end, tuple(c))


def _unsubscript(c: Children) -> Children:
    """`a[b]c` that turned out not to be an assignment, as the parts it is made of."""
    name, rest = (c[0], c[1:]) if type(c[0]) is Token else (None, c)
    bracket = rest[0]
    start = name.start if name else bracket.start
    opener = n.Literal(start, bracket.start + 1, (name.text if name else "") + "[")
    return [opener, *bracket.word.parts, n.Literal(bracket.end - 1, bracket.end, "]"), *rest[1:]]


def _join(parts: Children) -> Children:
    """Literals that touch, as one."""
    joined: Children = []
    for part in parts:
        before = joined[-1] if joined else None
        if type(part) is type(before) is n.Literal and before.end == part.start:
            joined[-1] = n.Literal(before.start, part.end, before.text + part.text)
        else:
            joined.append(part)
    return joined


def subscript(c: Children) -> n.Subscript:
    inside = _word(c[0], c[1:-1], c[-1])
    only = inside.parts[0] if len(inside.parts) == 1 else None
    every = only.text if type(only) is n.Literal and only.text in ("@", "*") else ""
    return n.Subscript(c[0].start, c[-1].end, inside, every)


def _word(before: Token, parts: Children, after: Token) -> n.Word:
    """The word between two marks; it may be empty."""
    return n.Word(before.end, after.start, tuple(_join(parts)))


def double_quoted(c: Children) -> n.DoubleQuoted:
    return n.DoubleQuoted(c[0].start, c[-1].end, tuple(c[1:-1]), c[0].text[0] == "$")


def extended_glob(c: Children) -> n.ExtendedGlob:
    alternatives = [_word(c[i - 1], c[i], c[i + 1]) for i in range(1, len(c), 2)]
    return n.ExtendedGlob(c[0].start, c[-1].end, c[0].text[0], tuple(alternatives))


def pattern(c: Children) -> Children:
    return c


operand = pattern


def command_substitution(c: Children) -> n.CommandSubstitution:
    return n.CommandSubstitution(c[0].start, c[-1].end, c[1] if len(c) == 3 else ())


def process_substitution(c: Children) -> n.ProcessSubstitution:
    return n.ProcessSubstitution(c[0].start, c[-1].end, c[0].text[0], c[1] if len(c) == 3 else ())


def arithmetic_expansion(c: Children) -> n.ArithmeticExpansion:
    return n.ArithmeticExpansion(c[0].start, c[2].end, _arithmetic(*c))


def parameter(c: Children) -> n.Parameter:
    start, end = c[0].start, c[-1].end
    prefix = "" if type(c[1]) is ParameterName else c[1].text
    at = 2 if prefix else 1
    name = c[at].text
    at += 1
    bracket = None
    if type(c[at]) is n.Subscript:
        bracket = c[at]
        at += 1
    sign, argument, replacement = "", None, None
    if at < len(c) - 1:
        sign = c[at].text
        if sign not in ("*", "@") or prefix != "!" or c[at + 1]:
            argument = _word(c[at], c[at + 1], c[at + 2])
        if at + 3 < len(c):
            replacement = _word(c[at + 2], c[at + 3], c[at + 4])
    return n.Parameter(start, end, name, True, prefix, bracket, sign, argument, replacement)


class ParameterName(Token):
    """The name inside `${ }`: it may look like an operator (`${##}`), so its class tells."""

    __slots__ = ()
