"""Any text is read in linear time and ends in a tree or one diagnostic."""

from __future__ import annotations

import time

import pytest

from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import parse, print_script, same_tree, walk
from msh.syntax.arithmetic import parse_arithmetic
from msh.syntax.nodes import Literal
from msh.syntax.reader import NESTING_LIMIT

OPENERS = [
    *[
        "(",
        "$(",
        "((",
        "$((",
        "${x:-",
        '"$(',
        "`",
        "{ ",
        "if ",
        "[[ ( ",
        "case x in a) ",
        "<(",
        "@(",
        "echo @(",
        "while ",
    ],
    *[
        "x=(",
        "a[",
        "a[ ",
        "${x[",
        "$[",
        "'",
        '"',
        "f() { ",
        "x=$(",
        "! ",
        "time ",
        "coproc { ",
        "$(( (",
        "for ((",
        "\\`",
    ],
    *[
        "for ((;;)) { ",
        "select x in a; do ",
        "if a; then b; else ",
        "${x/",
        "${x:",
        '"${x:-',
        '"`',
        "(a) | (",
        "$'",
        "$((a) ",
    ],
    *[
        "((a)(",
        "((x ",
        "[[ ! ",
        "`\\`",
        "a\\\nb ",
        "\\\n",
        "<<A ",
        "x=(a[",
        "{a,",
        "((a[",
        "echo ${",
        "! ! ",
        "a && ",
        "$\\\n",
    ],
]


def seconds_to_parse(text: str) -> tuple[float, MshError | None]:
    started = time.process_time()
    error = None
    try:
        parse(Source("t", text))
    except MshError as found:
        error = found
    return time.process_time() - started, error


@pytest.mark.parametrize("opener", OPENERS)
def test_ten_thousand_openers(opener: str) -> None:
    seconds, error = seconds_to_parse(opener * 10_000)
    assert seconds < 2, "a second on a quiet machine"
    assert error is None or len(error.diagnostics) == 1


def test_ten_thousand_nested_here_documents() -> None:
    seconds, error = seconds_to_parse("".join(f"cat <<E{i}\n$(" for i in range(10_000)))
    assert error is not None and error.diagnostics[0].code == "MSH109"
    assert seconds < 2


@pytest.mark.parametrize(
    "text",
    [
        " | ".join(["a"] * 1000),
        " && ".join(["a"] * 100_000),
        "echo " + "x" * 1_000_000,
        "echo a\n" * 100_000,
        "".join(f"cat <<E{i}\nx\n" for i in range(10_000)),
        "cat " + " ".join(f"<<E{i}" for i in range(5_000)) + "\n",
        "cat <<E\n" + "\\\nE\n" * 30_000,
        "a\\\nb" * 100_000,
        "$(( " + "$x + " * 400 + "1 ))",
    ],
    ids=lambda text: text[:12],
)
def test_long_texts(text: str) -> None:
    seconds, error = seconds_to_parse(text)
    assert error is None
    assert seconds < 6, "about a second on a quiet machine"


@pytest.mark.parametrize(
    ("opener", "inside", "closer"),
    [
        ("( ", "x", " )"),
        ("{ ", "x;", " };"),
        ("$(echo ", "x", ")"),
        ('echo "$(', "x", ')"'),
        ("if a; then ", "x;", " fi;"),
        ("case x in a) ", "x", ";; esac"),
        ("while a; do ", "x;", " done;"),
        ('"${x:-', "y", '}"'),
        ("<(echo ", "x", ")"),
    ],
)
def test_what_really_nests_works_up_to_the_limit_and_in_later_stages(opener: str, inside: str, closer: str) -> None:
    text = opener * 180 + inside + closer * 180
    script = parse(Source("t", text))
    printed = print_script(script)
    assert same_tree(script, parse(Source("t", printed)))
    assert sum(1 for _ in walk(script)) > 180
    assert script == parse(Source("t", text))
    assert hash(script) and repr(script)


def test_the_limit_is_named() -> None:
    with pytest.raises(MshError) as error:
        parse(Source("t", "( " * (NESTING_LIMIT + 1)))
    diagnostic = error.value.diagnostics[0]
    assert (diagnostic.code, diagnostic.message) == ("MSH109", "`(` is nested more than 400 deep")
    assert not diagnostic.incomplete


def test_deep_expressions_are_refused() -> None:
    with pytest.raises(MshError, match="nested more than 1000 deep"):
        parse_arithmetic("1+" * 100_000 + "1")
    with pytest.raises(MshError, match="nested more than 1000 deep"):
        parse(Source("t", "((" + "-" * 5_000 + "1))"))
    assert parse_arithmetic("1+" * 900 + "1")


def test_nul_is_refused_and_odd_bytes_pass() -> None:
    with pytest.raises(MshError) as error:
        parse(Source("t", "echo a\0b"))
    assert error.value.diagnostics[0].code == "MSH110"
    script = parse(Source("t", "echo \udcff\r\x01"))
    assert [node.text for node in walk(script) if isinstance(node, Literal)] == ["echo", "\udcff\r\x01"]


def test_windows_line_ends_are_named() -> None:
    with pytest.raises(MshError) as error:
        parse(Source("t", "if a\r\nthen\r\nb\r\nfi\r\n"))
    assert "Windows" in error.value.diagnostics[0].help


def test_walking_nested_arithmetic_is_linear() -> None:
    """An expansion stands in the text and in the expression of an arithmetic; it is visited once."""
    text = "echo " + "$((a[1+" * 100 + "1" + "]))" * 100
    assert sum(1 for _ in walk(parse(Source("t", text)))) < 2000
