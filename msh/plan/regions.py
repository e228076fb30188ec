"""Regions: nodes that one task runs, with all that is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.diagnostics import Diagnostic, Label
from msh.plan.facts import may_glob
from msh.plan.files import UNKNOWN, files_of, files_of_all
from msh.plan.handlers import Handlers, handlers, has_exit_handler
from msh.plan.model import Region, Span
from msh.plan.names import Names
from msh.syntax import nodes as n
from msh.syntax.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from msh.plan.closure import Reader
    from msh.plan.facts import Facts
    from msh.plan.line import Part
    from msh.plan.shape import Shape
    from msh.resolve import Use
    from msh.syntax.nodes import Node


class Regions:
    """Makes the regions of one plan, in the order of the text; `refused` gathers what no region can be.

    `moved`: the directory may be another one than the script was started in.
    """

    def __init__(self, reader: Reader, shape: Shape) -> None:
        self.reader = reader
        self.shape = shape
        self.names = Names(reader.index.source)
        self.traps = handlers(reader, at_exit=False)  # any region may run them
        self.ends = handlers(reader, at_exit=True)
        self.has_ends = has_exit_handler(reader)
        self.moved = False
        self.refused: list[Diagnostic] = []

    def region(
        self, parts: Sequence[Part], *, decides: str = "", subject: Node | None = None, guarded: bool = False
    ) -> Region:
        """The region that runs these parts, then decides something about the subject, or runs turns of it."""
        nodes = [part.node for part in parts]
        examined = _examined(decides, subject)
        facts = self.reader.of(*nodes, *examined)
        images = images_of(facts)
        if len(images) > 1:
            self._refuse_images(images, facts)
        listing = decides == "items" and any(may_glob(word) for word in examined if isinstance(word, n.Word))
        beside = self._beside([*nodes, *examined], facts)
        files = UNKNOWN if self.moved or listing else files_of([*nodes, *examined], self.reader)
        files = files_of_all([files, *[each.files for each in beside]])
        self.moved = self.moved or facts.has("cd", "run-time")
        place = nodes[0] if nodes else subject or self.reader.index.script
        guards = [part.guarded for part in parts]
        guarded = guarded or any(guards)
        return Region(
            self.names.name(place),
            tuple([Span(node.start, node.end) for node in nodes]),
            guarded=guarded,
            ahead=guards.index(True) if any(guards) else len(guards) * guarded,
            decides="" if decides == "turns" else decides,
            subject=Span(subject.start, subject.end) if subject is not None else None,
            turns=decides == "turns",
            reads=tuple(sorted(facts.reads.union(*[each.facts.reads for each in beside]))),
            writes=tuple(sorted(facts.writes.union(*[each.facts.writes for each in beside]))),
            everything=any([facts.everything, *[each.facts.everything for each in beside], self.reader.index.namerefs]),
            files=None if files.read is None else tuple(sorted(files.read)),
            outputs=None if files.changed is None else tuple(sorted(files.changed)),
            commands=tuple(sorted(set(command_names(facts.uses)))),
            network=any(use.effects.network != "none" for use in facts.uses),
            image=min(images, default=""),
            keeps=self._keeps(parts, decides, subject),
            label=self.names.label(place),
        )

    def fit_together(self, parts: Sequence[Part]) -> bool:
        """Whether one task can run them: none needs another image than the rest."""
        return len(images_of(self.reader.of(*[part.node for part in parts]))) < 2

    def _keeps(self, parts: Sequence[Part], decides: str, subject: Node | None) -> tuple[str, ...]:
        found = [reason for part in parts for reason in part.keeps or self.shape.kept(part.node)]
        if decides == "turns" and isinstance(subject, n.ForClause):
            found += ["unbounded-loop"] if any(self.shape.kept(s) for s in subject.body) else []
        return tuple(dict.fromkeys(found))

    def _beside(self, nodes: Sequence[Node], facts: Facts) -> list[Handlers]:
        """The handlers that a region of these nodes may run.

        One for the end of the script has a region of its own, but it runs where the script is left when that is inside
        of a function or of what is redirected.
        """
        inside = bool(facts.calls) or any(isinstance(each, n.Redirected) for node in nodes for each in walk(node))
        return [self.traps, self.ends] if self.has_ends and inside else [self.traps]

    def _refuse_images(self, images: set[str], facts: Facts) -> None:
        uses = sorted([use for use in facts.uses if use.spec.run.image in images], key=lambda use: use.start)
        labels = {use.spec.run.image: Label(use.start, use.end, f"`{use.spec.run.image}`") for use in uses}
        names = " and ".join([f"`{image}`" for image in labels])
        message = f"one task would need the images {names}"
        help = "part the pipeline through a file, or map both commands to one image"
        self.refused.append(Diagnostic("MSH301", message, self.reader.index.source, tuple(labels.values()), help))


def images_of(facts: Facts) -> set[str]:
    """The images that the steps need, those of commands run in turn included."""
    return {use.spec.run.image for use in _with_runs(facts.uses) if use.spec.run.kind == "image"}


def command_names(uses: Iterable[Use]) -> list[str]:
    """The names of all external commands, those run in turn included."""
    return [use.spec.name for use in _with_runs(uses)]


def _with_runs(uses: Iterable[Use]) -> list[Use]:
    found: list[Use] = []
    stack = list(uses)
    while stack:
        use = stack.pop()
        found.append(use)
        stack += use.runs
    return found


def _examined(decides: str, subject: Node | None) -> list[Node]:
    """The nodes that a decision looks at."""
    match decides, subject:
        case "case", n.CaseClause(word=word, items=items):
            return [word, *[pattern for item in items for pattern in item.patterns]]
        case "items", n.ForClause(words=words):
            return list(words or ())
        case "turns", n.ForClause(body=body):
            return list(body)
        case "seconds", n.Node():
            return [subject]
    return []
