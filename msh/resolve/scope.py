"""Where a command line stands: the text it is in, its words, what it can call."""

from __future__ import annotations

from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.effects import Unknown
    from msh.source import Source

ANY = ""  # stands in a set of functions for names that only the run will know
DEPTH = 16  # texts and command lines inside one another


class Text(Record):
    """A text being resolved, and where it stands in the script.

    `base` is the offset of the text's first character in `outer` (None when the text does not stand there as it is:
    then all of it is at `start`-`end`). The outermost text has no `outer`.
    """

    source: Source | None
    outer: Text | None = None
    base: int | None = 0
    start: int = 0
    end: int = 0

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in this text as offsets in the script."""
        if self.outer is None:
            return start, end
        if self.base is None:
            return self.outer.place(self.start, self.end)
        return self.outer.place(self.base + start, self.base + end)

    def script(self) -> Source | None:
        """The script's own source."""
        return self.source if self.outer is None else self.outer.script()


class Word(Record):
    """One word of a command line: what it is, its text as written, and where it stands.

    `value` is Unknown while `text` is known for a word in which another program puts something (`{}`); it is Unknown
    and `text` None for one that only the run will know, and, with `inside`, for one that not even the run will know.
    `base` is where `text` begins, when it stands there as it is.
    """

    value: str | Unknown
    text: str | None
    start: int = 0
    end: int = 0
    base: int | None = None
    inside: bool = False


class Scope(Record):
    """What a line can call: `functions` (sets that may still grow), and whether it is run by another `program`.

    `runner` is the command that runs it, for messages; `step` says that a sandboxed step does, not msh.
    """

    functions: tuple[frozenset[str] | set[str], ...] = ()
    program: bool = False
    runner: str = ""
    step: bool = False
    depth: int = 0
    context: str = ""

    def open(self) -> None:
        """Commands that nobody knows yet run in this shell: a function may come to have any name."""
        if self.functions and isinstance(self.functions[-1], set):
            self.functions[-1].add(ANY)

    def defines(self, name: str) -> bool:
        """Whether a function of this name can be called."""
        return any(name in functions for functions in self.functions)
