"""What a task is asked, and what it answers: JSON that passes through the state machine, so it is kept small.

Variables and lists that are large are objects in the store, and `{"reference": KEY}` stands for them. The interpreter
knows nothing of that: here references become values before it runs, and large values references afterwards.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

from msh.aws.store import read, write
from msh.diagnostics import Diagnostic, MshError
from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from msh.aws.commit import Json, State
    from msh.aws.store import Store

VERSION = 1
LARGEST = 4 << 10  # bytes of a variable's encoding, above which it travels by reference; a request may ask for less
ANSWER = 64 << 10  # bytes of a whole answer
LISTED = 24 << 10  # bytes of values in an answer's `items`, above which they are objects
TASKS = 40  # the most that an inline Map runs at a time
TAIL = 2000  # bytes of output that an answer shows
_PASSED = ("guarded", "ahead", "decide", "exit", "status", "returns")
_NAMES = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


class Request(Record):
    """A request that was read. `part` is what the interpreter is given of it, `run` and `region` begin its keys."""

    run: str
    region: str
    script: str
    state: State
    files: tuple[str, ...] | None
    given: Mapping[str, Json]
    part: Mapping[str, Json]
    incoming: Mapping[str, Json]
    inline: int = LARGEST  # bytes of a variable's encoding, above which it travels by reference


def read_request(document: Mapping[str, Json], store: Store) -> Request:
    """Raises MshError MSH510 for a request of another msh, or none; fetches what it names by reference."""
    if document.get("version") != VERSION:
        raise _wrong(f"it is of version {document.get('version')!r}, and this msh reads version {VERSION}")
    try:
        given = document.get("input") or {}
        variables = dict(document.get("variables") or {})
        part: dict[str, Json] = {name: document[name] for name in _PASSED if document.get(name) is not None}
        part["at"] = list(document.get("at") or [])
        part["variables"] = {name: fetched(store, value) for name, value in variables.items()}
        if document.get("turns") is not None:
            part["turns"] = _turns(store, document["turns"])
        if document.get("state") is None:
            part["input"] = {name: given[name] for name in ("arguments", "environment") if name in given}
        files = document.get("files")
        return Request(
            run=_name(str(document["run"])),
            region=_name(str(document.get("region") or "exit")),
            script=str(document["script"]),
            state=document.get("state"),
            files=None if files is None else tuple([str(path) for path in files]),
            given=dict(given),
            part=part,
            incoming=variables,
            inline=min(int(document.get("inline") or LARGEST), LARGEST),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _wrong(f"a part of it is missing or of another form ({error})") from None


def _name(text: str) -> str:
    """A name as part of a key."""
    if not text or not set(text) <= _NAMES or set(text) <= {"."}:
        raise ValueError(f"`{text[:80]}` cannot be part of a key")
    return text


def _turns(store: Store, turns: Mapping[str, Json]) -> Mapping[str, Json]:
    values = turns["values"] if turns.get("values") is not None else json.loads(read(store, turns["reference"]))
    return {"at": turns["at"], "values": values}


def fetched(store: Store, value: Json) -> Json:
    """An encoded variable, itself instead of a reference."""
    if isinstance(value, dict) and "reference" in value:
        found: Json = json.loads(read(store, str(value["reference"])))
        return found
    return value


def encoded_variables(store: Store, values: Mapping[str, Json], request: Request, prefix: str) -> dict[str, Json]:
    """The variables of an answer. One that came by reference and is as it was keeps its reference."""
    came: Mapping[str, Json] = request.part["variables"]
    found: dict[str, Json] = {}
    sizes: dict[str, int] = {}
    for name, value in values.items():
        before = request.incoming.get(name)
        if isinstance(before, dict) and "reference" in before and came.get(name) == value:
            found[name] = before
            continue
        found[name], sizes[name] = value, len(json.dumps(value))
    room = ANSWER // 2
    for name in sorted(sizes, key=lambda name: sizes[name], reverse=True):
        if sizes[name] > request.inline or sum(sizes.values()) > room:
            found[name] = _referred(store, found[name], f"{prefix}/variables/{name}")
            sizes[name] = len(json.dumps(found[name]))
    return found


def last_value(store: Store, values: Sequence[Json], request: Request, prefix: str) -> Json:
    """The last value of a loop, as a variable of an answer."""
    large = len(json.dumps(values[-1])) > request.inline
    return _referred(store, values[-1], f"{prefix}/last") if large else values[-1]


def _referred(store: Store, value: Json, key: str) -> Json:
    data = json.dumps(value).encode("ascii")
    write(store, key, data)
    return {"reference": key, "size": len(data)}


def shown(tail: bytes) -> str:
    """The end of an output as text, short also as JSON, whatever characters it has."""
    text = tail.decode("utf-8", "replace")
    while len(json.dumps(text)) > 2 * TAIL:
        text = text[len(text) // 4 :]
    return text


def described_items(store: Store, values: Sequence[Json], prefix: str) -> list[dict[str, Json]]:
    """The values of a loop in at most `TASKS` parts, in order; each of them is one task's."""
    count = min(TASKS, len(values))
    bounds = [len(values) * number // count for number in range(count + 1)] if count else []
    inline = len(json.dumps(values)) <= LISTED
    found: list[dict[str, Json]] = []
    for first, end in pairwise(bounds):
        part: dict[str, Json] = {"from": first, "to": end}
        if inline:
            part["values"] = list(values[first:end])
        else:
            part["reference"] = f"{prefix}/items/{first}"
            write(store, str(part["reference"]), json.dumps(values[first:end]).encode("ascii"))
        found.append(part)
    return found


def _wrong(why: str) -> MshError:
    help_ = "a machine and its worker must be of one `msh compile`: deploy both again"
    return MshError(Diagnostic("MSH510", f"the worker cannot read its request: {why}", help=help_))
