"""Every case under `tests/cases`, area by area; `tests/support/cases.py` has the format."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from msh.cli.options import CATALOG_OPTIONS, GRANT_OPTIONS, RUN_OPTIONS, parse_options
from msh.config import load_settings
from msh.diagnostics import Diagnostic, MshError
from msh.render import in_order
from msh.source import Source
from tests.support import cases
from tests.support.cases import Case, Ran

MSH = [sys.executable, "-m", "msh"]


def each(area: str) -> pytest.MarkDecorator:
    """One test for each case of an area."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases.read_cases(area)])


@each("parse")
def test_parse(case: Case) -> None:
    """The tree, or what is wrong with the text."""
    from msh.syntax import parse  # each area imports its own stage, so that a broken stage fails its own cases
    from tests.support.syntax_tree import tree_text

    source = Source("case.sh", case.script)
    try:
        script = parse(source)
    except MshError as error:
        check_diagnostics(case, list(error.diagnostics))
        return
    check_diagnostics(case, [])
    if "tree" in case.sections:
        check(case, "tree", case.section("tree"), tree_text(script))


@each("resolve")
def test_resolve(case: Case, tmp_path: Path) -> None:
    """What the resolver finds; with `args: --strict` also what only the run will know."""
    from msh.catalog import load_catalog
    from msh.resolve import resolve_reading
    from msh.syntax.reading import read

    workspace, _ = cases.make_workspace(case, tmp_path)
    arguments = [argument for argument in cases.arguments(case) if argument != "--strict"]
    given = parse_options(arguments, CATALOG_OPTIONS + GRANT_OPTIONS).settings()
    settings = load_settings(given, {}, str(workspace))
    source = Source("case.sh", case.script)
    catalog = load_catalog(settings, str(workspace))
    try:
        resolution = resolve_reading(read(source), source, catalog)
    except MshError as error:
        check_diagnostics(case, error.diagnostics)
        return
    strict = resolution.dynamic if "--strict" in cases.arguments(case) else ()
    check_diagnostics(case, sorted([*resolution.diagnostics, *strict], key=lambda found: found.labels[0].start))


@each("plan")
def test_plan(case: Case, tmp_path: Path) -> None:
    """How a script is taken apart, or why it cannot be."""
    from msh.catalog import load_catalog
    from msh.plan.build import build_plan
    from msh.resolve import resolve
    from msh.syntax import parse
    from tests.support.plan_text import plan_text

    workspace, _ = cases.make_workspace(case, tmp_path)
    given = parse_options(cases.arguments(case), CATALOG_OPTIONS).settings()
    catalog = load_catalog(load_settings(given, {}, str(workspace)), str(workspace))
    source = Source("case.sh", case.script)
    script = parse(source)
    try:
        plan = build_plan(script, source, resolve(script, source, catalog))
    except MshError as error:
        check_diagnostics(case, list(error.diagnostics))
        return
    check_diagnostics(case, [])
    check(case, "plan", case.section("plan"), plan_text(plan))


@each("asl")
def test_asl(case: Case, tmp_path: Path) -> None:
    """What a script's state machine looks like, or why there is none; no machine has a defect."""
    from msh.aws.defects import defects
    from msh.aws.limits import refusals
    from msh.aws.states import compile_plan
    from msh.catalog import load_catalog
    from msh.plan.build import build_plan
    from msh.resolve import resolve
    from msh.syntax import parse
    from tests.support.asl_text import asl_text

    workspace, _ = cases.make_workspace(case, tmp_path)
    source = Source("case.sh", case.script)
    catalog = load_catalog(load_settings({}, {}, str(workspace)), str(workspace))
    script = parse(source)
    machine = compile_plan(build_plan(script, source, resolve(script, source, catalog)))
    document = machine.document()
    found = refusals(machine, document, source)
    check_diagnostics(case, found)
    assert defects(document) == []
    if not found:
        check(case, "asl", case.section("asl"), asl_text(document))


@each("run")
def test_run(case: Case, tmp_path: Path) -> None:
    """What msh prints and returns; real bash must agree, or the case says why not."""
    check_both(case, tmp_path)


@each("machine")
def test_machine(case: Case, tmp_path: Path) -> None:
    """Scripts that state machines run as well; first they are what msh and bash make of them."""
    check_both(case, tmp_path)


