"""Catalog tables, as TOML has them, to `CommandSpec`.

The tables are valid here: those of the standard catalog were checked when its module was generated, a user's are
checked by `validate.py` when they are read. Specs are built one by one, when a command is looked up.
"""

from __future__ import annotations

from msh.catalog.model import OPTIONAL, UNTIL_SEMICOLON, CommandSpec, Option, Options, Rule, Run, Slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    Table: TypeAlias = Mapping[str, Any]

RUN_KINDS = ("host", "image", "wasm", "nix", "lambda")
_ARITIES = {"": 0, ":": 1, "::": OPTIONAL, ";": UNTIL_SEMICOLON}


def build_spec(name: str, table: Table, origin: str = "standard") -> CommandSpec:
    """One entry. A key that is missing has the default of `CommandSpec`."""
    options = _options(table)
    shared = {
        "run": {"host": name},
        **{key: table[key] for key in ("options", "option", "programs", "proxy") if key in table},
    }
    return CommandSpec(
        name=name,
        run=_run(name, table.get("run", {"host": name})),
        summary=table.get("summary", ""),
        arguments=tuple(table.get("arguments", ())),
        shell=table.get("shell", False),
        files=table.get("files", ""),
        network=table.get("network", "none"),
        proxy=table.get("proxy", "").removesuffix("/"),
        options=options,
        operands=_slots(table.get("operands", "text")),
        default=_touched(table.get("default", {})),
        always=_touched(table.get("always", {})),
        rules=tuple([_rule(rule, options) for rule in table.get("when", ())]),
        dataflow=_dataflow(table.get("dataflow", "effect"))[0],
        merge=_dataflow(table.get("dataflow", "effect"))[1],
        runs=_lines(table),
        script_path=table.get("script_path", ""),
        script=table.get("script", ""),
        assignments=tuple(table.get("assignments", {}).items()),
        together=table.get("together", False),
        placeholder=table.get("placeholder", ""),
        appends=table.get("appends", False),
        limits=_limits(table["limits"]) if "limits" in table else (),
        programs=_programs(table.get("programs", "own" if origin == "standard" else "any")),
        subcommands={
            key: build_spec(f"{name} {key}", {**shared, **sub}, origin)
            for keys, sub in table.get("subcommand", {}).items()
            for key in keys.split()
        },
        origin=origin,
    )


def _limits(table: Table) -> tuple[tuple[str, float], ...]:
    from msh.limits import parse_bound

    return tuple(sorted([(name, parse_bound(name, str(value))) for name, value in table.items()]))


def _programs(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " ".join(value)


def _run(name: str, table: Table) -> Run:
    for kind in RUN_KINDS:
        if kind in table:
            break
    value = table[kind]
    if kind == "image":
        return Run(kind, table.get("program", name), image=value)
    if kind == "nix":
        return Run(kind, table.get("program", name), packages=tuple(value))
    return Run(kind, value)


def _options(table: Table) -> Options:
    given = table.get("options", {})
    roles = _by_name(table)
    short: dict[str, Option] = {}
    for letters, values in (("flags", 0), ("values", 1), ("optional", OPTIONAL)):
        for letter in given.get(letters, ""):
            short[letter] = _option(letter, values, roles)
    long: dict[str, Option] = {}
    for item in given.get("long", "").split():
        name, equals, letter = item.partition("=")
        if equals:
            long[name] = short[letter]
        else:
            name, values = _arity(item)
            long[name] = _option(name, values, roles)
    return Options(
        short,
        long,
        style=given.get("style", "gnu"),
        stop=given.get("stop", False),
        number=given.get("number", False),
        plus=given.get("plus", False),
        bundle=given.get("bundle", False),
        words=tuple(given.get("words", "").split()),
    )


def _by_name(table: Table) -> dict[str, Any]:
    """The roles of options: a key of `option` may name several."""
    return {name: role for names, role in table.get("option", {}).items() for name in names.split()}


def _arity(item: str) -> tuple[str, int]:
    """`name` `name:` `name::` `name;` and, with a number of values, `name:2`."""
    at = next((at for at, character in enumerate(item) if character in ":;"), len(item))
    name, mark = item[:at], item[at:]
    return (name, _ARITIES[mark]) if mark in _ARITIES else (name, int(mark[1:]))


def _option(name: str, values: int, roles: Mapping[str, Any]) -> Option:
    role = roles.get(name, "")
    if isinstance(role, str):
        return Option(name, values, role)
    ((role, pattern),) = role.items()
    return Option(name, values, role, pattern)


def _slots(value: str | list[str]) -> tuple[Slot, ...]:
    """`"read"` is any number of them; in a list every one is a single place unless it ends in `...`."""
    if isinstance(value, str):
        return (Slot(value, True),) if value != "none" else ()
    return tuple([Slot(item.removesuffix("..."), item.endswith("...")) for item in value])


def _touched(table: Table) -> tuple[tuple[str, str], ...]:
    return tuple(
        [(role, path) for role, paths in table.items() for path in ([paths] if isinstance(paths, str) else paths)]
    )


def _lines(table: Table) -> tuple[tuple[str, ...], ...]:
    return tuple([tuple(line.split()) for line in table.get("runs", ())])


def _dataflow(value: str | Table) -> tuple[str, tuple[str, ...]]:
    if isinstance(value, str):
        return value, ()
    return "pure", tuple(value["pure"].split())


def canonical(options: Options, name: str) -> str:
    """The name that a parsed option has: the letter of a long name that stands for one."""
    option = options.long.get(name)
    return option.name if option is not None and len(name) > 1 else name


def _rule(table: Table, options: Options) -> Rule:
    dataflow = _dataflow(table["dataflow"]) if "dataflow" in table else (None, None)
    return Rule(
        given=tuple([canonical(options, name) for name in table.get("given", "").split()]),
        unless=tuple([canonical(options, name) for name in table.get("unless", "").split()]),
        count=table.get("count"),
        operands=_slots(table["operands"]) if "operands" in table else None,
        turn=tuple(table.get("turn", {}).items()),
        roles=tuple(
            [(canonical(options, n), role) for names, role in table.get("option", {}).items() for n in names.split()]
        ),
        runs=_lines(table),
        default=_touched(table["default"]) if "default" in table else None,
        always=_touched(table["always"]) if "always" in table else None,
        files=table.get("files"),
        network=table.get("network"),
        dataflow=dataflow[0],
        merge=dataflow[1],
        appends=table.get("appends"),
    )
