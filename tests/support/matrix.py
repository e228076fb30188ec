"""The matrix of escapes: `pytest --matrix FILE` writes which attack was held by which backend for which user.

A test takes part by `@pytest.mark.escape(NUMBER...)`. The column is what its parameters name of `BACKENDS` and `USERS`;
without them it is bubblewrap, or what the marker names (`backend="docker"`), and both users or the one that the marker
names (`user="root"`). What was skipped is left empty: a cell says only what was run.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

TITLES = Path(__file__).parent.parent / "cases/escape/numbers.toml"
USERS = ("root", "ordinary")
BACKENDS = ("bubblewrap", "native", "docker", "task")
HEAD = """\
# Attacks and what holds them

Written by a test run (`MSH_SLOW=1 ./dev test -m escape --matrix docs/escapes.md tests/integration`). Each row is an
attack of `tests/cases/escape` and of the tests marked with its number; a cell is the number of tests that were run, as
root and as an ordinary user, in all of which the attack was held or refused. `gap` is what a backend does not hold, and
says so (docs/security.md).

"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--matrix FILE`."""
    parser.addoption("--matrix", metavar="FILE", help="write which attacks were held, as a Markdown table")


def pytest_configure(config: pytest.Config) -> None:
    """The plugin that collects, in the process that sees all reports."""
    config.addinivalue_line("markers", "escape(number...): an attack of tests/cases/escape/numbers.toml")
    if config.getoption("--matrix") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Matrix(Path(config.getoption("--matrix"))))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a report says of its test: number, backend and user."""
    titles = tomllib.loads(TITLES.read_text())
    for item in items:
        for marker in item.iter_markers("escape"):
            words = parameters(item)
            backend = next((word for word in words if word in BACKENDS), marker.kwargs.get("backend", BACKENDS[0]))
            user = next((word for word in words if word in USERS), marker.kwargs.get("user", "both"))
            for number in marker.args:
                assert str(number) in titles, f"{item.nodeid}: no escape {number}"
                item.user_properties.append(("escape", (number, backend, user)))


def parameters(item: pytest.Item) -> list[object]:
    """The values of a test's parameters, those of tuples one by one."""
    values = getattr(getattr(item, "callspec", None), "params", {}).values()
    return [each for value in values for each in (value if isinstance(value, tuple) else (value,))]


class Matrix:
    """Counts by number, backend and user."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: defaultdict[tuple[int, str, str], int] = defaultdict(int)
        self.gaps: set[tuple[int, str, str]] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what passed."""
        properties = [value for name, value in report.user_properties if name == "escape"]
        is_gap = ("gap", True) in [tuple(each) for each in report.user_properties]
        for number, backend, user in properties if report.when == "call" and report.passed else ():
            for each in USERS if user == "both" else (user,):
                cell = (number, backend, each)
                self.counts[cell] += 1
                if is_gap:
                    self.gaps.add(cell)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the table when everything passed."""
        if exitstatus == 0:
            self.path.write_text(HEAD + self.table())

    def table(self) -> str:
        """The rows of all numbers."""
        ran = {cell[1:] for cell in self.counts}
        backends = sorted({backend for backend, _ in ran})
        columns = [(backend, user) for backend in backends for user in USERS if (backend, user) in ran]
        rows = [
            "| | attack | " + " | ".join(f"{backend}, {user}" for backend, user in columns) + " |",
            "| --- | --- |" + " --- |" * len(columns),
        ]
        for number, title in sorted(tomllib.loads(TITLES.read_text()).items(), key=lambda row: int(row[0])):
            cells = [self.cell(int(number), backend, user) for backend, user in columns]
            rows.append(f"| {number} | {title} | " + " | ".join(cells) + " |")
        return "\n".join([*rows, ""])

    def cell(self, number: int, backend: str, user: str) -> str:
        """What is known of one attack."""
        count = self.counts.get((number, backend, user), 0)
        return "gap" if (number, backend, user) in self.gaps else f"held ({count})" if count else ""
