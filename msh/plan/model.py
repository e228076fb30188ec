"""A script as a plan: control flow whose leaves are regions, each of which one task runs. No target is in it.

    Script × Resolution ──build──▶ Plan ──▶ a state machine, a drawing, an estimate, JSON

A *region* is a run of statements that stay together: pipelines, assignments, builtins, and whatever control flow has
to stay inside for one of `REASONS`. Everything else that decides the order is a step of its own here. Between two
regions the state of the shell travels: its variables as values, all else (files, functions, options, traps, standard
output so far) behind one reference that no target looks into.

`$?` after each step is what bash's would be; a step says only what a target cannot know.
"""

from __future__ import annotations

from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

#: Why control flow stays inside a region, and the words for it. Nothing else is a reason.
REASONS = {
    "carried-state": "each turn needs what the one before has left",
    "unbounded-loop": "the data decides how many turns there are",
    "shared-input": "its parts read one standard input",
    "shared-output": "its parts write to one descriptor",
    "pipeline-stage": "it is a stage of a pipeline",
    "background": "it runs beside what follows",
    "function-scope": "its variables are the function's own",
    "recursion": "it calls itself",
    "jump": "it is left in the middle",
    "descriptor": "a descriptor stays open",
    "substitution": "it is part of a word",
    "native-limit": "the target has no such construct",
    "no-task": "nothing in it is worth a task of its own",
    "run-time": "what it runs is known only at run time",
    "errexit": "its failure may end the script",
}


class Span(Record):
    """Offsets into the script's text of a node that is run as it stands."""

    start: int
    end: int


class Region(Record):
    """`sort x > y; uniq -c y`: what one task runs.

    `runs` are the nodes in their order: statements, or, where a list is split, commands of an and-or list. `name` is
    for people: unique in its plan, `[A-Za-z0-9_-]`, at most 60 long, from its line and first command (`L12-sort`).
    `guarded`: it stands where `set -e` does not count (a condition, the left side of `&&`); all but its first `ahead`
    runs, which are the statements before that.
    `decides` says what the region finds out besides `$?`, at its end:

        ""         nothing
        "case"     which branch of the `CaseClause` at `subject` is taken: `choice` is its index, -1 for none
        "items"    the words of the `ForClause` at `subject`, expanded: `items` (see `Each`)
        "seconds"  the whole seconds that the `sleep` at `subject` waits: `seconds`; a fraction is slept by the region,
                   and what cannot be read is left to the real command: `seconds` is 0 then, `$?` what it says

    `turns`: the region is the body of `Each` over `items`, the `ForClause` at `subject`, run for each value in the
    descriptor that the request brings; the target does not set the variable then.
    `reads` and `writes` are the variables that it may use and change, sorted; only variables that something in the plan
    writes are named. `live` are those of `writes` that a later step reads. `everything`: it may use and change any
    (`eval`, `${!x}`, a nameref): `reads`, `writes` and `live` then name all variables of the plan.
    `files` are the paths that it may read, as in `Access.path`, relative to the script's directory; None when not all
    of them are known, and then it is given all there are. `outputs` likewise, for what it may change.
    `keeps`: why it holds control flow, keys of `REASONS`, in the order of the text.
    `may_exit`: it can end the script (`exit`, `set -e`, `${x:?}`, a fatal error).
    """

    name: str
    runs: tuple[Span, ...]
    guarded: bool = False
    ahead: int = 0
    decides: str = ""
    subject: Span | None = None
    turns: bool = False
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    everything: bool = False
    files: tuple[str, ...] | None = ()
    outputs: tuple[str, ...] | None = ()
    commands: tuple[str, ...] = ()  # external commands, sorted
    network: bool = False
    image: str = ""  # of its commands that need one; a region never needs two
    seconds: float = 0.0  # expected time, 0 when nobody knows
    keeps: tuple[str, ...] = ()
    may_exit: bool = True
    label: str = ""  # the first line of its text, at most 60 characters


class Choose(Record):
    """`if test; then …; else …; fi`, `test && then`, `test || orelse`.

    Goes on by `$?` of `test`, whose regions are guarded. A None branch leaves `$?` as the test did; an empty tuple sets
    it to 0, as an `if` without a branch that was taken does.
    """

    test: tuple[Step, ...]
    then: tuple[Step, ...] | None
    orelse: tuple[Step, ...] | None
    span: Span


class Switch(Record):
    """`case word in …`: `selector` decides "case"; `branches` by index; `$?` is 0 when none is taken or it is empty."""

    selector: Region
    branches: tuple[tuple[Step, ...], ...]
    span: Span


class Repeat(Record):
    """`while test; do body; done`, only where a turn waits or holds a step that no region may (see `REASONS`).

    `while true; do a; test && break; sleep 5; done` is one with `until`: what stands before the test is part of it.
    `$?` is that of the last body, 0 when there was none. `turns` bounds the number of turns, 0 when data decides it: a
    target with a bounded history runs such a loop in chunks.
    """

    test: tuple[Step, ...]
    body: tuple[Step, ...]
    until: bool
    span: Span
    turns: int = 0


class Each(Record):
    """`for name in words; do body; done`.

    `items` decides "items", or is None when `values` has the words as they are. `independent`: the turns neither use
    what another has changed nor change what another uses, so they may run side by side; a turn that ends the script
    (`exit`, `set -e`) then cuts off those after it, whatever they have done. Where it is not independent, the turns
    run one after the other. With `items`, the body is one region with `turns` that takes several values, so that the
    number of tasks has a bound; with `values` it is any steps, and the target sets the variable.
    `$?` is that of the last turn, 0 when there was none; the variable keeps the last value.
    """

    name: str
    items: Region | None
    values: tuple[str, ...]
    body: tuple[Step, ...]
    independent: bool
    span: Span


class Wait(Record):
    """`sleep 5`: `seconds`, after which `$?` is 0; or None when the region before decides them, whose `$?` stays."""

    seconds: int | None
    span: Span


class Scope(Record):
    """`( list )` with steps of its own: afterwards all but `$?`, files and output is as it was before."""

    body: tuple[Step, ...]
    span: Span


Step: TypeAlias = "Region | Choose | Switch | Repeat | Each | Wait | Scope"


class Plan(Record):
    """A whole script. `text` is its source; `sha256` of its bytes names it.

    `variables` are all that steps read or write, sorted. `inputs` are the files that must be there beforehand, None
    when not all are known. `exit`: the region that runs at the end whatever it is, for EXIT traps; None without one.
    """

    name: str
    text: str
    sha256: str
    steps: tuple[Step, ...]
    variables: tuple[str, ...] = ()
    inputs: tuple[str, ...] | None = ()
    commands: tuple[str, ...] = ()
    exit: Region | None = None
