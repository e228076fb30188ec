"""What a script starts here, pipeline by pipeline, as far as its text tells: container steps.

    Resolution × Settings ──▶ Steps ──▶ `msh check --grants`, `msh compile --target local`

Says what the sandbox will decide from names alone; nothing is opened or made. What only the run knows (symbolic links,
which directory of a new file is there already) it decides then by the same rules, and only ever narrower: a name that
leads out of what is granted is refused.
"""

from __future__ import annotations

import os

from msh.config import OBJECTS
from msh.effects import MOST_MOUNTS, Unknown
from msh.record import Record
from msh.syntax import static_text
from msh.syntax.nodes import Pipeline as PipelineNode
from msh.syntax.nodes import ProcessSubstitution, Redirect, SimpleCommand, Statement, Word
from msh.syntax.walk import children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from msh.catalog.model import CommandSpec
    from msh.config import Settings
    from msh.effects import Access, Effects
    from msh.resolve import Resolution, Use
    from msh.source import Source
    from msh.syntax.nodes import Command, Node

BASE = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives")
DEVICES = tuple([f"/dev/{name}" for name in ["null", "zero", "full", "random", "urandom", "stdin", "stdout", "stderr"]])
READING = ("read", "list")
REDIRECTS = {"<": "read", ">": "write", ">>": "write", ">|": "write", "<>": "write", "&>": "write", "&>>": "write"}


class Bind(Record):
    """Something of the file system that a step gets, or that a redirection opens.

    `kind` is that of an `Access`. `path` is as the script names it; Unknown: whatever it turns out to be, in the
    workspace. `grant` says what grants it:

        workspace   naming it inside the workspace
        flag        `--allow-read`, `--allow-write`
        tmp         the run's private /tmp
        base        the base system that every step sees
        etc         the run's synthetic /etc, if it has this
        device      a harmless device
        refused     nothing: the step is refused when it starts
    """

    kind: str
    path: str | Unknown
    grant: str


class Step(Record):
    """One external command in a sandbox of its own. `start` and `end` are offsets into the script's text.

    `context` says where it stands (`Use.context`). `program` is the executable, in `image` if there is one.
    `workspace`: "", "read" or "write", it gets the whole workspace. `network`: none, granted or refused. `runs` are the
    commands that it runs inside the same sandbox. `wider` says where it gets more than its words name. `limits` are
    pairs as in `msh.limits`.
    """

    start: int
    end: int
    name: str
    context: str
    backend: str
    program: str
    image: str
    argv: tuple[str | Unknown, ...]
    binds: tuple[Bind, ...]
    workspace: str
    network: str
    runs: tuple[str, ...]
    wider: tuple[str, ...]
    limits: tuple[tuple[str, float], ...] = ()


class Stage(Record):
    """One command of a pipeline; without a step msh itself runs it: a builtin, a function, a compound command."""

    start: int
    end: int
    step: Step | None


class Pipeline(Record):
    """Stages joined by kernel pipes, one or more; at least one of them is a step."""

    start: int
    end: int
    stages: tuple[Stage, ...]


class Opened(Record):
    """A file that msh opens for a redirection; the command gets the descriptor only."""

    start: int
    end: int
    operator: str
    bind: Bind


class Steps(Record):
    """All of a script's, in the order of its text."""

    pipelines: tuple[Pipeline, ...]
    opened: tuple[Opened, ...]

    def steps(self) -> Iterator[Step]:
        """Those of all pipelines."""
        for pipeline in self.pipelines:
            for stage in pipeline.stages:
                if stage.step is not None:
                    yield stage.step


def steps_of(
    resolution: Resolution, settings: Settings, directory: str, pinned: Mapping[str, CommandSpec] | None = None
) -> Steps:
    """The steps of a script that starts in `directory`. `pinned` has entries that count instead of those resolved."""
    judge = Judge(settings, directory)
    step = _Maker(judge, settings, pinned or {})
    nodes = {id(use.command): step(use) for use in resolution.uses if use.command is not None}
    pipelines = list(_pipelines(resolution.script, nodes))
    for use in resolution.uses:
        if use.command is None:
            pipelines.append(Pipeline(use.start, use.end, (Stage(use.start, use.end, step(use)),)))
    pipelines.sort(key=lambda pipeline: pipeline.start)
    return Steps(tuple(pipelines), tuple(_opened(resolution.script, judge)))


