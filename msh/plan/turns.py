"""The files of the turns of a `for`: whether one may need what an earlier one has changed.

The body is read with the loop's variable put in its place, and with those that it sets from known texts, so that
`"$f.gz"` is a name; the effects of each step are then found again from its real words, and those of a function from
the words of its call. Words that are known are tried one by one. A glob stands for a name of which only the ends are
known, but which is another in each turn (`paths.py`). Where nothing is known of the words, only a body that changes no
file is free.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from msh.effects import Unknown, effects_of
from msh.plan.exposure import declarations
from msh.plan.files import named_files
from msh.plan.paths import END, FRESH, MADE, MARKS, VARIES, may_meet
from msh.plan.renaming import changed_names
from msh.plan.substitution import Values, is_mktemp
from msh.syntax import nodes as n
from msh.syntax import static_text
from msh.syntax.walk import children

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.plan.closure import Reader
    from msh.resolve import Use

MOST_TURNS = 64  # compared one by one
DEEPEST = 8  # calls inside one another


def may_collide(loop: n.ForClause, values: tuple[str, ...] | None, reader: Reader, constants: Constants) -> bool:
    """Whether a turn may read, list or add to what an earlier one changes."""
    if values is not None and len(values) <= MOST_TURNS and not any(MARKS.intersection(value) for value in values):
        turns = [_Turn(reader, loop, value, constants) for value in values]
        return any(later.needs(earlier) for earlier, later in combinations(turns, 2)) or any(
            turn.lost for turn in turns
        )
    turn = _Turn(reader, loop, glob_of(loop), constants)
    return turn.lost or turn.needs(turn)


class Constants:
    """The variables that the whole script sets once, to a known text, in a statement of its own."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._single: dict[tuple[int, ...], set[str]] = {}
        script = reader.index.script
        bodies = [definition.body for found in reader.index.functions.values() for definition in found]
        whole: list[n.Node] = [*script.body, *bodies]
        facts = reader.of(*whole)
        single = set() if facts.everything else self.set_once(whole)
        self.found: dict[str, tuple[int, str]] = {}  # where it is set, its text
        known: dict[str, str] = {}
        for one in [one for statement in script.body for one in _assignments(statement)]:
            if one.name not in single or not isinstance(one.value, n.Word):
                continue
            text = Values(known, facts.reads | facts.writes, parameters=False).text(one.value, splits=False)
            if text is not None:  # what mktemp has made before a loop is the same in all its turns
                known[one.name] = f"{FRESH}{one.name}{END}" if text == MADE else text
                self.found[one.name] = one.end, known[one.name]

    def set_once(self, statements: Sequence[n.Node]) -> set[str]:
        """The names that nothing in a list sets but one plain assignment."""
        key = tuple([id(statement) for statement in statements])
        if key not in self._single:
            plain = [one for statement in statements for one in _assignments(statement)]
            named = [one.name for one in plain if not one.append and one.subscript is None]
            others = self.reader.without(statements, plain).writes if named else ()
            self._single[key] = {name for name in named if named.count(name) == 1 and name not in others}
        return self._single[key]

    def before(self, offset: int) -> dict[str, str]:
        """Those that are set when the script comes to this place."""
        return {name: text for name, (end, text) in self.found.items() if end <= offset}


def glob_of(loop: n.ForClause) -> str | None:
    """The one word of a loop when it is a glob in its last part: what is known of the names that it matches."""
    if loop.words is None or len(loop.words) != 1:
        return None
    text = ""
    for part in loop.words[0].parts:
        if isinstance(part, n.Literal):
            text += part.text
        elif isinstance(part, n.DoubleQuoted) and not text:
            whole = Values({}, frozenset()).text(n.Word(part.start, part.end, (part,)))
            if whole is None:
                return None
            text += whole
        else:
            return None
    places = [at for at, character in enumerate(text) if character in "*?["]
    if not places or not {"{", "~"}.isdisjoint(text) or "**" in text:
        return None
    first, last = places[0], max(places[-1], text.rfind("]"))
    middle = text[first : last + 1]
    return None if "/" in middle or VARIES in text else text[:first] + VARIES + text[last + 1 :]


