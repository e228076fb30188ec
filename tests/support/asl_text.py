"""A definition as a few lines, for cases: each state, what it is, where it leads; what a Map runs stands below it.

    L1-grep: Task → L1-if
    L1-if: Choice, $rc = 0 → L1-sleep, else → end
    L1-sleep: Wait 5 → end

The Choice `end` with `succeed` and `fail`, which every machine has, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ENDING = ("end", "succeed", "fail")


def asl_text(definition: Mapping[str, Any]) -> str:
    """The outline."""
    return "".join([f"{line}\n" for line in _level(definition, "")])


def _level(level: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, state in level["States"].items():
        if name in ENDING:
            continue
        yield f"{indent}{name}: {_kind(state)}{_next(state)}"
        if "ItemProcessor" in state:
            yield from _level(state["ItemProcessor"], indent + "    ")


def _kind(state: Mapping[str, Any]) -> str:
    match state["Type"]:
        case "Wait":
            return f"Wait {_bare(state['Seconds'])}"
        case "Map":
            items = state["Items"]
            return f"Map over {_bare(items) if isinstance(items, str) else ' '.join(items)}"
        case "Choice":
            rules = [f"{_bare(rule['Condition'])} → {rule['Next']}" for rule in state["Choices"]]
            return ", ".join(["Choice", *rules, f"else → {state['Default']}"])
        case "Task" if state["Resource"].endswith(":startExecution.sync:2"):
            return f"Task (this machine at {state['Arguments']['Input']['resume']})"
    return str(state["Type"])


def _next(state: Mapping[str, Any]) -> str:
    return f" → {state['Next']}" if "Next" in state else ""


def _bare(value: object) -> str:
    return value[3:-3] if isinstance(value, str) and value.startswith("{% ") else str(value)
