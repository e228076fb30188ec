"""The verbs from outside: check, fmt, catalog, explain, graph."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import msh

ROOT = Path(msh.__file__).parent.parent
BAD = "gerp x | sotr\nif true; then\n  sort x\nfi\n"


def run(*arguments: str, directory: Path, stdin: str = "") -> tuple[int, str, str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(directory)}
    command = [sys.executable, "-m", "msh", *arguments]
    done = subprocess.run(command, cwd=directory, env=environment, input=stdin, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    (tmp_path / "bad.sh").write_text(BAD)
    (tmp_path / "open.sh").write_text("if true; then\n")
    (tmp_path / "good.sh").write_text("sort x\n")
    (tmp_path / "later.sh").write_text('"$1" x\n')
    return tmp_path


def test_check_prints_all_findings_of_all_files(scripts: Path) -> None:
    status, out, err = run("check", "good.sh", "open.sh", "bad.sh", directory=scripts)
    assert (status, err) == (1, "")
    places = [line.strip() for line in out.splitlines() if "-->" in line]
    assert places == ["--> bad.sh:1:1", "--> bad.sh:1:10", "--> open.sh:2:1"]
    assert out.endswith("\n\n3 errors in 3 scripts\n")


def test_check_of_a_good_script(scripts: Path) -> None:
    assert run("check", "good.sh", directory=scripts) == (0, "no findings in 1 script\n", "")


def test_check_could_not_run(scripts: Path) -> None:
    status, out, err = run("check", "nope.sh", "bad.sh", directory=scripts)
    assert status == 2
    assert "error[MSH462]" in err
    assert "error[MSH201]: `gerp`" in out


def test_what_is_known_at_run_time_is_a_finding_when_strict(scripts: Path) -> None:
    assert run("check", "later.sh", directory=scripts)[0] == 0
    status, out, _ = run("check", "--strict", "later.sh", directory=scripts)
    assert status == 1
    assert "error[MSH202]" in out


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_check_for_machines(scripts: Path, form: str) -> None:
    status, out, err = run("check", "--format", form, "bad.sh", directory=scripts)
    assert (status, err) == (1, "")
    document = json.loads(out)
    found = document["findings"] if form == "json" else document["runs"][0]["results"]
    assert len(found) == 2


def test_check_for_github(scripts: Path) -> None:
    _, out, _ = run("check", "--format=github", "bad.sh", directory=scripts)
    assert [line.split(",")[0] for line in out.splitlines()] == ["::error file=bad.sh"] * 2


def test_check_reads_standard_input_under_a_name(tmp_path: Path) -> None:
    status, out, _ = run("check", "--stdin-filename", "x/y.sh", "-", directory=tmp_path, stdin="gerp\n")
    assert status == 1
    assert "--> x/y.sh:1:1\n" in out
    assert "--> standard input:1:1\n" in run("check", "-", directory=tmp_path, stdin="gerp\n")[1]


def test_check_colours_when_asked(scripts: Path) -> None:
    assert "\x1b[1;31merror" in run("check", "--color", "always", "bad.sh", directory=scripts)[1]
    assert "\x1b" not in run("check", "bad.sh", directory=scripts)[1]


def test_fmt_prints_and_leaves_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("# why\nif   true;then\necho  a;fi\n")
    status, out, err = run("fmt", "a.sh", directory=tmp_path)
    assert (status, err) == (0, "")
    assert out == "# why\nif true; then\n    echo a\nfi\n"
    assert (tmp_path / "a.sh").read_text() == "# why\nif   true;then\necho  a;fi\n"


def test_fmt_of_its_own_output_changes_nothing(tmp_path: Path) -> None:
    _, once, _ = run("fmt", "-", directory=tmp_path, stdin=BAD)
    assert run("fmt", directory=tmp_path, stdin=once) == (0, once, "")


def test_fmt_writes_whole_files_and_keeps_their_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text("echo   a\n")
    path.chmod(0o751)
    (tmp_path / "link.sh").symlink_to("a.sh")
    assert run("fmt", "-w", "link.sh", directory=tmp_path) == (0, "", "")
    assert path.read_text() == "echo a\n"
    assert path.stat().st_mode & 0o777 == 0o751
    assert sorted(os.listdir(tmp_path)) == ["a.sh", "link.sh"]
    assert (tmp_path / "link.sh").is_symlink()


def test_fmt_check_and_diff(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("echo   a\n")
    (tmp_path / "b.sh").write_text("echo b\n")
    assert run("fmt", "--check", "a.sh", "b.sh", directory=tmp_path) == (1, "a.sh\n", "")
    assert run("fmt", "--check", "b.sh", directory=tmp_path) == (0, "", "")
    status, out, _ = run("fmt", "--diff", "a.sh", "b.sh", directory=tmp_path)
    assert status == 1
    assert out.splitlines()[2:] == ["@@ -1 +1 @@", "-echo   a", "+echo a"]


def test_fmt_goes_on_after_a_file_that_does_not_parse(scripts: Path) -> None:
    status, out, err = run("fmt", "open.sh", "good.sh", directory=scripts)
    assert (status, out) == (2, "sort x\n")
    assert "expected `fi`" in err


def test_catalog(tmp_path: Path) -> None:
    status, out, err = run("catalog", "list", directory=tmp_path)
    assert (status, err) == (0, "")
    names = [line.split()[0] for line in out.splitlines()]
    assert {"cat", "grep", "sort", "xargs"} <= set(names)
    assert names == sorted(names)
    narrowed = run("catalog", "list", "sort", directory=tmp_path)[1].splitlines()
    assert 0 < len(narrowed) < len(names)
    status, out, err = run("catalog", "show", "sort", directory=tmp_path)
    assert (status, err) == (0, "")
    assert out.startswith("sort: ")
    assert "  runs      sort\n" in out
    assert "  network   none\n" in out


def test_catalog_stubs(tmp_path: Path) -> None:
    (tmp_path / "x.sh").write_text('mine -v in.csv | sort\n"other.one" a\ngerp x\n')
    status, out, err = run("catalog", "stub", "x.sh", directory=tmp_path)
    assert (status, err) == (0, "")
    assert "# x.sh:1: mine -v in.csv | sort\n" in out
    assert "# did you mean `grep`?\n" in out
    (tmp_path / "stubs.toml").write_text(out)
    shown = run("catalog", "show", "--catalog", "stubs.toml", "mine", "gerp", directory=tmp_path)
    assert shown[0] == 0, shown[2]
    assert run("check", "--strict", "--catalog", "stubs.toml", "x.sh", directory=tmp_path)[0] == 0
    assert run("catalog", "stub", "--catalog", "stubs.toml", "x.sh", directory=tmp_path)[1] == ""


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["show", "sotr"], 127, "error[MSH201]: `sotr` is not in the catalog\n  help: did you mean `sort`?"),
        (["show"], 2, "error[MSH461]: `msh catalog show` needs a name"),
        (["add", "x"], 2, "error[MSH461]: `msh catalog` has no action `add`"),
    ],
)
def test_catalog_wrongly_used(tmp_path: Path, arguments: list[str], status: int, words: str) -> None:
    returned, out, err = run("catalog", *arguments, directory=tmp_path)
    assert (returned, out) == (status, "")
    assert words in err


def test_explain(tmp_path: Path) -> None:
    status, out, err = run("explain", "msh460", directory=tmp_path)
    assert (status, err) == (0, "")
    assert out == (ROOT / "docs/diagnostics/MSH460.md").read_text()
    assert "MSH460: unknown option\n" in run("explain", directory=tmp_path)[1]


def test_graph(scripts: Path) -> None:
    status, out, err = run("graph", "bad.sh", directory=scripts)
    assert (status, err) == (0, "")
    assert out.startswith("flowchart TD\n")
    assert "class n1 unmapped" in out
    assert run("graph", "--format", "dot", "bad.sh", directory=scripts)[1].startswith("digraph script {\n")
    assert run("graph", directory=scripts)[0] == 2
    assert "expected `fi`" in run("graph", "open.sh", directory=scripts)[2]
