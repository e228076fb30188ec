"""States of the examples' machines against one state for each command. The bar is 0.6 times.

A command is one that the text has, wherever it stands. Builtins, assignments and calls of functions do not count, and
what a function does counts once, however often it is called. Of a machine everything counts, also the states in which
every one ends.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # the tests' support

from msh.catalog.builtins import BUILTINS  # noqa: E402
from msh.source import Source  # noqa: E402
from msh.syntax import parse, static_text, walk  # noqa: E402
from msh.syntax.nodes import FunctionDefinition, SimpleCommand, Word  # noqa: E402
from tests.support import table  # noqa: E402

BAR = 0.6


def commands(text: str) -> int:
    """How many commands a script has."""
    nodes = list(walk(parse(Source("script", text))))
    functions = {node.name for node in nodes if isinstance(node, FunctionDefinition)}
    simple = [node.words[0] for node in nodes if isinstance(node, SimpleCommand) and node.words]
    names = [static_text(word) for word in simple if isinstance(word, Word)]
    return sum(name not in BUILTINS and name not in functions for name in names)


def main() -> int:
    """Count and print; 1 when the bar is missed."""
    states = single = 0
    with tempfile.TemporaryDirectory() as directory:
        for number, subject in enumerate(table.examples()):
            machine = table.compiled(subject, Path(directory) / str(number))
            states += machine.shape["states"]
            single += commands(machine.program.text)
            print(f"  {subject.name}: {machine.shape['states']} states, {commands(machine.program.text)} commands")
    print(f"states: {states} for {single} commands: {states / single:.2f} times (bar {BAR})")
    return int(states / single > BAR)


if __name__ == "__main__":
    sys.exit(main())
