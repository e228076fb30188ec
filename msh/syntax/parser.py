"""The LALR(1) machine that the tables drive, and what is thrown when it stops.

The lexer pushes tokens; a token's value is a node already when it needs no rule (a literal, a plain word), else a
`Token`. `can_shift` is what makes the lexer know where it is.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Action = tuple[int, str, int, Callable[[list[Any]], object], tuple[int, ...]]

#: What a reduction does with the values of its symbols: nothing; begin a list; add to it; make a node.
PASS, START, APPEND, EXTEND, BUILD, SPREAD = range(6)


class Token:
    """A keyword, operator or other mark; `start` and `end` as in a node."""

    __slots__ = ("end", "start", "text")

    def __init__(self, start: int, end: int, text: str) -> None:
        self.start, self.end, self.text = start, end, text


class Problem(Exception):
    """A syntax error while its place is still an offset into the text that is being read.

    `opened` is the span of what was left open. `parse` makes the diagnostic of it.
    """

    def __init__(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        opened: tuple[int, int] | None = None,
        incomplete: bool = False,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.start, self.end = code, message, start, end
        self.opened, self.incomplete = opened, incomplete


class Unexpected(Exception):
    """The token fits nowhere; `explain.py` says it better."""

    def __init__(self, kind: str, value: object) -> None:
        super().__init__(kind)
        self.kind, self.value = kind, value


class Table:
    """What generate.py wrote of one grammar, with the builders in place of their names."""

    def __init__(
        self,
        starts: Mapping[str, int],
        actions: tuple[dict[str, int], ...],
        defaults: tuple[int, ...],
        goto: tuple[dict[str, int], ...],
        rules: tuple[tuple[Any, ...], ...],
        builders: Mapping[str, Any],
    ) -> None:
        self.starts, self.actions, self.defaults, self.goto = starts, actions, defaults, goto
        self.rules: list[Any] = [rule and (*rule[:3], builders.get(rule[3]), rule[4]) for rule in rules]


class Parser:
    """One text on its way through a table."""

    __slots__ = ("_actions", "_defaults", "_goto", "_rules", "states", "values")

    def __init__(self, table: Table, start: str) -> None:
        self._actions, self._defaults, self._goto, self._rules = table.actions, table.defaults, table.goto, table.rules
        self.states = [table.starts[start]]
        self.values: list[Any] = []

    def push(self, kind: str, value: object) -> None:
        """Take one token. Raises Unexpected; nothing of the token is on the stacks then."""
        states, values, actions = self.states, self.values, self._actions
        while True:
            state = states[-1]
            action = actions[state].get(kind) or self._defaults[state]
            if action > 0:
                states.append(action)
                values.append(value)
                return
            if not action:
                raise Unexpected(kind, value)
            length, origin, what, build, spread = self._rules[-action]
            if what == BUILD:
                if length:
                    children = values[-length:]
                    del states[-length:], values[-length:]
                    values.append(build(children))
                else:
                    values.append(build([]))
            elif what == APPEND:
                item = values.pop()
                values[-1].append(item)
                del states[-2:]
            elif what == PASS:
                states.pop()
            elif what == START:
                values[-length:] = [values[-length:]]
                del states[-length:]
            else:
                children = values[-length:]
                del states[-length:], values[-length:]
                values.append(self._flatten(what, children, build, spread))
            states.append(self._goto[states[-1]][origin])

    @staticmethod
    def _flatten(
        what: int, children: list[Any], build: Callable[[list[Any]], object], spread: tuple[int, ...]
    ) -> object:
        flat = children[0] if 0 in spread else [children[0]]
        for index, child in enumerate(children[1:], 1):
            if index in spread:
                flat += child
            else:
                flat.append(child)
        return flat if what == EXTEND else build(flat)

    def can_shift(self, kind: str) -> bool:
        """Whether this token would be taken here. Looking into the state's row is not enough: LALR merges states,
        so after `echo` the row holds `in`, because `case echo in` shares the state."""
        actions, defaults, states = self._actions, self._defaults, self.states
        state = states[-1]
        action = actions[state].get(kind) or defaults[state]
        if action >= 0:
            return action > 0
        top = len(states) - 1  # what is left of the real stack
        above: list[int] = []  # and what the reductions would put on it
        while action < 0:
            length, origin = self._rules[-action][:2]
            if length > len(above):
                top -= length - len(above)
                above = []
            elif length:
                del above[-length:]
            state = self._goto[above[-1] if above else states[top]][origin]
            above.append(state)
            action = actions[state].get(kind) or defaults[state]
        return action > 0
