"""What the cases in tests/cases/resolve cannot show: uses, run-time resolution, and hostile input."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from msh.catalog import Catalog
from msh.catalog.layers import TableLayer
from msh.diagnostics import MshError
from msh.effects import Access, Unknown
from msh.resolve import Resolution, resolve, resolve_argv
from msh.source import Source
from msh.syntax import parse

CATALOG = Catalog()


def resolved(text: str, catalog: Catalog = CATALOG) -> Resolution:
    source = Source("test", text)
    return resolve(parse(source), source, catalog)


def test_uses_are_in_the_order_of_the_text_with_their_context() -> None:
    text = "f() { sort a; }\nx=$(grep b c); sh -c 'uniq d'; cat e | wc -l"
    uses = resolved(text).uses
    shown = [(use.spec.name, use.context, text[use.start : use.end]) for use in uses]
    assert shown == [
        ("sort", "function f", "sort a"),
        ("grep", "substitution", "grep b c"),
        ("uniq", "sh -c", "uniq d"),
        ("cat", "", "cat e"),
        ("wc", "", "wc -l"),
    ]


def test_a_use_has_the_effects_of_all_that_it_runs() -> None:
    (use,) = resolved("find . -exec sort -o out {} \\; -exec curl -O http://h/ \\;").uses
    assert Access("write", "out", create=True) in use.effects.accesses
    assert Access("read", Unknown()) in use.effects.accesses
    assert use.effects.network == "client"
    assert [inner.spec.name for inner in use.runs] == ["sort", "curl"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("plain", ["plain"]),
        ("'q'\"u\"\\o", ["quo"]),
        ("{a,b}.c", ["a.c", "b.c"]),
        ("pre$x", [Unknown("", True)]),
        ('"pre$x"', [Unknown("pre")]),
        ('"$@"', [Unknown("", True)]),
        ('"${a[@]}"', [Unknown("", True)]),
        ('"${#a[@]}"', [Unknown("")]),
        ('"${!x}"', [Unknown("", True)]),
        ("d/*.c", [Unknown("d/", True)]),
        ("'*'", ["*"]),
        ("~/x", [Unknown()]),
        ("a$((1))", [Unknown("a")]),
        ("$(x)", [Unknown("", True)]),
        ('"$(x)"', [Unknown()]),
        ('--out="$x"', [Unknown("--out=")]),
        ("d/*$x", [Unknown("", True)]),
    ],
)
def test_what_is_known_of_a_word(word: str, expected: list[str | Unknown]) -> None:
    (use,) = [use for use in resolved(f"cat {word}").uses if use.context == ""]
    assert list(use.arguments) == expected


def test_an_argv_is_resolved_with_all_that_it_runs() -> None:
    spec, effects = resolve_argv(CATALOG, ["xargs", "sort", "-o", "out"])
    assert spec.name == "xargs"
    assert Access("write", "out", create=True) in effects.accesses
    assert Access("read", Unknown("", True)) in effects.accesses
    _, effects = resolve_argv(
        CATALOG, ["find", ".", "-exec", "sh", "-c", 'f "$1" | curl http://h/', "_", "{}", ";"], ["f"]
    )
    assert (effects.workspace, effects.network) == ("write", "client")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["gerp"], "MSH201"),
        (["cd", "/"], "MSH201"),
        (["env", "gerp"], "MSH201"),
        (["xargs", "sh", "-c", "gerp"], "MSH201"),
        (["xargs", "sh"], "MSH204"),
        (["xargs", "-I{}", "{}"], "MSH204"),
        (["xargs", "-I{}", "sh", "-c", "{} x"], "MSH201"),
        (["xargs", "sh", "-c", "if"], "MSH103"),
        (["/no/such/program"], "MSH201"),
        ([""], "MSH201"),
    ],
)
def test_an_argv_that_is_not_mapped_is_refused(argv: list[str], code: str) -> None:
    with pytest.raises(MshError) as raised:
        resolve_argv(CATALOG, argv)
    assert code in {diagnostic.code for diagnostic in raised.value.diagnostics}


def test_a_script_file_that_another_program_runs_is_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    catalog = Catalog(workspace=str(tmp_path))
    (tmp_path / "good.sh").write_text("#!/bin/sh\ncat x\n")
    (tmp_path / "bad.sh").write_text("#!/bin/sh\ngerp x\n")
    for name in ("good.sh", "bad.sh"):
        (tmp_path / name).chmod(0o755)
    assert resolve_argv(catalog, ["xargs", "./good.sh"])[1].workspace == "write"
    assert resolve_argv(catalog, ["xargs", "sh", "good.sh"])[1].workspace == "write"
    for argv in (["xargs", "./bad.sh"], ["timeout", "5", "sh", "bad.sh"]):
        with pytest.raises(MshError, match="gerp"):
            resolve_argv(catalog, argv)
    with pytest.raises(MshError, match="known only inside the step"):
        resolve_argv(catalog, ["timeout", "5", "sh", "/etc/passwd"])


def test_an_alias_is_resolved_as_what_it_stands_for() -> None:
    catalog = Catalog([TableLayer("x", {"each": {"alias": ["xargs", "-n", "1"]}})])
    (use,) = resolved("each sort -o out", catalog).uses
    assert Access("write", "out", create=True) in use.effects.accesses
    with pytest.raises(MshError, match="gerp"):
        resolve_argv(catalog, ["each", "gerp"])


HOSTILE = {
    "stages": "|".join(["cat"] * 3000),
    "words": "cat " + "a " * 20000,
    "unknown words": "sort " + "$a " * 5000,
    "globs": "sort " + "*.c " * 5000,
    "runners": "xargs " * 5000 + "cat",
    "exec": "find . " + "-exec rm {} \\; " * 2000,
    "option commands": "tar " + "--to-command=ls " * 6000,
    "long exec": "find . -exec " + "a " * 20000,
    "substitutions": "$(" * 100 + "cat" + ")" * 100,
    "arithmetic": "echo " + "$((1+$(echo " * 30 + "1" + ")))" * 30,
    "unmapped": "gerpx x\n" * 3000,
    "many unmapped": "\n".join([f"gerp{number}" for number in range(3000)]),
    "evals": "eval " * 3000 + "cat",
    "assignments": "env " + "A=b " * 5000 + "cat",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_resolving_takes_linear_time(text: str) -> None:
    source = Source("test", text)
    script = parse(source)
    started = time.process_time()
    resolve(script, source, CATALOG)
    assert time.process_time() - started < 3


def test_deep_texts_end_in_a_diagnostic() -> None:
    text = "eval " * 40 + "gerp"
    assert {found.code for found in resolved(text).diagnostics} <= {"MSH201", "MSH205"}
    assert resolved(text).diagnostics


def test_paths_are_relative_to_the_directory_of_the_shell(tmp_path: Path) -> None:
    catalog = Catalog(workspace=str(tmp_path))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/x.sh").write_text("#!/bin/sh\ncat y\n")
    (tmp_path / "sub/x.sh").chmod(0o755)
    spec, _ = resolve_argv(catalog, ["./x.sh"], (), str(tmp_path / "sub"))
    assert spec.script_path == str(tmp_path / "sub/x.sh")
    with pytest.raises(MshError, match="not in the catalog"):
        resolve_argv(catalog, ["./x.sh"], (), str(tmp_path))
    resolve_argv(catalog, ["timeout", "5", "sh", "x.sh"], (), str(tmp_path / "sub"))


def test_an_alias_of_a_shell_is_looked_through() -> None:
    catalog = Catalog([TableLayer("x", {"do": {"alias": ["sh", "-c"]}})])
    (found,) = resolved("'do' 'gerp x'", catalog).diagnostics
    assert (found.code, found.labels[0].start) == ("MSH201", 6)
