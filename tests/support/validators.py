"""Static checks of compiled state machines and their templates, by tools that nobody of this project wrote.

    ./dev validate FILE...            definitions (`StartAt`) and CloudFormation templates (`Resources`), told apart

A definition is read by asl-validator (its form, its expressions, what follows what) and by sfnx (what Step Functions
was measured to refuse); a template by cfn-lint. Neither finds a variable that was never assigned.
"""

from __future__ import annotations

import argparse
import atexit
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from sfnx import testing

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / ".cache/validators/node_modules/asl-validator"
REGION = "us-east-1"


def findings(paths: Iterable[Path]) -> list[str]:
    """What is wrong with the files, one text a finding, each with its file."""
    templates, found = [], []
    for path in paths:
        document = json.loads(path.read_text())
        if "StartAt" in document:
            found += [f"{path}: {text}" for text in definition_findings(document)]
        elif "Resources" in document:
            templates.append(path)
        else:
            found.append(f"{path}: neither a state machine (`StartAt`) nor a template (`Resources`)")
    return found + _cfn_lint(templates)


def definition_findings(definition: Mapping[str, object]) -> list[str]:
    """What is wrong with a definition."""
    found = _asl_validator().ask(definition)
    return [*_sfnx(definition), *([f"asl-validator: {found}"] if found else [])]


def _sfnx(definition: Mapping[str, object]) -> list[str]:
    try:
        testing.check(definition)
    except (testing.InvalidDefinition, testing.Unsupported) as error:
        return [f"sfnx: {error}"]
    except KeyError as error:  # of a field that every state of its kind has
        return [f"sfnx: a state without the field {error}"]
    return []


class AslValidator:
    """asl-validator, kept running."""

    def __init__(self) -> None:
        subprocess.run([ROOT / "dev", "engine", "setup"], check=True)
        argv = ["node", str(ROOT / "tests/support/asl_validator.js"), str(PACKAGE)]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self.close)

    def ask(self, definition: Mapping[str, object]) -> str:
        """What is wrong with a definition, empty when nothing is."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(definition) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("asl-validator has ended; its reason is on standard error")
        return str(json.loads(answer))

    def close(self) -> None:
        """End it."""
        self._process.communicate()


@cache
def _asl_validator() -> AslValidator:
    return AslValidator()


def _cfn_lint(paths: list[Path]) -> list[str]:
    if not paths:
        return []
    templates = [word for path in paths for word in ("--template", str(path))]
    start = "from cfnlint.runner import main; raise SystemExit(main())"  # the package itself cannot be run with -m
    options = ["--regions", REGION, "--format", "parseable", *templates]
    return _run([sys.executable, "-c", start, *options], "cfn-lint")


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
