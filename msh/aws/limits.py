"""What of Step Functions' limits a script would meet: said before anything is deployed, at its place in the script.

Names, concurrency and the sizes of what is passed on are kept within their limits by how machines are made; what cannot
be is refused here.
"""

from __future__ import annotations

import json

from msh.aws.asl import Task, Wait
from msh.aws.events import BUDGET
from msh.diagnostics import Diagnostic, Label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from msh.aws.asl import JSON, States
    from msh.aws.states import Machine
    from msh.plan.model import Span
    from msh.source import Source

DEFINITION = 1 << 20  # bytes
PAYLOAD = 256 << 10  # bytes of what a state takes, makes, or gives its variables
YEAR = 31_536_000  # seconds of an execution

INLINE = 4 << 10  # bytes of a variable that travels as it is; a longer one goes by reference
SMALLEST = 384  # bytes of a reference, with the longest key there is
VARIABLES = 160 << 10  # bytes of a payload for variables
OUTPUTS = 120 << 10  # bytes of a payload for variables of turns that run side by side
REST = 48 << 10  # bytes of a payload for all that is not fixed: the state, a turn's values


def inline(variables: int, outputs: int) -> int:
    """The largest encoding, in bytes, of a variable that may travel as it is; what is longer goes by reference.

    `variables`: the most of them in one payload; `outputs`: the most that turns side by side leave together.
    """
    return min(INLINE, VARIABLES // max(variables, 1), OUTPUTS // max(outputs, 1))


def refusals(machine: Machine, document: Mapping[str, JSON], source: Source) -> list[Diagnostic]:
    """Why Step Functions would not run the machine."""
    found = [*_definition(document, source), *_history(machine, source)]
    for name, state in every_state(machine.states):
        place = machine.places.get(name)
        if isinstance(state, Wait) and isinstance(state.seconds, int) and state.seconds > YEAR:
            message = f"`sleep {state.seconds}` is longer than the year that an execution may last"
            found.append(_refusal("MSH321", message, source, place))
        if isinstance(state, Task):
            found += _payload(state, source, place)
    return found


def every_state(states: States) -> Iterator[tuple[str, object]]:
    """All states, those of branches too."""
    for name, state in states.states:
        yield name, state
        if hasattr(state, "branch"):
            yield from every_state(state.branch)


def _definition(document: Mapping[str, JSON], source: Source) -> Iterator[Diagnostic]:
    size = len(json.dumps(document, ensure_ascii=False).encode())
    if size > DEFINITION:
        message = f"the state machine would have {size:,} bytes, and {DEFINITION:,} are allowed"
        help_ = "put loops over long lists in files, or split the script"
        yield Diagnostic("MSH320", message, source, help=help_)


def _history(machine: Machine, source: Source) -> Iterator[Diagnostic]:
    if not machine.too_large and machine.events > BUDGET:
        message = f"a run could leave {machine.events:,} events in its history, and there is room for {BUDGET:,}"
        yield Diagnostic("MSH322", message, source, help="split the script")
    for span in machine.too_large:
        message = "one turn of this loop can fill the history of an execution"
        help_ = (
            f"a history holds {BUDGET:,} events, a task is 5: move steps of the turn into a function that stays whole"
        )
        yield _refusal("MSH322", message, source, span).replace(help=help_)


def _payload(task: Task, source: Source, place: Span | None) -> Iterator[Diagnostic]:
    asked = task.arguments.get("Payload", task.arguments.get("Input"))
    if not isinstance(asked, dict):
        return
    variables = asked["variables"]
    most = inline(len(variables), 0)
    if most < SMALLEST:
        message = f"{len(variables)} variables are too many for one task, even by reference"
        yield _refusal("MSH323", message, source, place).replace(help="keep them in an array or in a file")
    fixed = len(json.dumps(asked, default=str, ensure_ascii=False).encode())
    if fixed > PAYLOAD - VARIABLES - REST:
        message = f"a task would be asked {fixed:,} bytes, and there is room for {PAYLOAD - VARIABLES - REST:,}"
        yield _refusal("MSH323", message, source, place).replace(
            help="name fewer files at one place, or split the step"
        )


def _refusal(code: str, message: str, source: Source, place: Span | None) -> Diagnostic:
    labels = () if place is None else (Label(place.start, place.end),)
    return Diagnostic(code, message, source, labels)