def check_both(case: Case, tmp_path: Path) -> None:
    """The case in msh, and in bash unless it says why not."""
    workspace, script = cases.make_workspace(case, tmp_path / "msh")
    ran = cases.run([*MSH, *cases.arguments(case), str(script)], workspace, case.section("stdin"))
    check_run(case, ran, "msh")
    if "bash" not in case.sections:
        workspace, script = cases.make_workspace(case, tmp_path / "bash")
        ran = cases.run(["bash", *shell_options(case), str(script)], workspace, case.section("stdin"))
        check_run(case, ran, "bash", stderr=False)


@each("grants")
def test_grants(case: Case, tmp_path: Path) -> None:
    """What each step would be allowed."""
    workspace, script = cases.make_workspace(case, tmp_path)
    argv = [*MSH, "check", "--grants", *cases.arguments(case), str(script)]
    ran = cases.run(argv, workspace)
    text = ran.stdout.decode().replace(str(workspace), "$WORKSPACE").replace(str(script), "case.sh")
    check(case, "grants", case.section("grants"), text, ran.stderr)
    check(case, "status", case.section("status") or "0", str(ran.status), ran.stderr)


@each("escape")
def test_escape(case: Case, tmp_path: Path) -> None:
    """What a hostile script gets when nothing is granted."""
    workspace, script = cases.make_workspace(case, tmp_path)
    argv = [*MSH, "--workspace", "none", *cases.arguments(case), str(script)]
    check_run(case, cases.run(argv, workspace, case.section("stdin")), "msh")


def check_run(case: Case, ran: Ran, shell: str, *, stderr: bool = True) -> None:
    """Output and status, and for msh the words of its standard error."""
    check(case, f"stdout of {shell}", show(case.stdout), show(ran.stdout), ran.stderr)
    check(case, f"status of {shell}", case.section("status") or "0", str(ran.status), ran.stderr)
    for words in case.section("stderr-contains").splitlines() if stderr else ():
        if words not in ran.stderr.decode(errors="replace"):
            pytest.fail(f"{case.id}\nstandard error has no `{words}`, but:\n{show(ran.stderr)}", pytrace=False)


def check_diagnostics(case: Case, found: list[Diagnostic]) -> None:
    """The `diagnostics` section and the codes on the lines; a missing and an extra one both fail."""
    found = in_order(found)
    shown = "".join([diagnostic_line(diagnostic) + "\n" for diagnostic in found])
    on_lines = [(d.source.position(d.labels[0].start)[0], d.code) for d in found if d.source and d.labels]
    if case.on_lines and "diagnostics" not in case.sections:
        assert sorted(on_lines) == sorted(case.on_lines), f"{case.id}\n{shown}"
    else:
        check(case, "diagnostics", case.section("diagnostics"), shown)


def diagnostic_line(diagnostic: Diagnostic) -> str:
    """``MSH201 1:1-1:5 `gerp` is not in the catalog; help: …``; further labels as `; 1:1-1:3 opened here`."""
    spans = []
    for label in diagnostic.labels if diagnostic.source else ():
        (line, column), (end_line, end_column) = (diagnostic.source.position(o) for o in (label.start, label.end))
        spans.append((f"{line}:{column}-{end_line}:{end_column}", label.text))
    severity = [] if diagnostic.severity == "error" else [diagnostic.severity]
    head = " ".join([diagnostic.code, *severity, *[span for span, _ in spans[:1]], diagnostic.message])
    further = [f"{span} {text}" for span, text in spans[1:]]
    return "; ".join([head, *further, *([f"help: {diagnostic.help}"] if diagnostic.help else [])])


def check(case: Case, what: str, expected: str, actual: str, stderr: bytes = b"") -> None:
    """Fails with both texts; the actual one can be pasted into the case."""
    if expected != actual:
        pytest.fail(
            f"{case.id}\n{what}, expected:\n{expected}\nactual:\n{actual}" + (f"\n{show(stderr)}" if stderr else ""),
            pytrace=False,
        )


def show(data: bytes) -> str:
    """Bytes as text, other bytes escaped."""
    return data.decode("utf-8", "backslashreplace")


def shell_options(case: Case) -> list[str]:
    """Those of the case's options that bash has too (`-e`, `-o pipefail`)."""
    given = parse_options(cases.arguments(case), RUN_OPTIONS).options
    return [word for option, value in given if option.shell for word in (option.flags[0], *([value] if value else []))]


def test_bash_is_here() -> None:
    """The comparison with bash means something only when there is one."""
    assert subprocess.run(["bash", "-c", "echo $BASH_VERSION"], capture_output=True, check=True).stdout[:1] >= b"5"
