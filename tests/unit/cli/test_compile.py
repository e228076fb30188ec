"""`msh compile` from outside: what it refuses, and that it then writes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import msh
from msh.cli.output_directory import write_files
from msh.diagnostics import MshError
from msh.sandbox.task import GAPS

ROOT = Path(msh.__file__).parent.parent


def run(*arguments: str, directory: Path, stdin: str = "") -> tuple[int, str, str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(directory)}
    command = [sys.executable, "-m", "msh", "compile", *arguments]
    done = subprocess.run(command, cwd=directory, env=environment, input=stdin, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_what_is_not_mapped_is_refused_and_nothing_written(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("gerp x | sotr\n")
    status, out, err = run("a.sh", "-o", "build", directory=tmp_path)
    assert (status, out) == (1, "")
    assert "`gerp`" in err and "`sotr`" in err
    assert os.listdir(tmp_path) == ["a.sh"]


@pytest.mark.parametrize("target", ["aws", "local"])
def test_a_script_with_aliases_is_refused(target: str, tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("shopt -s expand_aliases\nalias ll='ls -l'\nll\n")
    status, out, err = run("a.sh", "--target", target, "-o", "build", directory=tmp_path)
    assert (status, out) == (1, "")
    assert "MSH304" in err and "a.sh:2:1" in err
    assert os.listdir(tmp_path) == ["a.sh"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.sh"], "needs a directory to write to: `-o DIR`"),
        (["-o", "build"], "needs one script"),
        (["a.sh", "-o", "build", "--target", "moon"], "`--target` is `moon`"),
        (["nope.sh", "-o", "build"], "MSH462"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "a.sh").write_text("true\n")
    status, out, err = run(*arguments, directory=tmp_path)
    assert (status, out) == (2, "")
    assert words in err


def test_files_appear_at_once_in_a_new_directory(tmp_path: Path) -> None:
    os.umask(os.umask(0o022))
    write_files(str(tmp_path / "x/build"), {"a": b"1", "b": b"2"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "x/build").iterdir()} == {"a": b"1", "b": b"2"}
    assert os.listdir(tmp_path / "x") == ["build"]
    assert (tmp_path / "x/build").stat().st_mode & 0o500 == 0o500


def test_other_files_of_a_directory_stay(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build/mine").write_text("keep")
    (tmp_path / "build/a").write_text("old")
    write_files(str(tmp_path / "build"), {"a": b"new"})
    assert {path.name: path.read_text() for path in (tmp_path / "build").iterdir()} == {"mine": "keep", "a": "new"}
    assert os.listdir(tmp_path) == ["build"]


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MshError) as caught:
        write_files(str(tmp_path / "file"), {"a": b""})
    assert caught.value.diagnostics[0].code == "MSH469"
    assert os.listdir(tmp_path) == ["file"]


REPORT = """\
set -eu
n=${1:-5}
for f in a b c; do
  sort "$f" | uniq -c > "$f.out"
done
if [ -s a.out ]; then
  sleep 2
  head -n "$n" a.out
