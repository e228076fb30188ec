"""The tables that ship are those of the grammars, and parsing needs no lark."""

from __future__ import annotations

import subprocess
import sys

from msh.syntax import generate


def test_tables_are_up_to_date() -> None:
    assert generate.TABLES.read_text(encoding="utf-8") == generate.generate()


def test_parsing_imports_no_lark() -> None:
    script = (
        "import sys; from msh.source import Source; from msh.syntax import parse;"
        "parse(Source('x', 'echo $((1+2)) `ls` ${x:-y} <<E\\n$z\\nE\\n'));"
        "print([m for m in sys.modules if m.split('.')[0] in ('lark', 'typing', 'dataclasses', 'enum2', 'inspect')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
