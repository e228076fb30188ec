"""`msh compile --target local`, `msh exec`: the same bytes and status as a run of the script, from the plan alone."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import docker
import pytest

from msh.catalog import load_catalog
from msh.cli.local import compile_script
from msh.cli.options import CATALOG_OPTIONS, RUN_OPTIONS, parse_options
from msh.config import load_settings
from msh.diagnostics import MshError
from msh.plan.aliases import read_plain
from msh.plan.bundle import Job
from msh.plan.pins import pins_of
from msh.resolve import resolve
from msh.source import Source
from msh.syntax import parse
from tests.support import cases
from tests.support.docker_engine import IMAGE, Engine

ROOT = Path(__file__).parents[2]
MSH = [sys.executable, "-m", "msh"]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.sh"))
EVERY = 4  # of the cases, to be quick; the order of the files spreads them over all areas


def compiled(script: Path, workspace: Path, *options: str) -> Path:
    """The plan of a script, beside it. Raises MshError as compiling does."""
    given = parse_options(options, RUN_OPTIONS).settings()
    settings = load_settings(given, {}, str(workspace))
    source = Source(str(script), script.read_bytes().decode("utf-8", "surrogateescape"), str(script))
    catalog = load_catalog(settings, str(workspace), {"HOME": str(script.parent / "home")})
    tree = read_plain(source)
    pins = pins_of(tree, source, catalog)
    if pins.resolution.diagnostics:
        raise MshError(*pins.resolution.diagnostics)
    bundle = compile_script(Job(tree, source, pins.resolution, catalog, settings, str(workspace), {}, pins.specs))
    plan = script.with_suffix(".json")
    plan.write_bytes(bundle.files["plan.json"])
    return plan


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace/x").write_text("b\na\n")
    monkeypatch.chdir(tmp_path / "workspace")
    return tmp_path / "workspace"


def plan_of(text: str, workspace: Path, *options: str) -> Path:
    script = workspace.parent / "script.sh"
    script.write_text(text)
    return compiled(script, workspace, *options)


def run(plan: Path, workspace: Path, *arguments: str, options: tuple[str, ...] = ()) -> cases.Ran:
    return cases.run([*MSH, "exec", *options, str(plan), *arguments], workspace)


def edited(plan: Path, *keys: str, value: object) -> None:
    document = json.loads(plan.read_text())
    inner = document
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    plan.write_text(json.dumps(document))


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


CASES = _cases()[:: int(os.environ.get("MSH_EXEC_EVERY", EVERY))]


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
        assert str(ran.status) == case.section("status"), refused
        return
    catalogs = {option.flags[-1] for option in CATALOG_OPTIONS}
    given = parse_options(options, RUN_OPTIONS).options
    kept = [word for option, value in given if option.flags[-1] not in catalogs for word in (option.flags[-1], value)]
    ran = cases.run([*MSH, "exec", *[word for word in kept if word], str(plan)], place, case.section("stdin"))
    expected = (case.stdout, int(case.section("status") or 0))
    if (ran.stdout, ran.status) != expected and _asks_later(script, place):
        assert b"MSH201" in ran.stderr  # a name that only the run knows is not pinned, and is refused as such
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
    ran = subprocess.run([*MSH, "exec", plan], cwd=workspace, env=environment, capture_output=True)
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


# ---- policy --------------------------------------------------------------------------


def test_a_plan_grants_nothing(workspace: Path) -> None:
    """What may be touched is for who runs it to say, whatever was granted when it was compiled."""
    (workspace.parent / "data").write_text("data\n")
    plan = plan_of("cat ../data\n", workspace, "--allow-read", str(workspace.parent / "data"))
    refused = run(plan, workspace)
    assert (refused.stdout, refused.status) == (b"", 126)
    assert b"MSH401" in refused.stderr
    assert run(plan, workspace, options=("--allow-read", "../data")).stdout == b"data\n"
    assert run(plan_of("cat x\n", workspace), workspace, options=("--workspace", "none")).status == 126


PROBE = '[probe]\nlike = "{}"\nrun = {{ host = "{}" }}\n'
PROBED = '#!/usr/bin/perl\nopen(my $mounts, "<", "/proc/self/mountinfo") or die; print <$mounts>;\n'
LISTED = {"workspace": "", "flag": "", "device": "", "tmp": "  (the run's private /tmp)", "base": "  (base system)"}


@pytest.mark.parametrize(
    ("like", "words", "expected"),
    [
        ("cat", "x d/y", {"x": "ro", "d/y": "ro"}),
        ("cat", "/usr/bin/env /tmp/t missing", {}),
        ("ls", "d", {"d": "ro"}),
        ("rm", "d/y", {"d": "rw"}),
        ("tee", "x", {"x": "rw"}),
        ("cp", "x d", {"x": "ro", "d": "rw"}),
        ("grep", "-r -e word d", {"d": "ro"}),
        ("git", "status", {".": "rw"}),
        ("sort", '"$known"', {".": "rw"}),
    ],
)
def test_steps_say_what_is_bound(like: str, words: str, expected: dict[str, str], workspace: Path) -> None:
    """The plan, `msh check --grants`, and the mounts that the step itself sees in its namespace."""
    (workspace / "d").mkdir()
    (workspace / "d/y").write_text("")
    catalog, program = workspace.parent / "probe.toml", workspace.parent / "probed"
    catalog.write_text(PROBE.format(like, program))
    program.write_text(PROBED)
    program.chmod(0o755)
    plan = plan_of(f"known=x; probe {words}\n", workspace, "--catalog", str(catalog))
    [step] = [stage["step"] for stage in json.loads(plan.read_text())["pipelines"][0]["stages"]]
    assert step["backend"] == "bubblewrap"
    assert step["program"] == str(program)
    assert _bound(step, workspace) == expected
    really = {"x": "ro"} if "$known" in words else expected  # by then it is known, and the grant is narrow
    assert _mounted(run(plan, workspace).stdout.decode(), workspace) == really
    script = plan.with_suffix(".sh")
    check = cases.run([*MSH, "check", "--grants", "--catalog", str(catalog), str(script)], workspace)
    assert check.stdout.decode().splitlines()[1:] == _listing(step)


def _bound(step: dict[str, Any], workspace: Path) -> dict[str, str]:
    """The places in the workspace that the binds of a step come to, with their mode."""
    found = {".": "rw" if step["workspace"] == "write" else "ro"} if step["workspace"] != "none" else {}
    for bind in step["binds"]:
        mode = "ro" if bind["kind"] in ("read", "list") else "rw"
        path = bind["path"] if isinstance(bind["path"], str) else "."
        if bind["grant"] != "workspace" or not (workspace / path).exists():
            continue
        if mode == "rw" or found.get(path) is None:
            found[path] = mode
    around = found.get(".")
    return {".": around} if around == "rw" else found


def _mounted(output: str, workspace: Path) -> dict[str, str]:
    """The mounts of a step in the workspace: mount point and per-mount options (proc_pid_mountinfo(5))."""
    fields = [line.split() for line in output.splitlines() if line.split()[3:4] and " - " in line]
    inside = [words for words in fields if words[4] == str(workspace) or words[4].startswith(f"{workspace}/")]
    return {os.path.relpath(words[4], workspace): words[5].split(",")[0] for words in inside}


def _listing(step: dict[str, Any]) -> list[str]:
    """The lines that the binds of a step are in `msh check --grants`."""
    lines = [f"  {step['workspace']:<8} the whole workspace"] if step["workspace"] != "none" else []
    for bind in step["binds"]:
        path = bind["path"]
        if not isinstance(path, str):
            lines.append(f"  {bind['kind']:<8} (known at run time; in the workspace)")
        elif bind["grant"] == "refused":
            flag = "--allow-read" if bind["kind"] in ("read", "list") else "--allow-write"
            lines.append(f"  {bind['kind']:<8} {path}  (refused: {flag} {path} would grant it)")
        else:
            lines.append(f"  {bind['kind']:<8} {path}{LISTED[bind['grant']]}")
    lines += [f"  run      {name}" for name in step["runs"]]
    return list(dict.fromkeys(lines))


def test_every_pipeline_of_a_script_is_written(workspace: Path) -> None:
    text = """\
