"""Static checks of compiled state machines and their templates, by tools that nobody of this project wrote.

    ./dev validate FILE...            definitions (`StartAt`) and CloudFormation templates (`Resources`), told apart

A definition is read by asl-validator (its form, its expressions, what follows what) and by sfnx (what Step Functions
was measured to refuse); a template by cfn-lint. Neither finds a variable that was never assigned.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from sfnx import testing

ROOT = Path(__file__).parent.parent.parent
ASL_VALIDATOR = ROOT / ".cache/validators/node_modules/asl-validator/dist/bin/asl-validator.js"
REGION = "us-east-1"


def findings(paths: Iterable[Path]) -> list[str]:
    """What is wrong with the files, one text a finding, each with its file."""
    definitions, templates, found = [], [], []
    for path in paths:
        document = json.loads(path.read_text())
        if "StartAt" in document:
            definitions.append(path)
            found += _sfnx(path, document)
        elif "Resources" in document:
            templates.append(path)
        else:
            found.append(f"{path}: neither a state machine (`StartAt`) nor a template (`Resources`)")
    return found + _asl_validator(definitions) + _cfn_lint(templates)


def _sfnx(path: Path, definition: dict[str, object]) -> list[str]:
    try:
        testing.check(definition)
    except (testing.InvalidDefinition, testing.Unsupported) as error:
        return [f"{path}: sfnx: {error}"]
    except KeyError as error:  # of a field that every state of its kind has
        return [f"{path}: sfnx: a state without the field {error}"]
    return []


def _asl_validator(paths: list[Path]) -> list[str]:
    """All files at once: its start is what takes time."""
    if not paths:
        return []
    _install()
    options = [word for path in paths for word in ("--json-path", str(path))]
    return _run(["node", str(ASL_VALIDATOR), *options], "asl-validator")


def _cfn_lint(paths: list[Path]) -> list[str]:
    if not paths:
        return []
    templates = [word for path in paths for word in ("--template", str(path))]
    start = "from cfnlint.runner import main; raise SystemExit(main())"  # the package itself cannot be run with -m
    options = ["--regions", REGION, "--format", "parseable", *templates]
    return _run([sys.executable, "-c", start, *options], "cfn-lint")


@cache
def _install() -> None:
    """What is not a package of Python."""
    subprocess.run([ROOT / "dev", "engine", "setup"], check=True)


def _run(argv: list[str], name: str) -> list[str]:
    ran = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return [f"{name}: {(ran.stdout + ran.stderr).strip()}"] if ran.returncode else []


def main() -> int:
    """Check the files that the command line names; 1 when there is a finding."""
    parser = argparse.ArgumentParser(prog="./dev validate")
    parser.add_argument("--from", type=Path, default=Path(), help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    options = parser.parse_args()
    found = findings([getattr(options, "from") / path for path in options.files])
    print("\n".join(found) or f"{len(options.files)} checked, nothing found")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
