"""Worker kinds: the files that ship, a file of one's own, and what is refused of a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from msh.aws.kind_files import builtin_kinds, host_kind, kind_toml, load_kind
from msh.aws.kinds import Kind, Range
from msh.aws.missing import lacking
from msh.catalog import load_catalog
from msh.config import Settings
from msh.diagnostics import Diagnostic, MshError
from msh.resolve import resolve
from msh.source import Source
from msh.syntax import parse


def found(text: str, kind: Kind) -> list[Diagnostic]:
    source = Source("a.sh", text)
    catalog = load_catalog(Settings(None), "/", {})
    return list(lacking(resolve(parse(source), source, catalog), kind))


def faults(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(MshError) as caught:
        load_kind("mine.toml", str(tmp_path))
    assert {d.code for d in caught.value.diagnostics} == {"MSH331"}
    return [d.message.removeprefix("the worker kind `mine.toml` is wrong: ") for d in caught.value.diagnostics]


@pytest.mark.parametrize("name", builtin_kinds())
def test_kinds_that_ship_can_be_read(name: str) -> None:
    kind = load_kind(name, "/")
    assert kind.name == name
    assert kind.limits.memory == Range(128, 10240, 1769)
    assert not set(kind.commands) & set(kind.absent)


@pytest.mark.parametrize("name", ["sort", "grep", "sed", "awk", "head", "sha256sum", "curl"])
def test_lambda_has(name: str) -> None:
    assert load_kind("lambda-zip", "/").has(name)


@pytest.mark.parametrize("name", ["find", "xargs", "tar", "gzip", "diff", "which", "ps", "python3", "jq", "git"])
def test_lambda_lacks(name: str) -> None:
    assert not load_kind("lambda-zip", "/").has(name)


def test_what_a_worker_lacks_is_refused_with_all_its_places() -> None:
    findings = found(
        "find . -name x | sort\nxargs grep a < b\nf() { find /tmp; }\nsh -c 'sed p x'\n", load_kind("lambda-zip", "/")
    )
    assert [(d.code, [(label.start, label.end) for label in d.labels]) for d in findings] == [
        ("MSH330", [(0, 14), (45, 54)]),
        ("MSH330", [(22, 34)]),
    ]
    assert findings[0].message == "`find`: workers of kind `lambda-zip` do not have it"
    assert findings[0].labels[0].text == "package findutils is not installed there"
    assert "`image`" in findings[0].help and "cannot be deployed yet" in findings[0].help


def test_what_a_command_runs_is_looked_for_too() -> None:
    names = [d.message.split("`")[1] for d in found("timeout 5 env -i tar c x\n", load_kind("lambda-zip", "/"))]
    assert names == ["tar"]


def test_a_kind_with_everything_lacks_nothing() -> None:
    assert found("find . | xargs tar c\n", load_kind("image", "/")) == []
    assert found("cat x\n", host_kind()) == []


def test_a_worker_without_a_network_refuses_what_needs_it(tmp_path: Path) -> None:
    (tmp_path / "inner.toml").write_text('network = false\n[[commands]]\nnames = "curl cat"\n')
    findings = found("cat x\ncurl example.org\n", load_kind("inner.toml", str(tmp_path)))
    assert [(d.code, d.labels[0].start) for d in findings] == [("MSH333", 6)]
    assert "do not have" in findings[0].message


def test_a_network_that_was_not_granted_is_refused_beforehand() -> None:
    source = Source("a.sh", "curl example.org")
    resolution = resolve(parse(source), source, load_catalog(Settings(None), "/", {}))
    kind = load_kind("lambda-zip", "/")
    assert lacking(resolution, kind) == ()
    assert [d.help for d in lacking(resolution, kind, granted=False)] == ["`--net host` would grant it"]


def test_every_fault_of_a_file_is_said(tmp_path: Path) -> None:
    limits = "[limits]\nmemory = { least = 9, most = 4 }\n"
    text = f'sumary = "x"\nnetwork = 1\npackage = "rpm"\n{limits}[[commands]]\nversion = "1"\n'
    assert faults(tmp_path, text) == [
        "`sumary` is not a key (did you mean `summary`?)",
        "`network` is not true or false",
        "`limits.memory`: the default is not between least and most",
        "`commands[0].names` is missing",
        '`package` is not "zip" or "image"',
    ]
    assert "is not TOML" in faults(tmp_path, "x = ")[0]


def test_a_name_that_is_no_kind() -> None:
    with pytest.raises(MshError) as caught:
        load_kind("lamda-zip", "/")
    assert caught.value.diagnostics[0].help == "did you mean `lambda-zip`?"
    with pytest.raises(MshError, match="cannot read"):
        load_kind("nowhere/x.toml", "/")


def test_a_kind_can_be_written_down(tmp_path: Path) -> None:
    host = host_kind()
    (tmp_path / "host.toml").write_text(kind_toml(host))
    again = load_kind("host.toml", str(tmp_path))
    assert set(again.commands) == set(host.commands)
    assert (again.limits, again.runtime, again.network) == (host.limits, host.runtime, host.network)
