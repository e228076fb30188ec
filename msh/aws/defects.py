"""What Step Functions would refuse in a definition, or fail at in the midst of a run.

It is looked for when the definition is made. One of msh's own has none of it; one that has is an error in msh, whatever
the script. The definition is read as the JSON that is deployed, whatever made it. No validator finds
a variable that is read where it may not have been assigned: here each state's variables are those that every path to it
has assigned.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, TypeAlias

    JSON: TypeAlias = Any  # a definition as it is read
    Object: TypeAlias = Mapping[str, JSON]

NAME = re.compile(r"[0-9A-Za-z_-]{1,80}")
SUBSTITUTION = re.compile(r"\$\{\w+\}")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
READ = re.compile(r"\$([A-Za-z_]\w*)(?!\w*\()")
LOCAL = re.compile(r"\$(\w+) :=|function\(\$(\w+), \$(\w+)\)")
VARIABLE = 80  # characters of a variable's name
LONGEST_WAIT = 99_999_999
CONCURRENCY = 40


def defects(definition: Object) -> list[str]:
    """What is wrong, in words for whoever works on msh."""
    names: set[str] = set()
    return list(_level(definition, frozenset(), frozenset(), names))


def _level(level: Object, known: frozenset[str], outer: frozenset[str], names: set[str]) -> Iterator[str]:
    """`known`: what is assigned where the level begins; `outer`: what may have been assigned around it."""
    states: Mapping[str, Object] = level["States"]
    yield from _names(states, names)
    missing = [target for state in states.values() for target, _ in ways(state) if target not in states]
    if level["StartAt"] not in states or missing:
        yield f"there is no state {missing or level['StartAt']}"
        return
    before = _assigned(states, level["StartAt"], known)
    for name, state in states.items():
        if name not in before:
            yield f"{name}: no state leads to it"
            continue
        for word in _state(state):
            yield f"{name}: {word}"
        for variable in sorted(_reads(state) - before[name]):
            yield f"{name}: ${variable} may not have been assigned"
        for variable in sorted({variable for _, assign in ways(state) for variable in assign}):
            if variable in outer:
                yield f"{name}: ${variable} is assigned around this branch"
            if len(variable) > VARIABLE:
                yield f"{name}: ${variable} is longer than {VARIABLE} characters"
        if "ItemProcessor" in state:
            around = outer | _reaching(states, name)
            yield from _level(state["ItemProcessor"], before[name], around, names)


def ways(state: Object) -> list[tuple[str, Object]]:
    """Where a state leads, and what is assigned on the way."""
    found = [(rule["Next"], rule.get("Assign", {})) for rule in state.get("Choices", [])]
    found += [(state[key], state.get("Assign", {})) for key in ("Next", "Default") if key in state]
    return found


def _names(states: Mapping[str, Object], names: set[str]) -> Iterator[str]:
    for name in states:
        if not NAME.fullmatch(name):
            yield f"{name}: no name for a state"
        if name in names:
            yield f"{name}: another state has this name"
        names.add(name)


def _state(state: Object) -> Iterator[str]:
    """What is wrong with a state by itself."""
    ends = state["Type"] in ("Succeed", "Fail")
    if state["Type"] != "Choice" and [key in state for key in ("Next", "End")].count(True) != (0 if ends else 1):
        yield "it has not one of Next and End"
    if state["Type"] == "Choice" and not (state.get("Choices") and "Default" in state):
        yield "it has no rule, or no Default"
    seconds = state.get("Seconds", 0)
    if isinstance(seconds, int) and not 0 <= seconds <= LONGEST_WAIT:
        yield f"it waits {seconds} seconds"
    if not 0 <= state.get("MaxConcurrency", 0) <= CONCURRENCY:
        yield f"it runs {state['MaxConcurrency']} turns at once"
    for text in _texts(state):
        if _expression(text) is None:
            if any(mark in text for mark in ("{%", "%}")):
                yield f"{text!r} is half an expression"
            if "${" in text and not SUBSTITUTION.fullmatch(text):
                yield f"{text!r} is a substitution by accident"
        elif "${" in text:
            yield f"{text!r} holds a substitution"


def _texts(value: JSON) -> Iterator[str]:
    """All texts of a state, but for those of inner states."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != "ItemProcessor":
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _expression(text: str) -> str | None:
    return text[2:-2] if text.startswith("{%") and text.endswith("%}") else None


def _reads(state: Object) -> set[str]:
    """The variables that a state's expressions read."""
    found: set[str] = set()
    for text in _texts(state):
        code = _expression(text)
        if code is not None:
            bare = STRING.sub('""', code)
            local = {name for names in LOCAL.findall(bare) for name in names}
            found |= {name for name in READ.findall(bare) if name not in local}
    return found - {"states"}


def _assigned(states: Mapping[str, Object], start: str, known: frozenset[str]) -> dict[str, frozenset[str]]:
    """For each state that can be reached, what every path to it has assigned."""
    before = {start: known}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        for target, assign in ways(states[name]):
            after = before[name].union(assign)
            merged = after & before[target] if target in before else after
            if target not in before or merged != before[target]:
                before[target] = merged
                waiting.append(target)
    return before


def _reaching(states: Mapping[str, Object], name: str) -> frozenset[str]:
    """What may have been assigned on the way to a state."""
    sources: dict[str, list[str]] = {}
    for source, state in states.items():
        for target, _ in ways(state):
            sources.setdefault(target, []).append(source)
    found, waiting = {name}, [name]
    while waiting:
        for source in sources.get(waiting.pop(), []):
            if source not in found:
                found.add(source)
                waiting.append(source)
    return frozenset([v for one in found for target, assign in ways(states[one]) if target in found for v in assign])
