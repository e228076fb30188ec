"""Parts of scripts run one after the other, with what they hand on as JSON between them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from msh.config import Settings
from msh.diagnostics import MshError
from msh.run.fragment import run_fragment
from msh.run.resources import Resources
from msh.source import Source
from msh.syntax import nodes, parse, walk


class Run:
    """A script in a workspace; each part runs in a fork, and between two is JSON."""

    def __init__(self, directory: Path, text: str, **settings: Any) -> None:
        self.directory = directory
        self.source = Source("script.sh", text)
        self.settings = Settings(str(directory / "workspace"), **settings)
        self.state: Any = None
        (directory / "workspace").mkdir()

    def at(self, text: str, kind: type[nodes.Node] = nodes.Node, number: int = 0) -> list[int]:
        """The span of a node that has this text."""
        spans = [
            [node.start, node.end]
            for node in walk(parse(self.source))
            if isinstance(node, kind) and self.source.text[node.start : node.end].rstrip(";\n ") == text
        ]
        return spans[number]

    def part(self, *texts: str, **request: Any) -> Any:
        """Run statements by their texts; the outcome with `stdout`, `stderr` and `raised`."""
        where = self.directory / f"part-{time.monotonic_ns()}"
        request = {"state": self.state, "at": [self.at(text) for text in texts]} | request
        pid = os.fork()
        if pid == 0:
            self._child(json.loads(json.dumps(request)), str(where))
        os.waitpid(pid, 0)
        outcome = json.loads(where.read_text("ascii"))
        for name in ("stdout", "stderr"):
            outcome[name] = Path(f"{where}.{name}").read_text("utf-8", "surrogateescape")
        self.state = outcome.get("snapshot", self.state)
        return outcome

    def _child(self, request: Any, where: str) -> None:
        try:
            os.chdir(self.directory / "workspace")
            for number, name in ((1, "stdout"), (2, "stderr")):
                os.dup2(os.open(f"{where}.{name}", os.O_CREAT | os.O_WRONLY), number)
            resources = Resources(self.settings, os.getcwd())
            try:
                found = run_fragment(self.source, "script.sh", request, resources).document()
            except (MshError, ValueError) as error:
                found = {"raised": repr(error)}
            resources.close()
            Path(where).write_text(json.dumps(found), "ascii")
        finally:
            os._exit(0)


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Makes a `Run` of a text."""
    return lambda text, **settings: Run(tmp_path, text, **settings)
