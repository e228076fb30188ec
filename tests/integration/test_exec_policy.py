"""What `msh exec` grants to a plan, and the plans that it refuses."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.support import cases
from tests.support.exec_plans import MSH, edited, plan_of, run, workspace

__all__ = ["workspace"]  # a fixture


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
    assert ran.stdout == b"127\n"
    assert b"MSH403" in ran.stderr