sort < x | while read -r line; do grep -c -- "$line" x; done > out
if [ "$(wc -l < x)" -gt 1 ] && true; then sh -c 'head -n 1 x | cat'; fi
f() { find . -name '*.c' -exec wc -c {} + | tail -n 1; }
curl -o page https://example.org/ || echo "$1" | tr a-z A-Z
"""
    document = json.loads(plan_of(text, workspace).read_text())
    shown = [
        (p["line"], [s["step"] and [s["step"]["command"], s["step"]["context"]] for s in p["stages"]])
        for p in document["pipelines"]
    ]
    assert shown == [
        (1, [["sort", ""], None]),
        (1, [["grep", ""]]),
        (2, [["wc", "substitution"]]),
        (2, [["head", "sh -c"]]),
        (2, [["cat", "sh -c"]]),
        (3, [["find", "function f"], ["tail", "function f"]]),
        (4, [["curl", ""]]),
        (4, [None, ["tr", ""]]),
    ]
    opened = [(entry["operator"], entry["bind"]["kind"], entry["bind"]["path"]) for entry in document["opened"]]
    assert opened == [("<", "read", "x"), (">", "write", "out"), ("<", "read", "x")]
    steps = [stage["step"] for pipeline in document["pipelines"] for stage in pipeline["stages"] if stage["step"]]
    assert steps[1]["argv"] == ["grep", "-c", "--", {"begins": "", "many": False}, "x"]
    assert steps[5]["runs"] == ["wc"]
    assert [step["network"] for step in steps if step["command"] != "curl"] == ["none"] * 8
    assert steps[7]["network"] == "refused"
    assert sorted(document["commands"]["commands"]) == sorted(
        {"sort", "grep", "wc", "sh", "head", "cat", "find", "tail", "curl", "tr"}
    )


# ---- what is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        (lambda plan: plan.write_bytes(plan.read_bytes()[:500]), "MSH471", "cut off"),
        (lambda plan: plan.write_text(""), "MSH471", "cut off"),
        (lambda plan: plan.write_text("echo hello\n"), "MSH471", "none at all"),
        (lambda plan: plan.write_bytes(b"\xff\xfe\x00{"), "MSH471", ""),
        (lambda plan: plan.write_text("[" * 100_000), "MSH471", "nested too deeply"),
        (lambda plan: plan.write_text("1" * 10_000), "MSH471", ""),
        (lambda plan: plan.write_text("[]"), "MSH471", "not an object"),
        (lambda plan: plan.write_text("{}"), "MSH471", "does not say"),
        (lambda plan: edited(plan, "version", value="1"), "MSH471", "does not say"),
        (lambda plan: edited(plan, "version", value=2), "MSH473", "version 2"),
        (lambda plan: edited(plan, "script", "text", value="rm x\n"), "MSH472", "its hash is another"),
        (lambda plan: edited(plan, "script", "text", value="\ud800"), "MSH471", "half a character"),
        (lambda plan: edited(plan, "script", "text", value=1), "MSH471", "no `text`"),
        (lambda plan: edited(plan, "script", value=[]), "MSH471", "is missing"),
        (lambda plan: edited(plan, "backend", value="none"), "MSH471", "is missing"),
        (lambda plan: edited(plan, "backend", value=[]), "MSH471", "is missing"),
        (lambda plan: edited(plan, "commands", "version", value=9), "MSH470", "version 1"),
        (lambda plan: edited(plan, "commands", "commands", value=[]), "MSH470", ""),
        (lambda plan: edited(plan, "commands", "commands", "cat", value=1), "MSH471", "its entry of `cat`"),
        (lambda plan: edited(plan, "commands", "commands", "cat", "run", value={"host": 3}), "MSH471", "`3`"),
        (lambda plan: edited(plan, "commands", "commands", "cat", "origin", value=3), "MSH471", "not whole"),
        (lambda plan: edited(plan, "commands", "commands", "cat", "alias", value=["x"]), "MSH471", "`cat`"),
        (lambda plan: edited(plan, "commands", "commands", "cat", "like", value="tac"), "MSH471", "`cat`"),
    ],
)
def test_what_is_no_plan_is_refused(damage: Any, code: str, words: str, workspace: Path) -> None:
    plan = plan_of("cat x; touch ran\n", workspace)
    damage(plan)
    ran = run(plan, workspace)
    assert (ran.stdout, ran.status) == (b"", 2), ran.stderr
    assert ran.stderr.startswith(f"error[{code}]".encode()), ran.stderr
    assert words.encode() in ran.stderr
    assert not (workspace / "ran").exists()


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        ("exec", 2, "needs a plan"),
        ("exec none.json", 127, "MSH462"),
        ("exec .", 126, "MSH463"),
        ("exec --catalog x plan.json", 2, "MSH460"),
        ("exec --help", 0, ""),
        ("compile --target local script.sh -o no/such/plan.json", 2, "MSH469"),
        ("compile --target local script.sh -o workspace", 2, "MSH469"),
        ("compile --target local --estimate script.sh", 2, "is an option of `--target aws`"),
        ("compile --target local bad.sh", 1, "MSH201"),
    ],
)
def test_the_command_line(line: str, status: int, words: str, workspace: Path) -> None:
    (workspace.parent / "script.sh").write_text("sort x\n")
    (workspace.parent / "bad.sh").write_text("gerp x; nosuch\n")
    ran = cases.run([*MSH, *shlex.split(line)], workspace.parent / "workspace/..")
    assert ran.status == status, ran.stderr
    assert words.encode() in ran.stderr


def test_a_plan_on_standard_output_and_input(workspace: Path) -> None:
    (workspace / "script.sh").write_text("echo out; nosuchprogram=1; $nosuchprogram\n")
    made = cases.run([*MSH, "compile", "--target", "local", "script.sh"], workspace)
    assert json.loads(made.stdout)["script"]["name"] == "script.sh"
    assert b"note[MSH202]" in made.stderr
    assert cases.run([*MSH, "exec", "-"], workspace, made.stdout.decode()).stdout == b"out\n"


def test_a_program_that_is_not_here_is_noted(workspace: Path) -> None:
    catalog = workspace.parent / "mine.toml"
    catalog.write_text('[tool]\nrun = { host = "no-such-tool" }\n')
    (workspace / "script.sh").write_text("tool || echo $?\n")
    argv = [*MSH, "compile", "--target", "local", "--catalog", str(catalog), "script.sh", "-o", "plan.json"]
    made = cases.run(argv, workspace)
    assert (made.status, b"note[MSH475]" in made.stderr) == (0, True)
    ran = cases.run([*MSH, "exec", "plan.json"], workspace)
    assert ran.stdout == b"126\n"
    assert b"MSH403" in ran.stderr


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
        ran = subprocess.run([*MSH, "exec", plan], cwd=workspace, env=environment, capture_output=True)
    finally:
        client.tag("msh-test/kept:1", IMAGE.rpartition(":")[0], IMAGE.rpartition(":")[2])
        client.close()
    bash = cases.run(["bash", str(plan.with_suffix(".sh"))], workspace)
    assert (ran.stdout, ran.returncode) == (bash.stdout, bash.status)
