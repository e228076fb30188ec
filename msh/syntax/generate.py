"""Builds msh/syntax/tables.py from the grammars: `python -m msh.syntax.generate` writes it, `--check` compares.

A run of msh never imports lark; what lark knows of a grammar is written down here as Python literals. For each state of
the LALR(1) automaton:

- `ACTIONS[state]`: terminal to action. An action above 0 shifts and goes to that state, one below 0 reduces by that
  rule.
- `DEFAULTS[state]`: the action for a terminal that is not there, 0 if that is an error. It is the reduction of a
  state that can do nothing else: this makes the table smaller, and a state that finds a token wrong still tells what
  would have been right.
- `GOTO[state]`: nonterminal to the state after it.

`RULES[number]` is (length, nonterminal, kind, builder, spread); the kinds are below. A reduction that changes
nothing but the nonterminal (`?command: simple_command`) is not done at all where the state after it can be known
beforehand.
"""

from __future__ import annotations

import sys
from pathlib import Path

from msh.syntax.parser import APPEND, BUILD, EXTEND, PASS, SPREAD, START

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from lark import Lark
    from lark.grammar import Rule

GRAMMARS = (("shell.lark", "SHELL", ("script", "quoted")), ("arithmetic.lark", "ARITHMETIC", ("expression",)))
TABLES = Path(__file__).with_name("tables.py")


def read_grammar(name: str, starts: tuple[str, ...]) -> Lark:
    """A grammar as lark reads it; strict: any conflict is an error."""
    from lark import Lark
    from lark.lexer import Lexer

    class Ours(Lexer):  # the lexer is our own, lark only makes the table
        __future_interface__ = 2

        def __init__(self, _: object) -> None: ...

        def lex(self, *_: object) -> Iterator[object]:  # type: ignore[override]
            raise NotImplementedError

    here = Path(__file__).resolve().parents
    folder = next(path for path in (here[2] / "grammar", here[1] / "grammar") if (path / name).exists())
    text = (folder / name).read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer=Ours, start=list(starts), strict=True, maybe_placeholders=False)


class Table:
    """One grammar's automaton, compressed."""

    def __init__(self, grammar: Lark, starts: tuple[str, ...]) -> None:
        from lark.parsers.lalr_analysis import Shift

        parse_table = grammar.parser.parser._parse_table
        numbers = number_states(parse_table, starts)
        rules = list(grammar.rules)
        nonterminals = {rule.origin.name for rule in rules}
        self.lists = list_valued(rules)
        self.rules = [self._rule(rule) for rule in rules]
        rule_numbers = {rule: number for number, rule in enumerate(rules, 1)}
        self.starts = {start: numbers[parse_table.start_states[start]] for start in starts}
        self.fixed = {str(t.pattern.value): str(t.name) for t in grammar.terminals if t.pattern}
        self.actions: list[dict[str, int]] = [{} for _ in numbers]
        self.goto: list[dict[str, int]] = [{} for _ in numbers]
        for state, row in parse_table.states.items():
            for symbol, (kind, target) in row.items():
                if symbol in nonterminals:
                    self.goto[numbers[state] - 1][symbol] = numbers[target]
                else:
                    action = numbers[target] if kind is Shift else -rule_numbers[target]
                    self.actions[numbers[state] - 1][symbol] = action
        for start in starts:  # the end of the text is shifted, so that accepting needs no case of its own
            end = numbers[parse_table.end_states[start]]
            self.actions[end - 1]["$END"] = end
        self._skip_passes()
        self.defaults = [only_reduction(row) for row in self.actions]
        for row, default in zip(self.actions, self.defaults, strict=True):
            for symbol in [symbol for symbol, action in row.items() if action == default]:
                del row[symbol]

    def _rule(self, rule: Rule) -> tuple[int, str, int, str, tuple[int, ...]]:
        names = [str(symbol.name) for symbol in rule.expansion]
        spread = tuple(index for index, name in enumerate(names) if name in self.lists)
        name = str(rule.origin.name)
        if name in self.lists:
            kind = EXTEND if 0 in spread else START
            if kind == EXTEND and len(names) == 2 and spread == (0,):
                kind = APPEND
        elif len(names) == 1 and not rule.alias and (rule.options.expand1 or name.startswith("_")):
            kind = PASS
        else:
            kind = SPREAD if spread else BUILD
        builder = str(rule.alias or name) if kind in (BUILD, SPREAD) else ""
        return len(names), name, kind, builder, spread

    def _skip_passes(self) -> None:
        """Point past every state that can only rename what was just read."""
        renames = {}
        for number, row in enumerate(self.actions, 1):
            actions = set(row.values())
            if len(actions) == 1 and (action := actions.pop()) < 0 and self.rules[-action - 1][2] == PASS:
                renames[number] = self.rules[-action - 1][1]
        for actions_, goto in zip(self.actions, self.goto, strict=True):
            for row in (goto, actions_):
                for symbol in row:
                    while row[symbol] in renames:
                        row[symbol] = goto[renames[row[symbol]]]

    def write(self, prefix: str) -> str:
        """The table as Python source."""
        shared: dict[str, str] = {}
        lines: list[str] = []

        def row(value: dict[str, int]) -> str:
            text = "{" + ",".join(f'"{key}":{value[key]}' for key in sorted(value)) + "}"
            if text not in shared:
                shared[text] = f"_{prefix[0]}{len(shared)}"
                lines.append(f"{shared[text]}:dict[str,int]={text}")
            return shared[text]

        actions = ",".join(map(row, self.actions))
        goto = ",".join(map(row, self.goto))
        rules = ",".join(str(rule).replace(" ", "").replace("'", '"') for rule in self.rules)
        return "\n".join(
            [
                *lines,
                f"{prefix}_STARTS={self.starts}",
                f"{prefix}_ACTIONS:tuple[dict[str,int],...]=({{}},{actions})",
                f"{prefix}_DEFAULTS=(0,{','.join(map(str, self.defaults))})",
                f"{prefix}_GOTO:tuple[dict[str,int],...]=({{}},{goto})",
                f"{prefix}_RULES:tuple[tuple[object,...],...]=((),{rules})",
            ]
        )


