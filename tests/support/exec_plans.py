"""Plans for `msh exec`: compiled, changed by hand, run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from msh.catalog import load_catalog
from msh.cli.local import compile_script
from msh.cli.options import RUN_OPTIONS, parse_options
from msh.config import load_settings
from msh.diagnostics import MshError
from msh.plan.aliases import read_plain
from msh.plan.bundle import Job
from msh.plan.pins import pins_of
from msh.source import Source
from tests.support import cases

ROOT = Path(__file__).parents[2]
MSH = [sys.executable, "-m", "msh"]


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
