"""What words are before anything runs: brace expansion, static text, escapes, expressions."""

from __future__ import annotations

import subprocess
import time

import pytest

from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import expand_braces, parse, parse_arithmetic, parse_quoted, print_word, static_text
from msh.syntax import nodes as n

BRACES = """
a{b,c}d {1..5..2} {a..e} {01..10} {a} {} x{}y {a,b}{c,d} {a,{b,c}d} {a,b a,b} {a,b}} {{a,b} {{a,b},c} a{,}b {1..a}
{5..1} {-3..3..2} {a..e..2} {1..3}{a,b} \\{a,b\\} {a\\,b,c} "{a,b}" {"a,b",c} {a,b}$ pre{1..3}post {z..w} {001..3}
{1..3..0} {1..10..-3} {a,b,{1..3}} {{1..2}} a{b}c{d,e} {1...3} {a..} {'a',b} {a,b}.{c,d} a{1..3 {a}b,c} {a},b}
{A..c..20} {+1..3} {-01..3} {ab..cd} {1..2,3} a{{{b,c}}}d {a,b}{ }{a,b} {a{b,c} {a{b,c},d {a,{b}} {a,b\\}} ${x:-{a,b}}
""".split()


def words(text: str) -> list[n.Word]:
    command = parse(Source("t", f"c {text}")).body[0].command
    assert isinstance(command, n.SimpleCommand)
    return [word for word in command.words[1:] if isinstance(word, n.Word)]


@pytest.mark.parametrize("text", BRACES)
def test_brace_expansion_is_that_of_bash(text: str) -> None:
    ours = [print_word(result) for word in words(text) for result in expand_braces(word)]
    given = ["bash", "-c", f"printf '%s\\0' {text}"]
    theirs = subprocess.run(given, capture_output=True, text=True, check=True).stdout.split("\0")[:-1]
    again = ["bash", "-c", "printf '%s\\0' " + " ".join(ours)]  # to take the quotes off
    subject = subprocess.run(again, capture_output=True, text=True, check=True).stdout.split("\0")[:-1]
    assert subject == theirs


def test_an_expanded_parameter_takes_letters_that_follow_it() -> None:
    assert [print_word(word) for word in expand_braces(words("$x{a,.b}${y}{c,d}")[0])] == [
        "$xa${y}c",
        "$xa${y}d",
        "$x.b${y}c",
        "$x.b${y}d",
    ]


def test_braces_nest_as_deep_as_they_like() -> None:
    """In a time that grows with the text; 5,000 deep took bash seconds."""
    depth = 20_000
    start = time.process_time()
    for text, count in [
        ("{a," * depth + "b" + "}" * depth, depth + 1),
        ("{" * depth + "a" + ",b}" * depth, depth + 1),
        ("{" * depth + "a,b" + "}" * depth, 2),
        ("{a," * depth + "b", 1),
    ]:
        found = expand_braces(words(text)[0])
        assert len(found) == count
    assert time.process_time() - start < 8


def test_too_many_words_are_refused() -> None:
    for text in ("{1..9999999}", "{1..2000}{1..2000}"):
        with pytest.raises(MshError) as error:
            expand_braces(words(text)[0])
        assert error.value.diagnostics[0].code == "MSH114"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        ("a'b c'\\d\"e\"", "ab cde"),
        ("$'a\\tb'", "a\tb"),
        ("'*'", "*"),
        ("\\~a", "~a"),
        ("a~", "a~"),
        ("{a}", "{a}"),
        ("''", ""),
        ('"a`b`"', None),
        ("$x", None),
        ("a*", None),
        ("a[b]", None),
        ("[", "["),
        ("a]b[", "a]b["),
        ("~/a", None),
        ("{a,b}", None),
        ("<(a)", None),
        ("@(a)", None),
    ],
)
def test_static_text(text: str, expected: str | None) -> None:
    assert static_text(words(text)[0]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a\\nb",
        "\\x41\\101\\u00e9\\U0001F600",
        "\\'\\\"\\\\\\?",
        "\\e\\E\\a\\b\\f\\r\\t\\v",
        "\\cA\\z",
        "\\xc3\\xa9",
        "\\xff",
        "a\\0b",
        "\\1234",
    ],
)
def test_dollar_single_quotes_are_those_of_bash(text: str) -> None:
    part = words(f"$'{text}'")[0].parts[0]
    assert isinstance(part, n.SingleQuoted)
    given = ["bash", "-c", f"printf %s $'{text}'"]
    theirs = subprocess.run(given, capture_output=True, env={"LC_ALL": "C.UTF-8"}, check=True).stdout
    assert part.text.encode("utf-8", "surrogateescape") == theirs


