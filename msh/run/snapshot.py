"""All that a shell carries from one command to the next, as a document: what `capture` takes, `restore` gives back.

A shell's whole state but its processes is in here. Between parts of a script that run in different
processes, on different machines, it travels as JSON; files and output travel beside it, by others.

Variables are in it whole (`others`), also those that somebody carries by name as well: a name that an analysis has
overlooked is then still there. Whoever restores puts what he carries himself on top.
"""

from __future__ import annotations

import os
import time

from msh.run.encoding import decode_text, decode_variable, encode_text, encode_variable
from msh.run.functions import Function
from msh.run.open_files import opened, reopen
from msh.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict

    from msh.run.encoding import EncodedVariable, Text
    from msh.run.open_files import Opened, Own
    from msh.run.shell import Shell
    from msh.syntax.nodes import Script

    class StoredFunction(TypedDict):
        """`at`: where its definition stands in the script, or in `sources[source]`. `flags`: x exported, r readonly."""

        name: Text
        at: list[int]
        source: int | None
        flags: str

    class Snapshot(TypedDict):
        """See the module. `directory` and `stack` are relative to the workspace when they lie in it, else absolute.

        `name`: `$0`. `argv`: what BASH_ARGV lists. `hashed`: name, path, and how often it was run. `disabled`:
        builtins, by `enable -n`. `began`: the time (seconds since 1970) from which SECONDS counts. `random`: the state
        of RANDOM when the script has seeded it, else null. `unset`: names like RANDOM that have lost their meaning by
        `unset`. `stdin`: the offset in standard input when it is a regular file. `files`, `closed`: descriptors (see
        `open_files`). `finished`: background commands by process number, with their status. `limits`: what `ulimit`
        has set, soft and hard. `abandoned`: the offset where a statement ends that a failed expansion has abandoned,
        else -1; `shown`: where the statement starts that `set -v` showed last. `exported`: names like SHELLOPTS that
        are exported.
        """

        version: int
        status: int
        pipestatus: list[int]
        argument: Text
        options: list[str]
        name: Text
        positional: list[Text]
        argv: list[list[Text]]
        directory: Text
        stack: list[Text]
        umask: int
        functions: list[StoredFunction]
        sources: list[dict[str, Text | None]]
        aliases: list[list[Text]]
        hashed: list[tuple[Text, Text, int]]
        disabled: list[str]
        traps: dict[str, Text]
        getopts: list[int]
        pid: int
        last_pid: int | None
        finished: dict[str, int]
        began: float
        random: int | None
        unset: list[str]
        exported: list[str]
        stdin: int | None
        files: list[Opened]
        closed: list[int]
        limits: dict[str, list[int]]
        abandoned: int
        shown: int
        others: dict[str, EncodedVariable]


VERSION = 1


def capture(sh: Shell, own: Own, *, abandoned: int = -1, shown: int = -1) -> Snapshot:
    """The state of a shell that stands between two statements of its script, outside of any function.

    `own`: the descriptors that it began with.
    """
    files, closed = opened(sh, own)
    sources: list[Source] = []
    functions = [_store(sh, name, function, sources) for name, function in sh.functions.items()]
    return {
        "version": VERSION,
        "status": sh.status,
        "pipestatus": list(sh.pipestatus),
        "argument": encode_text(sh.last_argument),
        "options": sorted(sh.options),
        "name": encode_text(sh.name),
        "positional": [encode_text(text) for text in sh.positional],
        "argv": [[encode_text(text) for text in words] for words in sh.argument_lists],
        "directory": encode_text(_outside(sh, sh.directory)),
        "stack": [encode_text(_outside(sh, path)) for path in sh.directory_stack],
        "umask": _umask(),
        "functions": functions,
        "sources": [_store_source(source) for source in sources],
        "aliases": [[encode_text(name), encode_text(value)] for name, value in sh.aliases.items()],
        "hashed": [(encode_text(name), encode_text(path), hits) for name, (path, hits) in sh.hashed.items()],
        "disabled": sorted(sh.disabled),
        "traps": {str(number): encode_text(command) for number, command in sh.signals.traps.items()},
        "getopts": [sh.getopts_index, sh.getopts_offset],
        "pid": sh.pid,
        "last_pid": sh.jobs.last_pid,
        "finished": {str(pid): status for pid, status in sh.jobs.finished.items()},
        "began": time.time() - (time.monotonic() - sh.began),
        "random": sh.random if sh.seeded else None,
        "unset": sorted(sh.variables.dynamic - sh.variables.computed.keys() - sh.variables.arrays.keys()),
        "exported": sorted(n for n in sh.variables.dynamic if "x" in sh.variables.traits.get(n, ())),
        "stdin": own.input_offset(),
        "files": files,
        "closed": closed,
        "limits": _limits(sh),
        "abandoned": abandoned,
        "shown": shown,
        "others": {name: encode_variable(variable) for name, variable in sh.variables.table.items()},
    }


