"""`msh compile --target local`, `msh exec`: the same bytes and status as a run of the script, from the plan alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import docker
import pytest

from msh.catalog import load_catalog
from msh.cli.options import CATALOG_OPTIONS, RUN_OPTIONS, parse_options
from msh.config import load_settings
from msh.diagnostics import MshError
from msh.resolve import resolve
from msh.source import Source
from msh.syntax import parse
from tests.support import cases
from tests.support.docker_engine import IMAGE, Engine
from tests.support.exec_plans import MSH, ROOT, compiled, edited, plan_of, run, workspace

__all__ = ["workspace"]  # a fixture

EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.sh"))
EVERY = 4  # cases, to be quick


# ---- the same as a run ---------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_does_what_it_does_in_bash(name: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    made = subprocess.run(
        [*MSH, "compile", "--target", "local", f"examples/{name}", "-o", plan], cwd=ROOT, capture_output=True
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout.decode().startswith(f"wrote {plan}  ")
    bash = subprocess.run(["bash", f"examples/{name}"], cwd=ROOT, capture_output=True, check=True)
    ran = subprocess.run([*MSH, "exec", plan], cwd=ROOT, capture_output=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, bash.stdout, b"")


def _cases() -> list[cases.Case]:
    """Cases that can be known beforehand: those whose commands the run has to find out need a catalog."""
    known = [case for case in cases.read_cases("run") if "diagnostics" not in case.sections and case.on_lines == []]
    return [case for case in known if "--posix" not in cases.arguments(case)]  # which is a run's, not a plan's


CASES = cases.sample(_cases(), EVERY)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_a_case_gives_the_same_bytes_and_status(
    case: cases.Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, script = cases.make_workspace(case, tmp_path)
    monkeypatch.chdir(place)
    options = cases.arguments(case)
    try:
        plan = compiled(script, place, *options)
    except MshError as refused:
        if [found.code for found in refused.diagnostics] == ["MSH304"]:
            return
        ran = cases.run([*MSH, *options, str(script)], place, case.section("stdin"))
        assert str(ran.status) == (case.section("status") or "0"), refused
        return
    catalogs = {option.flags[-1] for option in CATALOG_OPTIONS}
    given = parse_options(options, RUN_OPTIONS).options
    kept = [word for option, value in given if option.flags[-1] not in catalogs for word in (option.flags[-1], value)]
    ran = cases.run([*MSH, "exec", *[word for word in kept if word], str(plan)], place, case.section("stdin"))
    expected = (case.stdout, int(case.section("status") or 0))
    if (ran.stdout, ran.status) != expected and _asks_later(script, place):
        assert b"MSH201" in ran.stderr or b"MSH204" in ran.stderr  # only the run knows: not pinned, refused
        return
    assert (ran.stdout, ran.status) == expected, ran.stderr.decode()


def _asks_later(script: Path, workspace: Path) -> bool:
    source = Source(str(script), script.read_bytes().decode("utf-8", "surrogateescape"))
    return bool(resolve(parse(source), source, load_catalog(load_settings((), {}, str(workspace)), "/")).dynamic)


def test_arguments_name_and_input(workspace: Path) -> None:
    plan = plan_of('cat; echo "$0 $# $2 ${BASH_SOURCE[0]}"; exit 7\n', workspace)
    expected = cases.run(["bash", str(workspace.parent / "script.sh"), "a", "b c"], workspace, "input\n")
    ran = cases.run([*MSH, "exec", str(plan), "a", "b c"], workspace, "input\n")
    assert (ran.stdout, ran.status) == (expected.stdout, 7)


def test_bytes_that_are_not_text_survive(workspace: Path) -> None:
    script = workspace.parent / "script.sh"
    script.write_bytes(b"printf '%s\\n' '\xff\xc3\xa9' | sort\n")
    assert run(compiled(script, workspace), workspace).stdout == b"\xff\xc3\xa9\n"


def test_shell_options_are_the_runs(workspace: Path) -> None:
    plan = plan_of("false\necho on\n", workspace)
    assert run(plan, workspace).stdout == b"on\n"
    assert run(plan, workspace, options=("-e",)).status == 1


# ---- without the catalog -------------------------------------------------------------

POISON = '[sort]\nrun = { host = "false" }\n[uniq]\nalias = ["nothing"]\n'


def test_no_catalog_is_read(workspace: Path) -> None:
    """Every place where a catalog may lie holds one that changes `sort`, and one is not even there."""
    plan = plan_of("sort x | uniq -c\n", workspace)
    home = workspace.parent / "home"
    (home / ".config/msh/catalog").mkdir(parents=True)
    (home / ".config/msh/catalog/bad.toml").write_text(POISON)
    (workspace / "msh.toml").write_text(POISON)
    (workspace.parent / "bin").mkdir()
    command = workspace.parent / "bin/sort"
    command.write_text('#!/usr/bin/env msh\nrun = { host = "false" }\n')
    command.chmod(0o755)
    environment = {
        **cases.environment(workspace.parent),
        "PATH": f"{command.parent}:/usr/bin:/bin",
        "MSH_CATALOG": "/nowhere/catalog.toml",
        "MSH_TRUST": "1",
    }
    ran = subprocess.run(
        [*MSH, "exec", "--allow-weaker", "paths", plan], cwd=workspace, env=environment, capture_output=True
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == (b"      1 a\n      1 b\n", b"", 0)


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace")
def test_no_catalog_file_is_opened(workspace: Path) -> None:
    plan = plan_of("sort x\n", workspace)
    (workspace / "msh.toml").write_text(POISON)
    log = workspace.parent / "log"
    traced = ["strace", "-f", "-e", "trace=open,openat", "-o", str(log), *MSH, "exec", str(plan)]
    assert cases.run(traced, workspace).stdout == b"a\nb\n"
    opened = re.findall(r'open(?:at)?\([^"]*"([^"]+)"', log.read_text(errors="replace"))
    assert str(plan) in opened
    assert [path for path in opened if path.endswith(".toml") or "standard_tables" in path] == []


def test_what_is_not_pinned_is_not_there(workspace: Path) -> None:
    plan = plan_of('sort x\nfor name in sort uniq /usr/bin/sort; do "$name" x; echo $?; done\n', workspace)
    ran = run(plan, workspace)
    assert ran.stdout == b"a\nb\na\nb\n0\n127\n127\n"
    assert b"MSH201" in ran.stderr


def test_a_command_that_is_only_asked_for_is_pinned(workspace: Path) -> None:
    plan = plan_of("command -v sort nosuch; type -t uniq; type -t nosuch; hash comm && echo known\n", workspace)
    assert run(plan, workspace).stdout == b"/usr/bin/sort\nfile\nknown\n"


def test_a_script_without_its_command_runs_nothing(workspace: Path) -> None:
    plan = plan_of("echo begun; sort x\n", workspace)
    edited(plan, "commands", "commands", value={})
    ran = run(plan, workspace)
    assert (ran.stdout, ran.status) == (b"", 127)


def test_entries_of_a_catalog_file_are_taken_along(workspace: Path) -> None:
    catalog = workspace.parent / "mine.toml"
    catalog.write_text('[ll]\nalias = ["ls", "-1"]\n[shout]\nrun = { host = "tr" }\narguments = ["a-z", "A-Z"]\n')
    plan = plan_of("ll | shout\n", workspace, "--catalog", str(catalog))
    catalog.unlink()
    assert run(plan, workspace).stdout == b"X\n"


# ---- images --------------------------------------------------------------------------

BOXED = f'[cat]\nrun = {{ image = "{IMAGE}", program = "/bin/cat" }}\noperands = "read"\n'


def test_an_image_without_an_engine_is_noted(workspace: Path) -> None:
    (workspace.parent / "boxed.toml").write_text(BOXED)
    (workspace / "script.sh").write_text("cat x\n")
    made = subprocess.run(
        [*MSH, "compile", "--target", "local", "--catalog", "../boxed.toml", "script.sh"],
        cwd=workspace,
        env={**cases.environment(workspace.parent), "DOCKER_HOST": "unix:///nowhere/socket"},
        capture_output=True,
    )
    assert b"note[MSH474]" in made.stderr
    [step] = [stage["step"] for stage in json.loads(made.stdout)["pipelines"][0]["stages"]]
    assert (step["backend"], step["image"], step["program"]) == ("docker", IMAGE, "/bin/cat")


@pytest.mark.docker
def test_an_image_is_pinned_by_its_content(
    docker_engine: Engine, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan runs the image that the name stood for, when the name has come to stand for another."""
    monkeypatch.setenv("DOCKER_HOST", docker_engine.host)
    (workspace.parent / "boxed.toml").write_text(BOXED)
    plan = plan_of("cat x | sort | cat\ncat nosuch\n", workspace, "--catalog", str(workspace.parent / "boxed.toml"))
    document = json.loads(plan.read_text())
    images = [stage["step"].get("image") for stage in document["pipelines"][0]["stages"]]
    assert images[0] == images[2]
    assert re.fullmatch(r"(.+@)?sha256:[0-9a-f]{64}", images[0])
    assert images[1] is None
    client = docker.APIClient(base_url=docker_engine.host, version="auto")
    try:
        client.tag(IMAGE, "msh-test/kept", "1")
        client.remove_image(IMAGE)
        environment = {**cases.environment(workspace.parent), "DOCKER_HOST": docker_engine.host}
        ran = subprocess.run(
            [*MSH, "exec", "--allow-weaker", "paths", plan], cwd=workspace, env=environment, capture_output=True
        )
    finally:
        client.tag("msh-test/kept:1", IMAGE.rpartition(":")[0], IMAGE.rpartition(":")[2])
        client.close()
    bash = cases.run(["bash", str(plan.with_suffix(".sh"))], workspace)
    assert (ran.stdout, ran.returncode) == (bash.stdout, bash.status)