fi
"""
NAMES = ["machine.asl.json", "plan.json", "policy.json", "template.json", "worker.zip"]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    (tmp_path / "report.sh").write_text(REPORT)
    return tmp_path


def test_all_files_are_written_and_named(report: Path) -> None:
    status, out, err = run("report.sh", "-o", "build", directory=report)
    assert (status, err) == (0, "")
    assert sorted(os.listdir(report / "build")) == NAMES
    assert all(f"wrote build/{name}  " in out for name in NAMES)
    assert "1 map" in out and "1 wait" in out and "worker: lambda-zip" in out


def test_the_same_for_programs(report: Path) -> None:
    status, out, _ = run("report.sh", "-o", "build", "--estimate", "--format", "json", directory=report)
    document = json.loads(out)
    assert (status, sorted(document["files"]), document["worker"]) == (0, NAMES, "lambda-zip")
    assert document["files"]["worker.zip"] == (report / "build/worker.zip").stat().st_size
    assert document["shape"]["maps"] == document["shape"]["waits"] == 1
    assert 0 < document["estimate"]["low"] < document["estimate"]["high"]


def test_an_estimate_alone_writes_nothing(report: Path) -> None:
    status, out, _ = run("report.sh", "--estimate", directory=report)
    assert status == 0 and "one run: $" in out and "wrote" not in out
    assert os.listdir(report) == ["report.sh"]


def test_the_same_script_gives_the_same_bytes_wherever_it_lies(report: Path) -> None:
    (report / "deep/er").mkdir(parents=True)
    (report / "deep/er/report.sh").write_text(REPORT)
    run("report.sh", "-o", "one", directory=report)
    run(str(report / "deep/er/report.sh"), "-o", "two", directory=report)
    for name in NAMES:
        assert (report / "one" / name).read_bytes() == (report / "two" / name).read_bytes(), name
        assert str(report).encode() not in (report / "one" / name).read_bytes()


def test_the_template_holds_the_machine_and_names_its_zip(report: Path) -> None:
    run("report.sh", "-o", "build", "--memory", "512", "--task-timeout", "60", directory=report)
    template = json.loads((report / "build/template.json").read_text())
    machine = json.loads((report / "build/machine.asl.json").read_text())
    resources = template["Resources"]
    assert json.loads(resources["Machine"]["Properties"]["DefinitionString"]) == machine
    function = resources["Worker"]["Properties"]
    assert (function["MemorySize"], function["Timeout"], function["Handler"]) == (512, 60, "msh.aws.worker.handler")
    digest = hashlib.sha256((report / "build/worker.zip").read_bytes()).hexdigest()
    assert template["Parameters"]["CodeKey"]["Default"] == f"msh/{digest}.zip"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--memory", "64"], "`--memory` is `64`: expected 128 to 10240 MB"),
        (["--worker", "lamda-zip"], "did you mean `lambda-zip`?"),
        (["--worker", "image"], "error[MSH332]"),
        (["--region", "moon-1", "--estimate"], "error[MSH334]"),
        (["--target", "local", "--estimate"], "`--estimate` is an option of `--target aws`"),
    ],
)
def test_what_cannot_be_chosen(report: Path, arguments: list[str], words: str) -> None:
    status, out, err = run("report.sh", "-o", "build", *arguments, directory=report)
    assert status in (1, 2) and out == "" and words in err
    assert os.listdir(report) == ["report.sh"]


def test_all_refusals_come_at_once(report: Path) -> None:
    (report / "report.sh").write_text('find . | xargs tar c\ncat "s3://$b/x"\n')
    status, out, err = run("report.sh", "-o", "build", "--worker", "image", directory=report)
    assert (status, out) == (1, "")
    assert "MSH332" in err and "MSH335" in err
    status, out, err = run("report.sh", "-o", "build", directory=report)
    assert (status, out, err.count("error[MSH330]")) == (1, "", 3)
    status, out, err = run("report.sh", "-o", "build", "--format", "json", directory=report)
    assert (status, err) == (1, "")
    assert [each["code"] for each in json.loads(out)["findings"]] == ["MSH330", "MSH330", "MSH330", "MSH335"]
    assert os.listdir(report) == ["report.sh"]


def check(*arguments: str, directory: Path) -> tuple[int, str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(directory)}
    command = [sys.executable, "-m", "msh", "check", "--target", "aws", *arguments]
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_check_notes_what_it_becomes(report: Path) -> None:
    (report / "report.sh").write_text('while read -r x; do echo "$x"; done < names\nsed p names\n')
    status, out = check("--format", "json", "report.sh", directory=report)
    findings = json.loads(out)["findings"]
    assert (status, {each["severity"] for each in findings}) == (0, {"note"})
    assert [each["code"] for each in findings] == ["MSH338", "MSH337", "MSH336"]
    assert findings[1]["help"] == "no source confirms that they have `sed`"
    assert findings[2]["range"]["start"]["line"] == 1


def test_check_says_why_it_cannot_run_there(report: Path) -> None:
    (report / "report.sh").write_text("find .\n")
    status, out = check("report.sh", directory=report)
    assert status == 1 and "error[MSH330]" in out and "MSH338" not in out


def test_the_page_of_the_task_sandbox_names_every_gap() -> None:
    page = (ROOT / "docs/diagnostics/MSH338.md").read_text()
    for gap in GAPS:
        closed = " (closed where the worker's kernel has Landlock)" if gap.landlock else ""
        assert f"- **{gap.topic}**: {gap.text}{closed}\n" in page


def test_a_name_that_is_no_text_does_no_harm(tmp_path: Path) -> None:
    name = os.fsdecode(b"a\xff${Bucket}\n.sh")
    (tmp_path / name).write_text("true\n")
    status, _, err = run(name, "-o", "build", directory=tmp_path)
    assert (status, err) == (0, "")
    described = json.loads((tmp_path / "build/template.json").read_text())["Description"]
    assert described.isprintable()


def test_a_name_that_is_known_only_at_run_time_may_be_any_that_the_worker_has(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text('"$1" x\n')
    assert run("a.sh", "-o", "build", directory=tmp_path)[0] == 0
    with zipfile.ZipFile(tmp_path / "build/worker.zip") as archive:
        commands = json.loads(archive.read("commands.json"))["commands"]
    assert {"grep", "sort", "bash"} <= set(commands)
    assert not {"find", "tar", "git"} & set(commands)
