"""Where what an alias stands for stands in the script, and long scripts."""

from __future__ import annotations

import time

import pytest

from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import print_script, walk
from msh.syntax.reading import Aliases, read
from msh.syntax.units import WINDOW, read_script

ON = "shopt -s expand_aliases\nalias e='echo ' p=PPP two='echo one; echo'\n"


def spans(text: str) -> list[str]:
    """The text of each statement's place in the script."""
    script = read(Source("x", ON + text)).script
    return [(ON + text)[statement.start : statement.end] for statement in script.body[2:]]


def test_what_an_alias_makes_stands_at_its_name_and_the_rest_where_it_is() -> None:
    assert spans("e p $(e p) \\\n  end; true\ntwo x # two\nfalse\n") == [
        "e p $(e p) \\\n  end;",
        "true",
        "two",
        "two x",
        "false",
    ]


def test_every_node_stands_inside_of_its_script() -> None:
    text = ON + 'e p "$(e `e p`)" $((1 + $(e 2))) <<X\n$(e p)\nX\nif e p; then two p; fi\n'
    script = read(Source("x", text)).script
    for node in walk(script):
        assert 0 <= node.start <= node.end <= len(text)
    for outer in script.body:
        assert all(outer.start <= node.start for node in walk(outer))


def test_an_empty_table_reads_as_parse_does() -> None:
    source = Source("x", "alias\nec\\\nho a; f() {\n:; }\n# end\ncat <<E\nx\nE\n")
    plain = read(source).script
    units = read_script(source, Aliases({"nothing": "x"}, on=True)).script
    assert plain == units


@pytest.mark.parametrize("lines", [10, 9000])
def test_a_long_script_is_read_as_a_short_one(lines: int) -> None:
    """Beyond the window each unit is read by itself: here-documents and compounds across its end included."""
    block = "e one\ncat <<X\n" + "text $(e p)\n" * 3 + "X\nf() {\n  e p\n}\n"
    text = ON + block * (lines // 9)
    assert (len(text) > WINDOW) == (lines == 9000)
    printed = print_script(read(Source("x", text)).script)
    once = print_script(read(Source("x", ON + block)).script).removeprefix(print_script(read(Source("x", ON)).script))
    assert printed.count("echo PPP\n") == lines // 9
    assert printed.endswith(once)


def test_a_unit_longer_than_the_window() -> None:
    body = "  e p\n" * (WINDOW // 5)
    script = read(Source("x", ON + "f() {\n" + body[: 6 * 4000] + "# " + "x" * WINDOW + "\n}\ne p\n")).script
    assert len(script.body) == 4
    assert print_script(script).count("echo PPP") == 4001


def test_an_error_in_a_long_script_stands_where_it_is() -> None:
    text = ON + "e one\n" * WINDOW + "e ;;\n"
    with pytest.raises(MshError) as caught:
        read(Source("x", text))
    [found] = caught.value.diagnostics
    assert found.source is not None and found.source.text == text
    assert text[found.labels[0].start : found.labels[0].end] == ";;"


def test_time_is_linear() -> None:
    def seconds(lines: int) -> float:
        source = Source("x", ON + "e p q\n" * lines)
        begin = time.process_time()
        read(source)
        return time.process_time() - begin

    few = min(seconds(4000) for _ in range(3))
    assert seconds(16000) < 4 * 3 * few