def restore(sh: Shell, own: Own, state: Snapshot, script: Script) -> None:
    """Make a fresh, prepared shell what the captured one was. `script` is the tree of the same text.

    Raises ValueError when the document is not one of `capture`'s, or of another script.
    """
    if state.get("version") != VERSION:
        raise ValueError(f"a snapshot of version {state.get('version')!r}, expected {VERSION}")
    sh.status = state["status"]
    sh.pipestatus = list(state["pipestatus"])
    sh.last_argument = decode_text(state["argument"])
    sh.options = set(state["options"])
    sh.name = decode_text(state["name"])
    sh.positional = [decode_text(text) for text in state["positional"]]
    sh.argument_lists = [[decode_text(text) for text in words] for words in state["argv"]]
    sh.directory = _inside(sh, decode_text(state["directory"]))
    sh.directory_stack = [_inside(sh, decode_text(path)) for path in state["stack"]]
    os.umask(state["umask"])
    _restore_functions(sh, state, script)
    sh.aliases = {decode_text(name): decode_text(value) for name, value in state["aliases"]}
    sh.hashed = {decode_text(name): (decode_text(path), hits) for name, path, hits in state["hashed"]}
    sh.disabled = set(state["disabled"])
    for number, command in state["traps"].items():
        sh.signals.set(int(number), decode_text(command))
    sh.getopts_index, sh.getopts_offset = state["getopts"]
    sh.pid, sh.jobs.last_pid = state["pid"], state["last_pid"]
    sh.jobs.finished = {int(pid): status for pid, status in state["finished"].items()}
    sh.began = time.monotonic() - (time.time() - state["began"])
    if state["random"] is not None:
        sh.random, sh.seeded = state["random"], True
    _restore_variables(sh, state)
    if state["stdin"] is not None:
        own.seek_input(state["stdin"])
    reopen(sh, own, state["files"], state["closed"])
    _restore_limits(sh, state["limits"])


# ---- variables --------------------------------------------------------------------


def _restore_variables(sh: Shell, state: Snapshot) -> None:
    variables = sh.variables
    for name in state["unset"]:
        variables.forget(name)
    for name in state["exported"]:
        variables.declare(name, frozenset("x"))
    variables.table.clear()
    for name, value in state["others"].items():
        variable = decode_variable(value)
        if variable is not None:
            variables.table[name] = variable


# ---- functions --------------------------------------------------------------------


def _store(sh: Shell, name: str, function: Function, sources: list[Source]) -> StoredFunction:
    source = None
    if function.source is not sh.source:
        known = [index for index, one in enumerate(sources) if one is function.source]
        source = known[0] if known else len(sources)
        if not known:
            sources.append(function.source)
    flags = "x" * function.exported + "r" * function.readonly
    return {
        "name": encode_text(name),
        "at": [function.node.start, function.node.end],
        "source": source,
        "flags": flags,
    }


def _store_source(source: Source) -> dict[str, Text | None]:
    path = None if source.path is None else encode_text(source.path)
    first = str(source.first_line)
    return {"name": encode_text(source.name), "path": path, "text": encode_text(source.text), "first": first}


def _restore_functions(sh: Shell, state: Snapshot, script: Script) -> None:
    from msh.syntax import parse
    from msh.syntax.locate import locate
    from msh.syntax.nodes import FunctionDefinition

    texts: list[tuple[Source, Script]] = []
    at_top = {
        (one.command.start, one.command.end): one.command
        for one in script.body
        if isinstance(one.command, FunctionDefinition)
    }
    for stored in state["sources"]:
        path = stored["path"]
        name, text = decode_text(stored["name"]), decode_text(stored["text"])
        first = int(decode_text(stored["first"]))
        source = Source(name, text, None if path is None else decode_text(path), first)
        texts.append((source, parse(source)))
    for one in state["functions"]:
        source, tree = (sh.source, script) if one["source"] is None else texts[one["source"]]
        start, end = one["at"]
        definition = at_top.get((start, end)) if tree is script else None
        function = Function(definition or locate(tree, start, end, FunctionDefinition), source)
        function.exported, function.readonly = "x" in one["flags"], "r" in one["flags"]
        sh.functions[decode_text(one["name"])] = function


# ---- the process ------------------------------------------------------------------


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _workspace(sh: Shell) -> str:
    return sh.resources.settings.workspace or "/"


def _outside(sh: Shell, path: str) -> str:
    """A directory as it means the same where the workspace lies elsewhere."""
    workspace = _workspace(sh)
    if path == workspace:
        return "."
    inner = path.removeprefix(workspace.rstrip("/") + "/")
    return f"./{inner}" if inner != path else path


def _inside(sh: Shell, path: str) -> str:
    if path == ".":
        return _workspace(sh)
    return f"{_workspace(sh).rstrip('/')}/{path[2:]}" if path.startswith("./") else path


def _limits(sh: Shell) -> dict[str, list[int]]:
    if not sh.limited:
        return {}
    import resource

    return {name: list(resource.getrlimit(getattr(resource, name))) for name in sorted(sh.limited)}


def _restore_limits(sh: Shell, limits: dict[str, list[int]]) -> None:
    if not limits:
        return
    import resource

    for name, (soft, hard) in limits.items():
        number = getattr(resource, name)
        _, most = resource.getrlimit(number)
        if most >= 0 and (hard < 0 or hard > most):
            hard = most  # this machine allows less
        if hard >= 0 and (soft < 0 or soft > hard):
            soft = hard
        resource.setrlimit(number, (soft, hard))
        sh.limited.add(name)
