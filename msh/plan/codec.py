"""A plan as JSON, and back.

    {"format": "msh-plan", "version": 1, "name": …, "text": …, "sha256": …, "steps": […], …}

A step is an object with its kind in `step` and the fields of its record; a field that has its default is left out, a
span is `[start, end]`. A newer version is refused, not guessed at.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msh.diagnostics import Diagnostic, MshError
from msh.plan.model import Choose, Each, Plan, Region, Repeat, Scope, Span, Switch, Wait
from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Decode: TypeAlias = Callable[[object, str], object]

FORMAT = "msh-plan"
VERSION = 1
KINDS: dict[str, type[Record]] = {
    "region": Region,
    "choose": Choose,
    "switch": Switch,
    "repeat": Repeat,
    "each": Each,
    "wait": Wait,
    "scope": Scope,
}
_NAMES = {record: kind for kind, record in KINDS.items()}


def dumps(plan: Plan) -> str:
    """The plan as JSON text, the same for the same plan; it is ASCII, so that any byte of a script survives."""
    document = {"format": FORMAT, "version": VERSION} | _fields(plan)
    return json.dumps(document, indent=1) + "\n"


def loads(text: str, name: str = "plan.json") -> Plan:
    """The plan in a text. Raises MshError: MSH302 when it is of a newer version, MSH303 when it is no plan."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_a_plan(name, f"it is not JSON: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _not_a_plan(name, f'there is no `"format": "{FORMAT}"`')
    version = document.get("version")
    if not isinstance(version, int) or version < 1:
        raise _not_a_plan(name, "its version is not a number")
    if version > VERSION:
        message = f"`{name}` is a plan of version {version}; this msh reads up to {VERSION}"
        raise MshError(Diagnostic("MSH302", message, help="use a newer msh, or compile the script again"))
    try:
        plan = _record(Plan, {key: value for key, value in document.items() if key not in ("format", "version")}, "")
    except (_MisfitError, RecursionError) as error:
        raise _not_a_plan(name, str(error)) from None
    assert isinstance(plan, Plan)
    return plan


def _not_a_plan(name: str, why: str) -> MshError:
    return MshError(Diagnostic("MSH303", f"`{name}` is not a plan: {why}", help="`msh compile` writes plans"))


# ---- out --------------------------------------------------------------------------


def _fields(record: Record) -> dict[str, object]:
    defaults = record._defaults
    values = {field: getattr(record, field) for field in record.__match_args__}
    return {
        field: _value(value) for field, value in values.items() if field not in defaults or value != defaults[field]
    }


def _value(value: object) -> object:
    if isinstance(value, Span):
        return [value.start, value.end]
    if isinstance(value, Record):
        return {"step": _NAMES[type(value)]} | _fields(value)
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    return value


# ---- in ---------------------------------------------------------------------------


class _MisfitError(Exception):
    """A value that has no place in a plan, and where it stands."""


def _expect(fits: bool, place: str, what: str) -> None:
    if not fits:
        raise _MisfitError(f"`{place or 'document'}` is not {what}")


def _record(kind: type[Record], document: object, place: str) -> Record:
    """The record of a kind from an object with its fields."""
    _expect(isinstance(document, dict), place, "an object")
    assert isinstance(document, dict)
    decoders = _DECODERS[kind]
    for key in document:
        _expect(key in decoders, f"{place}.{key}".lstrip("."), "a field of it")
    missing = [field for field in decoders if field not in document and field not in kind._defaults]
    _expect(not missing, place, f"whole: `{missing[0]}` is missing" if missing else "")
    return kind(**{key: decoders[key](value, f"{place}.{key}".lstrip(".")) for key, value in document.items()})


def _plain(kind: type, what: str) -> Decode:
    def decode(value: object, place: str) -> object:
        fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        _expect(fits, place, what)
        return value

    return decode


def _number(value: object, place: str) -> object:
    _expect(isinstance(value, (int, float)) and not isinstance(value, bool), place, "a number")
    return value


def _span(value: object, place: str) -> object:
    fits = isinstance(value, list) and [type(item) for item in value] == [int, int]
    _expect(fits, place, "`[start, end]`")
    assert isinstance(value, list)
    return Span(*value)


def _many(decode: Decode) -> Decode:
    def decode_all(value: object, place: str) -> object:
        _expect(isinstance(value, list), place, "a list")
        assert isinstance(value, list)
        return tuple([decode(item, f"{place}[{number}]") for number, item in enumerate(value)])

    return decode_all


def _optional(decode: Decode) -> Decode:
    return lambda value, place: None if value is None else decode(value, place)


def _step(value: object, place: str) -> object:
    _expect(isinstance(value, dict) and value.get("step") in KINDS, place, "a step")
    assert isinstance(value, dict)
    return _record(KINDS[value["step"]], {key: item for key, item in value.items() if key != "step"}, place)


def _region(value: object, place: str) -> object:
    step = _step(value, place)
    _expect(isinstance(step, Region), place, "a region")
    return step


_TEXT, _INTEGER, _TRUTH = _plain(str, "a text"), _plain(int, "a whole number"), _plain(bool, "true or false")
_TEXTS, _STEPS = _many(_TEXT), _many(_step)
_DECODERS: dict[type[Record], dict[str, Decode]] = {
    Region: {
        "name": _TEXT,
        "runs": _many(_span),
        "guarded": _TRUTH,
        "ahead": _INTEGER,
        "decides": _TEXT,
        "subject": _optional(_span),
        "turns": _TRUTH,
        "reads": _TEXTS,
        "writes": _TEXTS,
        "live": _TEXTS,
        "everything": _TRUTH,
        "files": _optional(_TEXTS),
        "outputs": _optional(_TEXTS),
        "commands": _TEXTS,
        "network": _TRUTH,
        "image": _TEXT,
        "seconds": _number,
        "keeps": _TEXTS,
        "may_exit": _TRUTH,
        "label": _TEXT,
    },
    Choose: {"test": _STEPS, "then": _optional(_STEPS), "orelse": _optional(_STEPS), "span": _span},
    Switch: {"selector": _region, "branches": _many(_STEPS), "span": _span},
    Repeat: {"test": _STEPS, "body": _STEPS, "until": _TRUTH, "span": _span, "turns": _INTEGER},
    Each: {
        "name": _TEXT,
        "items": _optional(_region),
        "values": _TEXTS,
        "body": _STEPS,
        "independent": _TRUTH,
        "span": _span,
    },
    Wait: {"seconds": _optional(_INTEGER), "span": _span},
    Scope: {"body": _STEPS, "span": _span},
    Plan: {
        "name": _TEXT,
        "text": _TEXT,
        "sha256": _TEXT,
        "steps": _STEPS,
        "variables": _TEXTS,
        "inputs": _optional(_TEXTS),
        "commands": _TEXTS,
        "exit": _optional(_region),
    },
}
