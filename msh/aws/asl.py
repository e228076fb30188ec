"""The Amazon States Language as frozen values, JSONata only, and their JSON.

A value in a definition is JSON, in which a string is always text: what is to be evaluated is a `Code`, what
CloudFormation is to put in a `Substitution`. So no text can become an expression by its content (`literals.py`).
`next` is "" where the state ends its machine or branch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from msh.aws.literals import comment, literal
from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Scalar: TypeAlias = "str | int | float | bool | None"
    JSON: TypeAlias = "Scalar | list[JSON] | dict[str, JSON]"
    Value: TypeAlias = "Scalar | Code | Substitution | Sequence[Value] | Mapping[str, Value]"


class Code(Record):
    """A JSONata expression, without the marks around it."""

    text: str


class Substitution(Record):
    """`${Worker}`: what a template's `DefinitionSubstitutions` puts in."""

    name: str


class Retrier(Record):
    """One rule of a `Retry`; `interval` is in seconds."""

    errors: tuple[str, ...]
    attempts: int
    interval: int
    backoff: float


class Task(Record):
    """`seconds` bounds one attempt, 0: nothing does."""

    resource: str
    arguments: Mapping[str, Value]
    seconds: int
    retry: tuple[Retrier, ...] = ()
    assign: Mapping[str, Value] = {}
    output: Value = None
    next: str = ""
    comment: str = ""


class Rule(Record):
    """One branch of a `Choice`."""

    condition: Code
    next: str
    assign: Mapping[str, Value] = {}


class Choice(Record):
    """The first rule whose condition is true is taken, else `default`, with `assign`."""

    rules: tuple[Rule, ...] = ()
    default: str = ""
    assign: Mapping[str, Value] = {}
    comment: str = ""


class Pass(Record):
    """Assigns variables."""

    assign: Mapping[str, Value] = {}
    next: str = ""
    comment: str = ""


class Wait(Record):
    """Waits whole seconds."""

    seconds: int | Code
    assign: Mapping[str, Value] = {}
    next: str = ""
    comment: str = ""


class Map(Record):
    """Inline: the branch for each item, its input; the result is the list of the branches' outputs, in order."""

    items: Value
    branch: States
    concurrency: int
    assign: Mapping[str, Value] = {}
    next: str = ""
    comment: str = ""


class Succeed(Record):
    """Ends the machine or the branch."""

    output: Value
    comment: str = ""


class Fail(Record):
    """Ends the execution as failed."""

    error: str
    cause: Code
    comment: str = ""


State: TypeAlias = "Task | Choice | Pass | Wait | Map | Succeed | Fail"


class States(Record):
    """The states of a machine or a branch, in the order in which they are read best."""

    start: str
    states: tuple[tuple[str, State], ...]


def definition(states: States, remark: str = "") -> dict[str, JSON]:
    """The whole machine as a JSON document."""
    return {"Comment": comment(remark), "QueryLanguage": "JSONata", **states_json(states)}


def text(document: Mapping[str, JSON]) -> str:
    """The document as a file holds it, the same bytes for the same document."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def states_json(states: States) -> dict[str, JSON]:
    """`StartAt` and `States`."""
    return {"StartAt": states.start, "States": {name: state_json(state) for name, state in states.states}}


def state_json(state: State) -> dict[str, JSON]:
    """One state."""
    kind = type(state).__name__
    document: dict[str, JSON] = {"Type": kind, "Comment": comment(state.comment)}
    if not state.comment:
        del document["Comment"]
    match state:
        case Task():
            document |= _task_json(state)
        case Choice(rules=rules, default=default):
            document["Choices"] = [_rule_json(rule) for rule in rules]
            document |= {"Default": default, **_assign(state.assign)}
        case Pass(assign=assign):
            document |= _assign(assign)
        case Wait(seconds=seconds, assign=assign):
            document |= {"Seconds": value_json(seconds), **_assign(assign)}
        case Map(items=items, branch=branch):
            processor: dict[str, JSON] = {"ProcessorConfig": {"Mode": "INLINE"}, **states_json(branch)}
            document |= {"Items": value_json(items), "MaxConcurrency": state.concurrency, "ItemProcessor": processor}
            document |= _assign(state.assign)
        case Succeed(output=output):
            document["Output"] = value_json(output)
        case Fail(error=error, cause=cause):
            document |= {"Error": literal(error), "Cause": value_json(cause)}
    if isinstance(state, Task | Pass | Wait | Map):
        document |= {"Next": state.next} if state.next else {"End": True}
    return document


def value_json(value: Value) -> JSON:
    """A value with its expressions marked and its text protected."""
    match value:
        case Code(text=code):
            return f"{{% {code} %}}"
        case Substitution(name=name):
            return f"${{{name}}}"
        case str():
            return literal(value)
        case Mapping():
            return {key: value_json(inner) for key, inner in value.items()}
        case Sequence():
            return [value_json(inner) for inner in value]
    return value


def _task_json(state: Task) -> dict[str, JSON]:
    document: dict[str, JSON] = {"Resource": state.resource, "Arguments": value_json(state.arguments)}
    if state.seconds:
        document["TimeoutSeconds"] = state.seconds
    if state.retry:
        document["Retry"] = [_retrier_json(retrier) for retrier in state.retry]
    document |= _assign(state.assign)
    if state.output is not None:
        document["Output"] = value_json(state.output)
    return document


def _retrier_json(retrier: Retrier) -> dict[str, JSON]:
    return {
        "ErrorEquals": list(retrier.errors),
        "IntervalSeconds": retrier.interval,
        "MaxAttempts": retrier.attempts,
        "BackoffRate": float(retrier.backoff),  # some validators take no integer
        "JitterStrategy": "FULL",
    }


def _rule_json(rule: Rule) -> dict[str, JSON]:
    return {"Condition": value_json(rule.condition), **_assign(rule.assign), "Next": rule.next}


def _assign(assign: Mapping[str, Value]) -> dict[str, JSON]:
    return {"Assign": {name: value_json(value) for name, value in assign.items()}} if assign else {}
