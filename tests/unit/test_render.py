"""What a diagnostic looks like, and that nothing in it can trick a terminal."""

from __future__ import annotations

import pytest

from msh.diagnostics import Diagnostic, Label, exit_status
from msh.render import columns, count_line, in_order, plain, render, wants_colour
from msh.source import Source


def place(text: str, words: str, **fields: str) -> tuple[Source, Label]:
    start = text.index(words)
    return Source(fields.get("name", "a.sh"), text), Label(start, start + len(words), fields.get("label", ""))


def test_one_label() -> None:
    source, label = place("#!/bin/sh\n\ncat x | gerp -v '^#'\n", "gerp", label="no command of this name is mapped")
    shown = render([Diagnostic("MSH201", "`gerp` is not in the catalog", source, (label,), "did you mean `grep`?")])
    assert shown == (
        "error[MSH201]: `gerp` is not in the catalog\n"
        "  --> a.sh:3:9\n"
        "   |\n"
        " 3 | cat x | gerp -v '^#'\n"
        "   |         ^^^^ no command of this name is mapped\n"
        "   |\n"
        "  help: did you mean `grep`?\n"
    )


def test_where_it_was_opened() -> None:
    source = Source("a.sh", "\n\n\n\nif test -f x; then\n\n\n\n\n\n")
    end = len(source.text)
    labels = (Label(end, end, "expected `fi`"), Label(4, 6, "opened here"))
    assert render([Diagnostic("MSH104", "expected `fi`", source, labels)]) == (
        "error[MSH104]: expected `fi`\n"
        "   --> a.sh:11:1\n"
        "    |\n"
        "  5 | if test -f x; then\n"
        "    | -- opened here\n"
        "   ...\n"
        " 11 |\n"
        "    | ^ expected `fi`\n"
        "    |\n"
    )


def test_two_labels_on_one_line_and_no_line_between_neighbours() -> None:
    source = Source("a.sh", "( a\nb )\n")
    labels = (Label(6, 7, "here"), Label(0, 1, "opened"), Label(4, 5, "and"))
    assert render([Diagnostic("X", "m", source, labels)]).splitlines()[3:] == [
        " 1 | ( a",
        "   | - opened",
        " 2 | b )",
        "   | - and",
        "   |   ^ here",
        "   |",
    ]


@pytest.mark.parametrize(
    ("line", "words", "marks"),
    [
        pytest.param("\tgerp x", "gerp", "\t^^^^", id="tab"),
        pytest.param("echo 日本 gerp", "gerp", "          ^^^^", id="wide"),
        pytest.param("echo 日本 gerp", "日本", "     ^^^^", id="wide label"),
        pytest.param("echo e\u0301 gerp", "gerp", "       ^^^^", id="combining"),
        pytest.param("a\x1b[2J gerp", "gerp", "         ^^^^", id="escape character"),
        pytest.param("a\udcff gerp", "gerp", "      ^^^^", id="byte that is not UTF-8"),
    ],
)
def test_marks_stand_under_their_words(line: str, words: str, marks: str) -> None:
    source, label = place(line, words)
    assert render([Diagnostic("X", "m", source, (label,))]).splitlines()[4] == f"   | {marks}"


def test_a_long_line_is_cut_around_the_label() -> None:
    source, label = place("x" * 1_000_000 + " gerp " + "y" * 1_000_000, "gerp", label="here")
    shown = render([Diagnostic("X", "m", source, (label,))])
    assert len(shown) < 500
    excerpt, marks = shown.splitlines()[3:5]
    assert excerpt[marks.index("^") :].startswith("gerp ")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b]0;owned\x07", "a\\x1b]0;owned\\x07"),
        ("safe\u202eexe", "safe\\u202eexe"),
        ("\udce9t\udce9", "\\xe9t\\xe9"),
        ("a\nerror: b\r", "a\\nerror: b\\r"),
        ("\x9b2J", "\\x9b2J"),
        ("\U000e0001", "\\U000e0001"),
        ("déjà vu 日本", "déjà vu 日本"),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert shown in render([Diagnostic("X", text, Source(text, text), (Label(0, 1, text),), text)])
    assert all(c.isprintable() or c == "\n" for c in render([Diagnostic("X", text, Source(text, text), (), text)]))


def test_several_are_sorted_and_counted() -> None:
    a, b = Source("a", "x\ny\n"), Source("b", "x")
    found = [
        Diagnostic("MSH201", "third", b, (Label(0, 1),)),
        Diagnostic("MSH201", "second", a, (Label(2, 3),)),
        Diagnostic("MSH202", "first", a, (Label(0, 1),), severity="warning"),
    ]
    assert [d.message for d in in_order(found)] == ["first", "second", "third"]
    assert count_line(found) == "2 errors, 1 warning"
    assert count_line(found[:1]) == "1 error"
    assert render(found).count("\n\n") == 2


def test_colour_changes_nothing_but_colour() -> None:
    source, label = place("gerp x", "gerp", label="here")
    found = [Diagnostic("MSH201", "m", source, (label,), "h")]
    import re

    coloured = render(found, colour=True)
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(found)


def test_no_colour_without_a_terminal() -> None:
    import os

    reader, writer = os.pipe()
    assert not wants_colour(writer, {"TERM": "xterm"})
    os.close(reader), os.close(writer)
    controller, terminal = os.openpty()
    assert wants_colour(terminal, {"TERM": "xterm"})
    assert not wants_colour(terminal, {"TERM": "dumb"})
    assert not wants_colour(terminal, {"TERM": "xterm", "NO_COLOR": "1"})
    os.close(controller), os.close(terminal)


def test_columns() -> None:
    assert [columns(text) for text in ("abc", "日", "e\u0301", "\uff21")] == [3, 2, 1, 2]


@pytest.mark.parametrize(
    ("codes", "status"),
    [(["MSH101"], 2), (["MSH101", "MSH201"], 127), (["MSH401"], 126), (["MSH450"], 126), (["MSH460"], 2), ([], 2)],
)
def test_exit_status(codes: list[str], status: int) -> None:
    assert exit_status([Diagnostic(code, "m") for code in codes]) == status
