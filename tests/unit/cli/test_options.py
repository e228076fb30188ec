"""Reading a command line."""

from __future__ import annotations

import pytest

from msh.cli.options import HELP, RUN_OPTIONS, SHELL_OPTION_NAMES, Option, parse_options
from msh.cli.run import shell_options
from msh.diagnostics import MshError

VERB = (Option(("-w", "--write"), "write"), Option(("--format",), "how", "FORMAT", choices=("text", "json")), HELP)


@pytest.mark.parametrize(
    ("line", "on", "operands"),
    [
        ("-eu script -x", ("errexit", "nounset"), ("script", "-x")),
        ("-euo pipefail script", ("errexit", "nounset", "pipefail"), ("script",)),
        ("-e +e -x script", ("xtrace",), ("script",)),
        ("-o errexit +o errexit -o nounset a", ("nounset",), ("a",)),
        ("-ec cmd name", ("errexit",), ("cmd", "name")),
        ("-aCbvEmT +mv a", ("allexport", "noclobber", "notify", "errtrace", "functrace"), ("a",)),
        ("-O extglob +O cmdhist a", ("extglob", "+cmdhist"), ("a",)),
        ("-- -e", (), ("-e",)),
        ("- a", (), ("-", "a")),
        ("", (), ()),
    ],
)
def test_shell_options(line: str, on: tuple[str, ...], operands: tuple[str, ...]) -> None:
    parsed = parse_options(line.split(), RUN_OPTIONS, operands_last=True)
    assert shell_options(parsed) == on
    assert parsed.operands == operands


def test_values_either_way() -> None:
    for line in (["--allow-read=/a", "--allow-read", "b=c", "--allow-net", "h:1"],):
        given = parse_options(line, RUN_OPTIONS).settings()
        assert [(g.setting.name, g.text) for g in given] == [
            ("allow_read", "/a"),
            ("allow_read", "b=c"),
            ("allow_net", "h:1"),
        ]


def test_verbs_take_options_after_operands() -> None:
    parsed = parse_options(["a", "-w", "b", "--format", "json", "--", "-w"], VERB)
    assert parsed.operands == ("a", "b", "-w")
    assert parsed.has("--write")
    assert parsed.value("--format") == "json"
    assert not parsed.has("--help")


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("--wrokspace x", "MSH460", "unknown option `--wrokspace`; did you mean `--workspace`?"),
        ("-z", "MSH460", "unknown option `-z`; `msh --help` lists the options"),
        ("-ez", "MSH460", "unknown option `-ez`"),
        ("+c", "MSH460", "unknown option `+c`"),
        ("--trust=yes", "MSH461", "`--trust` takes no value"),
        ("--timeout", "MSH461", "`--timeout` needs a value: `--timeout SECONDS`"),
        ("-o", "MSH461", "`-o` needs a value"),
        ("-o pipefial", "MSH461", "`pipefial` is not a shell option; did you mean `pipefail`?"),
    ],
)
def test_wrong_use(line: str, code: str, words: str) -> None:
    with pytest.raises(MshError) as caught:
        parse_options(line.split(), RUN_OPTIONS, operands_last=True)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert f"{diagnostic.message}; {diagnostic.help}".startswith(words)


def test_a_choice_is_checked() -> None:
    with pytest.raises(MshError, match="`--format` is `xml`: expected one of `text`, `json`"):
        parse_options(["--format", "xml"], VERB)


def test_shell_options_are_those_of_set() -> None:
    from msh.run.builtins.options import NAMES

    assert list(SHELL_OPTION_NAMES) == NAMES