class _Maker:
    def __init__(self, judge: Judge, settings: Settings, pinned: Mapping[str, CommandSpec]) -> None:
        self.judge = judge
        self.settings = settings
        self.pinned = pinned

    def __call__(self, use: Use) -> Step:
        effects = use.effects
        spec = self.pinned.get(use.spec.name, use.spec)
        granted = "granted" if self.settings.allow_network else "refused"
        return Step(
            start=use.start,
            end=use.end,
            name=spec.name,
            context=use.context,
            backend="docker" if spec.run.image else self.settings.backend,
            program=spec.run.program,
            image=spec.run.image,
            argv=(spec.name, *spec.arguments, *use.arguments),
            binds=tuple(dict.fromkeys([self.judge.bind(access) for access in effects.accesses])),
            workspace=effects.workspace,
            network="none" if effects.network == "none" else granted,
            runs=tuple([inner.spec.name for inner in use.runs]),
            wider=tuple(_wider(effects)),
            limits=effects.limits,
        )


def _wider(effects: Effects) -> Iterator[str]:
    """Where a sandbox gives more than the words say (docs/security.md)."""
    if len([access for access in effects.accesses if access.kind in ("read", "write")]) > MOST_MOUNTS:
        yield f"more than {MOST_MOUNTS} files: it gets the directories that hold them"
    if effects.together and len([access for access in effects.accesses if access.kind == "entries"]) > 1:
        yield "it renames or links between directories: it gets the one above them that holds both"


# ---- the tree ------------------------------------------------------------------------


def _pipelines(script: Node, steps: Mapping[int, Step]) -> Iterator[Pipeline]:
    """The pipelines that hold a step. A stage that is a list has pipelines of its own."""
    stack: list[tuple[Node, bool]] = [(script, False)]  # with whether a pipeline around it has it as a stage
    while stack:
        node, is_stage = stack.pop()
        stages: tuple[Command, ...] = ()
        if isinstance(node, PipelineNode):
            stages = node.commands
        elif isinstance(node, SimpleCommand) and not is_stage:
            stages = (node,)
        if any(id(stage) in steps for stage in stages):
            found = [Stage(stage.start, stage.end, steps.get(id(stage))) for stage in stages]
            yield Pipeline(node.start, node.end, tuple(found))
        within = isinstance(node, PipelineNode)
        stack += [(child, within and not isinstance(child, Statement)) for child in reversed(children(node))]


def _opened(script: Node, judge: Judge) -> Iterator[Opened]:
    stack: list[Node] = [script]
    while stack:
        node = stack.pop()
        if isinstance(node, Redirect) and isinstance(node.target, Word) and _opens_a_file(node.target, node.operator):
            path = static_text(node.target)
            bind = judge.named(REDIRECTS[node.operator], path if path is not None else Unknown())
            yield Opened(node.start, node.end, node.operator, bind)
        stack += reversed(children(node))


def _opens_a_file(target: Word, operator: str) -> bool:
    """Not a pipe from or to a process substitution, nor a copy of a descriptor."""
    return operator in REDIRECTS and not any(isinstance(part, ProcessSubstitution) for part in target.parts)


# ---- grants --------------------------------------------------------------------------


class Judge:
    """Says what would grant a name."""

    def __init__(self, settings: Settings, directory: str) -> None:
        self.settings = settings
        self.directory = directory

    def bind(self, access: Access) -> Bind:
        """What an access becomes."""
        return self.named(access.kind, access.path)

    def named(self, kind: str, path: str | Unknown) -> Bind:
        """A path that is read or written; one that is not known is in the workspace or nowhere."""
        return Bind(kind, path, self.grant(kind, path) if isinstance(path, str) else "workspace")

    def grant(self, kind: str, path: str) -> str:
        """See `Bind.grant`."""
        settings, absolute = self.settings, self.absolute(path)
        if path.startswith(OBJECTS):
            prefixes = (*settings.allow_write, *settings.allow_read) if kind in READING else settings.allow_write
            return "flag" if any(is_inside(path, prefix) for prefix in prefixes) else "refused"
        if settings.workspace is not None and is_inside(absolute, settings.workspace):
            return "workspace"
        readable = (*settings.allow_write, *settings.allow_read) if kind in READING else settings.allow_write
        if any(is_inside(absolute, root) for root in readable):
            return "flag"
        if absolute in DEVICES:
            return "device"
        if is_inside(absolute, "/tmp"):
            return "tmp"
        if kind in READING and any(is_inside(absolute, root) for root in BASE):
            return "base"
        return "etc" if kind in READING and is_inside(absolute, "/etc") else "refused"

    def absolute(self, path: str) -> str:
        """A name without `.` and `..`, as far as its text tells; an object's as it is."""
        return path if path.startswith(OBJECTS) else os.path.normpath(os.path.join(self.directory, path))


def is_inside(path: str, root: str) -> bool:
    """Whether a path is `root` or lies below it."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def line_of(source: Source, start: int, end: int, width: int) -> str:
    """A piece of the script on one line, at most `width` long."""
    text = " ".join(source.text[start:end].split())
    return text if len(text) <= width else text[: width - 1] + "…"