def shape(node: n.Expression) -> str:
    match node:
        case n.Number(text=text):
            return text
        case n.Variable(name=name, subscript=subscript):
            return name + (f"[{print_word(subscript.word)}]" if subscript else "")
        case n.Operand(part=part):
            return print_word(n.Word(0, 0, (part,)))
        case n.Unary(operator=operator, operand=operand, postfix=postfix):
            return f"({shape(operand)}{operator})" if postfix else f"({operator}{shape(operand)})"
        case n.Binary(operator=operator, left=left, right=right):
            return f"({shape(left)}{operator}{shape(right)})"
        case n.Conditional(test=test, then=then, orelse=orelse):
            return f"({shape(test)}?{shape(then)}:{shape(orelse)})"
    return f"({shape(node.target)}{node.operator}{shape(node.value)})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1+2*3", "(1+(2*3))"),
        ("1-2-3", "((1-2)-3)"),
        ("-2**2", "((-2)**2)"),
        ("2**3**2", "(2**(3**2))"),
        ("a=b+=3", "(a=(b+=3))"),
        ("x++ + --y", "((x++)+(--y))"),
        ("--5", "(-(-5))"),
        ("a+++b", "((a++)+b)"),
        ("a[i+1]<<=2", "(a[i+1]<<=2)"),
        ("a[b[c]]", "a[b[c]]"),
        ("1?2:3?4:5", "(1?2:(3?4:5))"),
        ("(1,2)*3", "((1,2)*3)"),
        ("!a&&~b||c", "(((!a)&&(~b))||c)"),
        ("a<<2|3&4^5", "((a<<2)|((3&4)^5))"),
        ("16#ff + 0x1F + 017", "((16#ff+0x1F)+017)"),
        (" \n", "0"),
        ("", "0"),
    ],
)
def test_expressions(text: str, expected: str) -> None:
    assert shape(parse_arithmetic(text)) == expected


@pytest.mark.parametrize("text", ["1+", "1 2", ")", "(1", "1=2", "a[1", "$x", "1 ? 2", "'a'", "@"])
def test_wrong_expressions(text: str) -> None:
    with pytest.raises(MshError) as error:
        parse_arithmetic(text)
    assert error.value.diagnostics[0].code == "MSH115"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$x+1", "($x+1)"),
        ("a[$i]", "a[$i]"),
        ("${#a[@]}-$(b)", "(${#a[@]}-$(b))"),
        ('"$x" * 2', "($x*2)"),
        ("$x$y", None),
        ("1$x", None),
        ("a$x", None),
        ("$x[1]", None),
        ("$x $op 1", None),
        ("$x++", None),
        ("1 +", None),
    ],
)
def test_an_expansion_is_an_operand_or_the_text_has_no_tree_yet(text: str, expected: str | None) -> None:
    part = words(f"$(({text}))")[0].parts[0]
    assert isinstance(part, n.ArithmeticExpansion)
    expression = part.arithmetic.expression
    assert (shape(expression) if expression else None) == expected


def test_parse_quoted() -> None:
    parts = parse_quoted(Source("PS4", '+ $x "a" \\$y `b`'))
    assert [type(part).__name__ for part in parts] == [
        "Literal",
        "Parameter",
        "Literal",
        "Escaped",
        "Literal",
        "CommandSubstitution",
    ]
    with pytest.raises(MshError):
        parse_quoted(Source("PS4", "$(a"))
