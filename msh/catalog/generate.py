"""`python -m msh.catalog.generate [--check]`: the standard catalog's TOML as an importable module of data.

A run imports neither tomllib nor the validation: what is in the module was checked when it was written. The test
`tests/unit/catalog/test_generate.py` holds that the module is up to date.
"""

from __future__ import annotations

import pathlib
import sys
import tomllib
from typing import Any

from msh.catalog.validate import faults_of_entry

DIRECTORY = pathlib.Path(__file__).parent / "standard"
MODULE = pathlib.Path(__file__).parent / "standard_tables.py"
HEADER = '''"""The standard catalog. Generated from standard/*.toml by `python -m msh.catalog.generate`: do not edit."""

# fmt: off
# ruff: noqa: E501

from __future__ import annotations

TABLES: dict[str, dict[str, object]] = {
'''


def tables() -> dict[str, dict[str, Any]]:
    """All entries of standard/*.toml; one name in two files is an error of ours."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(DIRECTORY.glob("*.toml")):
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        twice = found.keys() & entries.keys()
        if twice:
            raise SystemExit(f"{path.name}: given in another file as well: {', '.join(sorted(twice))}")
        found |= entries
    faults = [fault for name, table in found.items() for fault in faults_of_entry(name, table)]
    if faults:
        raise SystemExit("\n".join([f"{'.'.join(fault.keys)}: {fault.message} {fault.help}" for fault in faults]))
    return {name: _squeezed(found[name]) for name in sorted(found)}


def _squeezed(value: Any) -> Any:
    """Multi-line strings of words on one line."""
    if isinstance(value, dict):
        return {key: _squeezed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_squeezed(item) for item in value]
    return " ".join(value.split()) if isinstance(value, str) and "\n" in value else value


def module_text() -> str:
    """The module's text."""
    return HEADER + "".join([f"    {name!r}: {table!r},\n" for name, table in tables().items()]) + "}\n"


def main(arguments: list[str]) -> int:
    """Write the module; with `--check` only compare. Exit status 1: it was out of date."""
    text = module_text()
    if arguments == ["--check"]:
        current = MODULE.read_text(encoding="utf-8") if MODULE.exists() else ""
        return int(current != text)
    MODULE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