def number_states(parse_table: Any, starts: tuple[str, ...]) -> dict[int, int]:
    """State to number from 1, in the order of a walk: lark's own order changes from run to run."""
    from lark.parsers.lalr_analysis import Shift

    order = [parse_table.start_states[start] for start in starts]
    for state in order:
        row = parse_table.states[state]
        for symbol in sorted(row):
            kind, target = row[symbol]
            if kind is Shift and target not in order:
                order.append(target)
    return {state: number for number, state in enumerate(order, 1)}


def list_valued(rules: list[Rule]) -> set[str]:
    """Nonterminals `_x` (and lark's own for `+` and `*`) that stand for several children, not for one of several."""
    alternatives: dict[str, list[list[str]]] = {}
    for rule in rules:
        if rule.origin.name.startswith("_"):
            alternatives.setdefault(rule.origin.name, []).append([symbol.name for symbol in rule.expansion])
    found: set[str] = set()
    while True:
        more = {
            name
            for name, bodies in alternatives.items()
            if any(len(body) != 1 or body[0] in found for body in bodies) and name not in found
        }
        if not more:
            return found
        found |= more


def only_reduction(row: dict[str, int]) -> int:
    """The rule by which a state always reduces, as an action; 0 if it can do anything else."""
    actions = set(row.values())
    return actions.pop() if len(actions) == 1 and max(actions) < 0 else 0


def generate() -> str:
    """The text of tables.py."""
    out = [
        '"""LALR tables of the grammars, written by `python -m msh.syntax.generate`; not for reading."""',
        "",
        "# fmt: off",
        "# ruff: noqa",
        "from __future__ import annotations",
        "",
    ]
    for name, prefix, starts in GRAMMARS:
        table = Table(read_grammar(name, starts), starts)
        if prefix == "SHELL":
            words = ("{", "}", "!", "[[", "]]")
            reserved = {text: kind for text, kind in table.fixed.items() if text.isalpha() or text in words}
            operators = {text: kind for text, kind in table.fixed.items() if text not in reserved}
            out += [f"RESERVED={dict(sorted(reserved.items()))}", f"OPERATORS={dict(sorted(operators.items()))}"]
        else:
            out.append(f"ARITHMETIC_OPERATORS={dict(sorted(table.fixed.items()))}")
        out.append(table.write(prefix))
    return "\n".join(out) + "\n"


def main(arguments: list[str]) -> int:
    text = generate()
    if arguments == ["--check"]:
        if TABLES.read_text(encoding="utf-8") != text:
            print(
                "msh/syntax/tables.py is not what the grammars say: run `python -m msh.syntax.generate`",
                file=sys.stderr,
            )
            return 1
        return 0
    TABLES.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
