"""Plans of whole scripts: every script has one or is refused by code, and every part of it is in exactly one place."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from msh.catalog import load_catalog
from msh.config import load_settings
from msh.diagnostics import MshError
from msh.plan.build import build_plan
from msh.plan.model import REASONS, Plan
from msh.plan.summary import regions_of, steps_of
from msh.resolve import resolve
from msh.source import Source
from msh.syntax import parse
from tests.support import cases
from tests.support.cases import Case
from tests.support.plan_text import plan_text
from tests.support.programs import Program

ROOT = Path(__file__).parent.parent.parent.parent
CATALOG = load_catalog(load_settings({}, {}, str(ROOT)), str(ROOT))
EXAMPLES = sorted((ROOT / "examples").glob("*.sh"))


def plan_of(text: str, name: str = "a.sh") -> Plan:
    source = Source(name, text)
    script = parse(source)
    return build_plan(script, source, resolve(script, source, CATALOG))


def check(plan: Plan) -> None:
    """What holds of every plan."""
    regions = [*regions_of(plan.steps), *([plan.exit] if plan.exit else [])]
    names = [region.name for region in regions]
    assert len(set(names)) == len(names)
    for region in regions:
        assert 0 < len(region.name) <= 60
        assert set(region.keeps) <= REASONS.keys()
        assert set(region.live) <= set(region.writes) <= set(plan.variables)
        assert set(region.reads) <= set(plan.variables)
        assert 0 <= region.ahead <= len(region.runs)
        assert region.guarded or not region.ahead
        assert (region.subject is not None) == bool(region.decides or region.turns)
        assert region.runs or region.subject or region is plan.exit
        starts = [run.start for run in region.runs]
        assert starts == sorted(starts) or "()" in plan.text  # but for functions put in place of their calls


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases.read_cases("run")])
def test_every_script_has_a_plan_or_is_refused_by_code(case: Case) -> None:
    try:
        plan = plan_of(case.script)
    except MshError as error:
        assert all(found.code.startswith("MSH") for found in error.diagnostics)
    else:
        check(plan)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples(path: Path) -> None:
    plan = plan_of(path.read_text(), path.name)
    check(plan)
    commands = path.read_text().count("\n")
    assert len(list(steps_of(plan.steps))) < commands / 2


@pytest.mark.parametrize("seed", range(100))
def test_random_programs(seed: int) -> None:
    plan = plan_of(Program(seed).text)
    check(plan)
    assert plan_text(plan)


def test_a_script_of_two_hundred_lines_is_planned_at_once() -> None:
    text = "".join([f'x{i}=$(head -n {i} a)\nif grep -q "$x{i}" b; then sort b > c{i}; fi\n' for i in range(60)])
    text += "".join([f'for f in a b c; do sort "$f" > "$f.{i}"; done\n' for i in range(80)])
    source = Source("a.sh", text)
    script = parse(source)
    resolution = resolve(script, source, CATALOG)
    start = time.process_time()
    build_plan(script, source, resolution)
    assert time.process_time() - start < 0.4  # four times what a busy machine takes


def test_what_the_resolver_found_is_not_planned() -> None:
    with pytest.raises(MshError) as caught:
        plan_of("gerp x\nserp y\n")
    assert [found.code for found in caught.value.diagnostics] == ["MSH201", "MSH201"]


IMAGES = """
[one]
run = { image = "one:1" }
[two]
run = { image = "two:2" }
"""


def test_images(tmp_path: Path) -> None:
    (tmp_path / "images.toml").write_text(IMAGES)
    settings = load_settings({}, {}, str(ROOT)).replace(catalogs=(str(tmp_path / "images.toml"),))
    catalog = load_catalog(settings, str(ROOT))

    def plan(text: str) -> Plan:
        source = Source("a.sh", text)
        script = parse(source)
        return build_plan(script, source, resolve(script, source, catalog))

    assert [region.image for region in regions_of(plan("one\ntwo\nsort a\n").steps)] == ["one:1", "two:2"]
    with pytest.raises(MshError) as caught:
        plan("one | two\ntwo | sort | one\n")
    found = caught.value.diagnostics
    assert [d.code for d in found] == ["MSH301", "MSH301"]
    assert "`one:1`" in found[0].message
    assert "`two:2`" in found[0].message
