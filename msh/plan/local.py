"""A script compiled for this kind of machine, as one JSON document.

    {"format": "msh-local-plan", "version": 1, "msh": "0.1.0",
     "script": {"name": "report.sh", "sha256": "…", "text": "…"},
     "backend": "bubblewrap",
     "pipelines": [{"at": [0, 18], "line": 1, "text": "sort x | uniq -c", "stages": [{…, "step": {…}}, …]}],
     "opened": [{"at": [20, 23], "line": 2, "operator": ">", "bind": {…}}],
     "commands": {"version": 1, "commands": {…}}}

`script` and `commands` are what runs: the tree is a function of the text, and the entries are the only commands
(`msh/catalog/pinned.py`). `pipelines` and `opened` say for people and programs what that will start; the run makes
them again from the same values, word by word as words become known. A word that only the run knows is written as
`{"begins": "a", "many": true}`: what it begins with, and whether it may be any number of words.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from msh.diagnostics import Diagnostic, MshError
from msh.effects import Unknown
from msh.plan.steps import line_of
from msh.record import Record
from msh.source import Source, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msh.plan.steps import Bind, Opened, Pipeline, Stage, Step, Steps

FORMAT = "msh-local-plan"
VERSION = 1
TEXT_WIDTH = 60
BACKENDS = ("bubblewrap", "docker")


class LocalPlan(Record):
    """What `msh exec` needs of a plan. `commands` is a document of `pinned_to_json`."""

    name: str
    text: str
    backend: str
    commands: Mapping[str, object]


def plan_json(plan: LocalPlan, steps: Steps, msh: str) -> dict[str, object]:
    """The document; `msh` is the version that writes it."""
    source = Source(plan.name, plan.text)
    return {
        "format": FORMAT,
        "version": VERSION,
        "msh": msh,
        "script": {"name": plan.name, "sha256": digest(plan.text), "text": plan.text},
        "backend": plan.backend,
        "pipelines": [_pipeline(pipeline, source) for pipeline in steps.pipelines],
        "opened": [_opened(opened, source) for opened in steps.opened],
        "commands": plan.commands,
    }


def digest(text: str) -> str:
    """The SHA-256 of a script's bytes."""
    return hashlib.sha256(encode(text)).hexdigest()


def _place(node: Pipeline | Stage | Step | Opened, source: Source) -> dict[str, object]:
    line, _ = source.position(node.start)
    return {
        "at": [node.start, node.end],
        "line": line,
        "text": line_of(source, node.start, node.end, TEXT_WIDTH),
    }


def _pipeline(pipeline: Pipeline, source: Source) -> dict[str, object]:
    stages = [
        _place(stage, source) | {"step": _step(stage.step) if stage.step is not None else None}
        for stage in pipeline.stages
    ]
    return {**_place(pipeline, source), "stages": stages}


def _step(step: Step) -> dict[str, object]:
    return {
        "command": step.name,
        "context": step.context,
        "backend": step.backend,
        **({"image": step.image} if step.image else {}),
        "program": step.program,
        "argv": [_word(word) for word in step.argv],
        "binds": [_bind(bind) for bind in step.binds],
        "workspace": step.workspace or "none",
        "network": step.network,
        "limits": dict(step.limits),  # besides those of the run, which whoever runs it chooses
        "runs": list(step.runs),
        "wider": list(step.wider),
    }


def _opened(opened: Opened, source: Source) -> dict[str, object]:
    return {**_place(opened, source), "operator": opened.operator, "bind": _bind(opened.bind)}


def _bind(bind: Bind) -> dict[str, object]:
    return {"kind": bind.kind, "path": _word(bind.path), "grant": bind.grant}


def _word(word: str | Unknown) -> object:
    return {"begins": word.prefix, "many": word.many} if isinstance(word, Unknown) else word


# ---- reading -------------------------------------------------------------------------


def read_plan(data: bytes, name: str) -> LocalPlan:
    """The plan in a file called `name`.

    Raises MshError: MSH471 it is none, or not all of it; MSH472 the text is not the one that was compiled; MSH473 a
    newer msh wrote it.
    """
    document = _loaded(data, name)
    if document.get("format") != FORMAT or type(document.get("version")) is not int:
        raise _no_plan(name, "it does not say that it is one")
    if document["version"] != VERSION:
        message = f"`{name}` is a plan of version {document['version']}; this msh knows version {VERSION}"
        raise MshError(Diagnostic("MSH473", message, help="use the msh that wrote it, or compile the script again"))
    script, commands, backend = document.get("script"), document.get("commands"), document.get("backend")
    if not isinstance(script, dict) or not isinstance(commands, dict) or backend not in BACKENDS:
        raise _no_plan(name, "its `script`, `commands` or `backend` is missing")
    for key in ("name", "sha256", "text"):
        if not isinstance(script.get(key), str):
            raise _no_plan(name, f"its `script` has no `{key}`")
    if _digest_of(script["text"], name) != script["sha256"]:
        message = f"the script in `{name}` is not the one that was compiled: its hash is another"
        raise MshError(Diagnostic("MSH472", message, help="change the script and compile it again, not the plan"))
    _check_entries(commands, name)
    return LocalPlan(script["name"], script["text"], str(backend), commands)


def _loaded(data: bytes, name: str) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except RecursionError:
        raise _no_plan(name, "it is nested too deeply") from None
    except ValueError as error:  # also bytes that are not UTF-8, and numbers of thousands of digits
        raise _no_plan(name, f"{error}, so it was cut off or is none at all") from None
    if not isinstance(document, dict):
        raise _no_plan(name, "it is not an object")
    return document


def _digest_of(text: str, name: str) -> str:
    try:
        return digest(text)
    except UnicodeEncodeError:
        raise _no_plan(name, "its text holds half a character") from None


def _check_entries(document: Mapping[str, Any], name: str) -> None:
    """Every entry is what a catalog file could hold. Raises MshError MSH471."""
    from msh.catalog.validate import faults_of_entry

    commands = document.get("commands")
    for command, entry in commands.items() if isinstance(commands, dict) else ():
        own = {key: entry.get(key, "") for key in ("origin", "script_path")} if isinstance(entry, dict) else {}
        table = {key: value for key, value in entry.items() if key not in own} if isinstance(entry, dict) else entry
        faults = faults_of_entry("entry" if "/" in command else command, table)
        if faults or not all(isinstance(value, str) for value in own.values()) or {"alias", "like"} & table.keys():
            problem = faults[0].message if faults else "it is not whole"
            raise _no_plan(name, f"its entry of `{command}`: {problem}")


def _no_plan(name: str, reason: str) -> MshError:
    help_ = "`msh compile --target local SCRIPT -o PLAN.json` writes one"
    return MshError(Diagnostic("MSH471", f"`{name}` is no plan that msh can run: {reason}", help=help_))
