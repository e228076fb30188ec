"""What each step of a script would be allowed, as far as its text tells: the listing of `msh check --grants`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msh.catalog.model import OWN_PROXY
from msh.cli.plans import plans_of
from msh.cli.questions import Questions
from msh.effects import Unknown, holder_of
from msh.limits import DEFAULTS, written
from msh.plan.steps import READING, Bind, Judge, line_of, steps_of
from msh.render import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.config import Settings
    from msh.effects import Effects
    from msh.plan.steps import Step
    from msh.resolve import Resolution

TEXT_WIDTH = 60
REASONS = {"tmp": "the run's private /tmp", "base": "base system", "etc": "the run's synthetic /etc, if it has this"}

_ANSWERS = {
    "asked": "asked for when it happens",
    "allowed": "allowed by a rule",
    "denied": "denied by a rule, or for want of one",
    "refused": "refused",
}

STANDING = """\
every step: /usr and its links read-only, a private /tmp shared by the steps of the run, an empty HOME, synthetic
  /etc/passwd and /etc/hosts, an allow-listed environment, no descriptors but those the script opened, no network
"""


def grants_text(resolution: Resolution, settings: Settings, directory: str, *, verbose: bool) -> str:
    """One paragraph a step, in the order of the text; `directory` is where the script would start."""
    judge, questions = Judge(settings, directory), Questions(settings)
    effects = {use.start: use.effects for use in resolution.uses}
    steps = steps_of(resolution, settings, directory)
    paragraphs: list[tuple[int, list[str]]] = []
    plans = plans_of(resolution, settings, directory) if verbose else {}
    for step in steps.steps():
        said = _step_lines(step, effects.get(step.start), judge, questions)
        paragraphs.append((step.start, [_head(resolution, step.start, step.end), *said, *plans.get(step.start, ())]))
    for opened in steps.opened:
        head = _head(resolution, opened.start, opened.end)
        paragraphs.append((opened.start, [head, _bind_line(opened.bind, judge, questions)]))
    paragraphs.sort(key=lambda paragraph: paragraph[0])
    text = "".join(["\n".join(lines) + "\n" for _, lines in paragraphs])
    return (STANDING + _defaults(settings) if verbose else "") + _run_limits(settings) + text


def _defaults(settings: Settings) -> str:
    """What bounds a step that nobody has bounded."""
    from msh.sandbox.kernel import PIDS, has

    held = settings.backend == "native" and os.geteuid() != 0 and has(PIDS)
    bounds = f"at most {written(DEFAULTS.items())}" if held else "no limit"
    return f"  {bounds} by default; when the machine has no memory left, steps are ended before other programs\n"


def _run_limits(settings: Settings) -> str:
    """The run's bounds, and where this host holds one less strictly than it says."""
    from msh.sandbox.limits.demands import NAMES
    from msh.sandbox.limits.tiers import gap, tier

    bounds = settings.limits if settings.timeout is None else (*settings.limits, ("time", settings.timeout))
    if not bounds:
        return ""
    lines = [f"the run: at most {written(bounds)}; held here by {NAMES[tier().name]}"]
    for name, _ in bounds:
        if words := gap(tier(), name, run=True):
            judged = "accepted" if name in settings.allow_weaker else "refused"
            lines.append(f"  {judged:<8} {name}: {words}")
    return "".join([f"{line}\n" for line in lines])


def _head(resolution: Resolution, start: int, end: int) -> str:
    source = resolution.source
    line, column = source.position(start)
    return f"{plain(source.name)}:{line}:{column}: {plain(line_of(source, start, end, TEXT_WIDTH))}"


def _step_lines(step: Step, effects: Effects | None, judge: Judge, questions: Questions) -> Iterator[str]:
    if step.workspace:
        yield f"  {step.workspace:<8} the whole workspace"
    binds = _by_name(step.binds, effects, judge) if questions.unforeseen and not step.image else step.binds
    asked = None if step.image else questions
    yield from dict.fromkeys([_bind_line(bind, judge, asked, step.name) for bind in binds])
    if step.workspace and questions.unforeseen and not step.image:
        yield f"  {'asked':<8} what it opens or changes besides, one by one"
    yield from [f"  {'wider':<8} {words}" for words in step.wider]
    if step.image:
        yield from _gaps(step, effects, judge.settings)
    yield from [f"  {'run':<8} {plain(name)}" for name in step.runs]
    if step.network != "none":
        asked_for = questions.connections and not step.image
        refused = f"{'asked for' if asked_for else 'refused'}: --allow-net HOST would grant it"
        yield f"  {'network':<8} {'granted' if step.network == 'granted' else refused}"
        for proxy in effects.proxies if effects is not None else ():
            yield f"  {'proxy':<8} {'of its own' if proxy == OWN_PROXY else plain(proxy)}"
    if step.limits:
        yield f"  {'limits':<8} {written(step.limits)}"
    if not (step.workspace or step.binds or step.runs or step.limits or step.image) and step.network == "none":
        yield "  nothing but its streams"


def _gaps(step: Step, effects: Effects | None, settings: Settings) -> Iterator[str]:
    """What a container would hold less strictly than it says."""
    from msh.sandbox.docker import PATHS, PROGRAMS

    confined = effects is not None and effects.programs != "any"
    for gap, asked in ((PATHS, bool(step.binds or step.workspace)), (PROGRAMS, confined)):
        judged = "accepted" if gap.name in settings.allow_weaker else "refused"
        if asked:
            yield f"  {judged:<8} {gap.name}: {gap.text}"


def _by_name(binds: tuple[Bind, ...], effects: Effects | None, judge: Judge) -> Iterator[Bind]:
    """Names that would be asked for by themselves, in place of the directory in which they are changed."""
    changed = [name for name in effects.changed if isinstance(name, str)] if effects is not None else []
    for bind in binds:
        names = [name for name in changed if holder_of(name) == bind.path]
        if bind.kind == "entries" and bind.grant == "refused" and names:
            yield from [Bind("write", name, judge.grant("write", name)) for name in names]
        else:
            yield bind


def _bind_line(bind: Bind, judge: Judge, questions: Questions | None = None, step: str = "") -> str:
    if isinstance(bind.path, Unknown):
        shown = f"{plain(bind.path.prefix)}… " if bind.path.prefix else ""
        otherwise = ", else asked for" if questions is not None and questions.unforeseen else ""
        return f"  {bind.kind:<8} {shown}(known at run time; in the workspace{otherwise})"
    reason = REASONS.get(bind.grant, "")
    if bind.grant == "refused":
        flag = "--allow-read" if bind.kind in READING else "--allow-write"
        path = judge.absolute(bind.path)
        kind = "read" if bind.kind in READING else "write"
        answer = questions.answer(kind, path, step) if questions is not None else "refused"
        reason = f"{_ANSWERS[answer]}{'' if answer == 'allowed' else f': {flag} {plain(path)} would grant it'}"
    return f"  {bind.kind:<8} {plain(bind.path)}" + (f"  ({reason})" if reason else "")