class _Turn:
    """What one turn touches. `lost`: it may change nobody knows what; `everywhere`: it may read nobody knows what."""

    def __init__(self, reader: Reader, loop: n.ForClause, value: str | None, constants: Constants) -> None:
        self.reader = reader
        self.constants = constants
        self.read: set[str] = set()
        self.changed: set[str] = set()
        self.lost = False
        self.everywhere = reader.of(*loop.body).has_anywhere("glob")
        written = reader.of(*loop.body).writes | {loop.name}
        known = {name: text for name, text in constants.before(loop.start).items() if name not in written}
        if value is not None:
            known[loop.name] = value
        self.body(loop.body, Values(known if "IFS" not in reader.index.assigned else {}, written), 0)

    def needs(self, earlier: _Turn) -> bool:
        """Whether it may use what an earlier turn has changed."""
        if not earlier.changed:
            return False
        return self.everywhere or any(may_meet(one, other) for one in self.read for other in earlier.changed)

    # ---- the walk ------------------------------------------------------------------

    def body(self, statements: Sequence[n.Node], values: Values, depth: int) -> None:
        """Read a list; what it sets once, straight from known texts, is known from then on."""
        single = self.constants.set_once(statements)
        for statement in statements:
            self.node(statement, values, depth)
            for assignment in _assignments(statement):
                if assignment.name in single and isinstance(assignment.value, n.Word):
                    text = values.text(assignment.value, splits=False)
                    if text is not None:
                        values = values.replace(known=values.known | {assignment.name: text})

    def node(self, root: n.Node, values: Values, depth: int) -> None:
        stack = [root]
        while stack and not self.lost:
            node = stack.pop()
            if isinstance(node, n.FunctionDefinition):
                continue
            for kind, word in named_files(node):
                self.file(kind, values.text(word))
            if isinstance(node, n.SimpleCommand):
                self.command(node, values, depth)
            stack += node.parts if isinstance(node, n.Arithmetic) else children(node)

    def file(self, kind: str, text: str | None) -> None:
        if text is None:
            self.lost = self.lost or kind != "read"
            self.everywhere = True
        elif not text.startswith("/dev/"):
            if kind != "write":
                self.read.add(text)
            if kind != "read":
                self.changed.add(text)

    def command(self, node: n.SimpleCommand, values: Values, depth: int) -> None:
        first = node.words[0] if node.words else None
        name = static_text(first) if isinstance(first, n.Word) else None
        if name is not None and name in self.reader.index.functions:
            self.call(node, name, values, depth)
        elif name in ("command", "builtin", "exec", "eval"):
            self.lost = self.lost or bool(self.reader.index.uses_of(node))
        elif not is_mktemp(node):
            for use in self.reader.index.uses_of(node):
                self.use(use, values)

    def call(self, node: n.SimpleCommand, name: str, values: Values, depth: int) -> None:
        """A function, with the words of its call as its parameters."""
        definitions = self.reader.index.functions[name]
        if depth >= DEEPEST or len(definitions) != 1:
            self.lost = True
            return
        known = {name: text for name, text in values.known.items() if not name.isdigit()}
        for number, word in enumerate(node.words[1:], 1):
            found = values.arguments(word) if isinstance(word, n.Word) else [Unknown()]
            if len(found) != 1 or not isinstance(found[0], str):
                break  # those behind it may be anywhere
            known[str(number)] = found[0]
        body = definitions[0].body
        statements = body.body if isinstance(body, n.BraceGroup) else (body,)
        self.body(statements, Values(known, values.changing, False), depth + 1)

    def use(self, use: Use, values: Values) -> None:
        words = self.words(use, values)
        effects = use.effects if words is None else effects_of(use.spec, words)
        self.lost = self.lost or effects.workspace == "write"
        self.everywhere = self.everywhere or bool(effects.workspace)
        names = changed_names(use.spec, words) if words is not None else None
        for access in effects.accesses:
            path = access.path if isinstance(access.path, str) else None
            if access.kind == "entries":
                self.lost = self.lost or names is None
            elif access.kind == "write":
                self.file("write" if access.create else "append", path)
            else:
                self.file("read", path)
        for name in names or ():
            self.file("append", name)

    def words(self, use: Use, values: Values) -> list[str | Unknown] | None:
        """A step's arguments as they are in this turn; None when it is not its own command's, or runs another."""
        if use.command is None or use.runs or any(isinstance(word, n.Assignment) for word in use.command.words):
            return None
        words = [word for word in use.command.words[1:] if isinstance(word, n.Word)]
        return [argument for word in words for argument in values.arguments(word)]


def _assignments(statement: n.Node) -> list[n.Assignment]:
    """`x=1`, `local x=1`: those that a statement of a list makes in any case."""
    command = statement.command if isinstance(statement, n.Statement) and not statement.background else None
    if not isinstance(command, n.SimpleCommand):
        return []
    return list(command.assignments) if not command.words else declarations(command) or []
