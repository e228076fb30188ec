"""What turns that ran side by side come to: expressions over the list of their outputs.

Each turn's output is `{"rc", "state", "exited", "tail", "v": {NAME: value}}`. The turns count up to the first that has
ended the script or left the loop; those after it have run for nothing, since nothing refers to what they have left.
"""

from __future__ import annotations

from msh.aws.asl import Code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.aws.asl import Value

TAIL = 256  # characters of a turn's standard error that the machine keeps


def last(field: str, *, cut: bool, empty: str = "") -> Code:
    """A field of the last turn that counts; `empty` is an expression for when there was no turn, if that may be.

    `cut`: a turn may end the script.
    """
    return _counted(f"$r[$n].{field}", cut, empty)


def state(base: str, *, cut: bool, empty: bool) -> Code:
    """The state after the turns; `base` is an expression for the one before."""
    turns = f'{{"base": {base}, "turns": [$r[[0..$n]].state]}}'
    return _counted(turns, cut, base if empty else "")


def exited() -> Code:
    """Whether a turn has ended the script."""
    return Code("true in [$states.result.exited]")


def tail(of: Value) -> Value:
    """The end of a standard error, cut to what a list of turns has room for."""
    return Code(f"$substring({of.text}, -{TAIL})") if isinstance(of, Code) else of


def _counted(value: str, cut: bool, empty: str) -> Code:
    """A value of the turns `$r`, of which `$n` is the index of the last that counts."""
    parts = ["$r := $states.result"]
    end = "$count($r) - 1"
    if cut:
        parts.append("$x := $map($r, function($v, $i) { $v.exited or $v.broke ? $i })[0]")
        end = f"$exists($x) ? $x : {end}"
    parts += [f"$n := {end}", f"$n < 0 ? {empty} : {value}" if empty else value]
    return Code(f"({'; '.join(parts)})")
