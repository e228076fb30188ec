"""Is a catalog entry well formed? Every key, every value, with the nearest known word for each that is not."""

from __future__ import annotations

import re
from typing import Any

from msh.catalog.build import RUN_KINDS
from msh.catalog.model import OWN_PROXY, ROLES
from msh.hosts import read_proxy
from msh.limits import KINDS, parse_bound, unknown
from msh.nearest import nearest
from msh.record import Record

FILES = ("", "workspace", "workspace-read")
NETWORK = ("none", "client")
PROGRAMS = ("own", "any")
DATAFLOW = ("stateless", "pure", "ordered", "effect")
STYLES = ("gnu", "single", "none")

ENTRY = (
    *("summary", "run", "like", "alias", "arguments", "shell", "files", "network", "proxy", "options", "option"),
    *(
        "operands",
        "default",
        "always",
        "when",
        "dataflow",
        "script",
        "assignments",
        "together",
        "placeholder",
        "appends",
    ),
    *("runs", "limits", "programs", "subcommand"),
)
OPTIONS = ("flags", "values", "optional", "long", "style", "stop", "number", "plus", "bundle", "words")
RULE = (
    *("given", "unless", "count", "operands", "turn", "option", "default", "always", "files", "network"),
    *("dataflow", "appends", "runs"),
)
PATH = ("directory", *ENTRY)
_NAME = re.compile(r"[A-Za-z0-9._+-]+")
_LONG = re.compile(r"[A-Za-z0-9#?@:._+-]+?(?:=[^=\s]|:\d?|::|;)?")


class Fault(Record):
    """One thing wrong at a path of keys."""

    code: str
    keys: tuple[str, ...]
    message: str
    help: str = ""


def faults_of_entry(name: str, table: Any) -> list[Fault]:
    """All faults of the entry of `name`."""
    checker = _Checker((name,))
    if not isinstance(table, dict):
        checker.wrong((), "a table of a command", table)
    elif name == "" or "/" in name or "\0" in name:
        checker.fault("MSH222", (), f"`{name}` is not a command's name")
    else:
        checker.entry(table, ENTRY)
    return checker.faults


def faults_of_path(number: int, table: Any) -> list[Fault]:
    """All faults of one `[[path]]`; `number` counts them from 0."""
    checker = _Checker(("path",))
    if not isinstance(table, dict) or not isinstance(table.get("directory"), str):
        checker.fault("MSH222", (), "`[[path]]` needs a `directory`", '`directory = "tools"`')
    else:
        checker.entry(table, PATH)
    return checker.faults


class _Checker:
    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        self.faults: list[Fault] = []

    def fault(self, code: str, keys: tuple[str, ...], message: str, help: str = "") -> None:
        self.faults.append(Fault(code, (*self.keys, *keys), message, help))

    def wrong(self, keys: tuple[str, ...], expected: str, value: Any) -> None:
        shown = f"`{value}`" if isinstance(value, str | int | float) else f"a {type(value).__name__}"
        self.fault("MSH222", keys, f"expected {expected}, this is {shown}")

    def keys_of(self, table: dict[str, Any], known: tuple[str, ...], keys: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                near = nearest(key, known)
                help = (
                    f"did you mean `{near}`?" if near else "known here: " + ", ".join([f"`{word}`" for word in known])
                )
                self.fault("MSH221", (*keys, key), f"`{key}` is not a key of this table", help)

    # ---- one kind of table each -------------------------------------------------

    def entry(self, table: dict[str, Any], known: tuple[str, ...]) -> None:
        self.keys_of(table, known, ())
        if "alias" in table:
            self._alias(table)
        for key in ("summary", "like", "placeholder"):
            self._typed(table, key, str, "a text", ())
        for key in ("shell", "together", "appends"):
            self._typed(table, key, bool, "true or false", ())
        self._texts(table, "arguments", ())
        self._texts(table, "runs", ())
        self._programs(table.get("programs", "own"))
        self._proxy(table.get("proxy", ""))
        self._run(table)
        self._pattern(table.get("script", ""), ("script",))
        self._shared(table, ())
        self._options(table.get("options", {}))
        names = _names(table)
        self._roles(table.get("option", {}), ("option",), names)
        self._roles(table.get("assignments", {}), ("assignments",), None)
        self._rules(table.get("when", []), names)
        self._limits(table)
        self._subcommands(table.get("subcommand", {}))

    def _programs(self, value: object) -> None:
        names = isinstance(value, list) and all(isinstance(name, str) and _NAME.fullmatch(name) for name in value)
        if not names and value not in PROGRAMS:
            self.wrong(("programs",), "`own`, `any` or a list of names", value)

    def _proxy(self, value: object) -> None:
        if value in ("", OWN_PROXY):
            return
        try:
            read_proxy(value if isinstance(value, str) else "")
        except ValueError as error:
            self.wrong(("proxy",), f"{error}, or `{OWN_PROXY}`", value)

    def _alias(self, table: dict[str, Any]) -> None:
        words = table["alias"]
        if not (isinstance(words, list) and words and all(isinstance(word, str) for word in words)):
            self.wrong(("alias",), "a list of words", words)
        for key in table.keys() - {"alias", "summary", "directory"}:
            self.fault("MSH222", (key,), f"an alias has no `{key}`", "an alias is its words; use `like` to change more")

    def _run(self, table: dict[str, Any]) -> None:
        run = table.get("run")
        if run is None:
            return
        kinds = [kind for kind in RUN_KINDS if isinstance(run, dict) and kind in run]
        if len(kinds) != 1:
            known = ", ".join([f"`{kind}`" for kind in RUN_KINDS])
            self.fault("MSH222", ("run",), f"`run` has one of {known}", '`run = { host = "name" }`')
            return
        self.keys_of(run, (kinds[0], "program"), ("run",))
        value = run[kinds[0]]
        if kinds[0] == "nix":
            self._texts(run, "nix", ("run",))
        elif not isinstance(value, str) or not value or "\0" in value:
            self.wrong(("run", kinds[0]), "a name", value)
        elif kinds[0] == "image" and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/:@-]*", value):
            self.wrong(("run", "image"), "the name of an image", value)

    def _shared(self, table: dict[str, Any], keys: tuple[str, ...]) -> None:
        """What entries and rules both have."""
        for key, known in (("files", FILES), ("network", NETWORK)):
            if key in table and table[key] not in known:
                self.wrong((*keys, key), "one of " + ", ".join([f"`{word}`" for word in known]), table[key])
        dataflow = table.get("dataflow", "effect")
        if isinstance(dataflow, dict):
            self.keys_of(dataflow, ("pure",), (*keys, "dataflow"))
            self._typed(dataflow, "pure", str, "a command line", (*keys, "dataflow"))
        elif dataflow not in DATAFLOW:
            self.wrong((*keys, "dataflow"), "one of " + ", ".join([f"`{word}`" for word in DATAFLOW]), dataflow)
        self._operands(table.get("operands", "text"), (*keys, "operands"))
        for key in ("default", "always"):
            self._touched(table.get(key, {}), (*keys, key))

    def _operands(self, value: Any, keys: tuple[str, ...]) -> None:
        items = [value] if isinstance(value, str) else value
        if not (isinstance(items, list) and all(isinstance(item, str) for item in items)):
            self.wrong(keys, "a role or a list of roles", value)
            return
        for item in items:
            if not (isinstance(value, str) and item == "none"):
                self._role(item.removesuffix("...") if isinstance(value, list) else item, keys)
        if sum(item.endswith("...") for item in items) > 1 + any(item == "assignment..." for item in items):
            self.fault("MSH222", keys, "only one operand can repeat")

    def _role(self, role: Any, keys: tuple[str, ...]) -> None:
        if role not in ROLES:
            near = nearest(str(role), ROLES)
            help = f"did you mean `{near}`?" if near else "roles: " + ", ".join([f"`{word}`" for word in ROLES])
            self.fault("MSH222", keys, f"`{role}` is not a role", help)

    def _options(self, table: Any) -> None:
        if not isinstance(table, dict):
            self.wrong(("options",), "a table", table)
            return
        self.keys_of(table, OPTIONS, ("options",))
        for key in ("flags", "values", "optional", "long", "words"):
            self._typed(table, key, str, "a text", ("options",))
        for key in ("stop", "number", "plus", "bundle"):
            self._typed(table, key, bool, "true or false", ("options",))
        if table.get("style", "gnu") not in STYLES:
            self.wrong(("options", "style"), "one of " + ", ".join([f"`{word}`" for word in STYLES]), table["style"])
        letters = "".join([str(table.get(key, "")) for key in ("flags", "values", "optional")])
        for item in str(table.get("long", "")).split():
            _, equals, letter = item.partition("=")
            if not _LONG.fullmatch(item) or (equals and letter not in letters):
                problem = f"`-{letter}` is not an option" if equals else "expected `name`, `name:` or `name=letter`"
                self.fault("MSH222", ("options", "long"), f"`{item}`: {problem}")

    def _roles(self, table: Any, keys: tuple[str, ...], names: set[str] | None) -> None:
        if not isinstance(table, dict):
            self.wrong(keys, "a table", table)
            return
        for key, value in table.items():
            for name in key.split():
                self._option_name(name, (*keys, key), names)
            roles = value if isinstance(value, str) else " ".join(value) if isinstance(value, dict) else None
            if roles is None:
                self.wrong((*keys, key), "a role", value)
                continue
            for role in roles.split():
                self._role(role, (*keys, key))
            for pattern in value.values() if isinstance(value, dict) else ():
                self._pattern(pattern, (*keys, key), groups=1)

    def _option_name(self, name: str, keys: tuple[str, ...], names: set[str] | None) -> None:
        if names is not None and name not in names:
            near = nearest(name, names)
            help = f"did you mean `{near}`?" if near else "say how it is read under `options`"
            self.fault("MSH222", keys, f"`{name}` is not an option of this command", help)

    def _pattern(self, pattern: Any, keys: tuple[str, ...], groups: int = 0) -> None:
        try:
            found = re.compile(pattern).groups
        except (re.error, TypeError):
            self.wrong(keys, "a regular expression", pattern)
            return
        if found < groups:
            self.fault("MSH222", keys, "the pattern has no group for the path", "`^@(.+)`")

    def _touched(self, table: Any, keys: tuple[str, ...]) -> None:
        if not isinstance(table, dict):
            self.wrong(keys, "a table of roles and paths", table)
            return
        for role, paths in table.items():
            self._role(role, keys)
            if not isinstance(paths, str):
                self._texts(table, role, keys)

    def _rules(self, rules: Any, names: set[str] | None) -> None:
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            self.wrong(("when",), "a list of tables", rules)
            return
        for rule in rules:
            self.keys_of(rule, RULE, ("when",))
            if not rule.keys() & {"given", "unless", "count"}:
                self.fault("MSH222", ("when",), "a rule has `given`, `unless` or `count`")
            for key in ("given", "unless"):
                self._typed(rule, key, str, "names of options", ("when",))
                for name in str(rule.get(key, "")).split():
                    self._option_name(name, ("when",), names)
            self._typed(rule, "count", int, "a number", ("when",))
            self._typed(rule, "appends", bool, "true or false", ("when",))
            self._texts(rule, "runs", ("when",))
            self._shared(rule, ("when",))
            self._roles(rule.get("turn", {}), ("when",), None)
            self._roles(rule.get("option", {}), ("when",), names)

    def _limits(self, table: dict[str, Any]) -> None:
        limits = table.get("limits", {})
        if not isinstance(limits, dict):
            self.wrong(("limits",), 'a table such as `{ memory = "512m" }`', limits)
            return
        if limits and table.get("shell"):
            help = "give them to the commands that the script runs, or to the run with `--limit`"
            self.fault("MSH222", ("limits",), "msh interprets a shell itself: it has no limits of its own", help)
        for name, value in limits.items():
            if name not in KINDS:
                self.fault("MSH221", ("limits", name), unknown(name))
            elif not isinstance(value, str | int | float) or isinstance(value, bool):
                self.wrong(("limits", name), "a number or a text such as `512m`", value)
            else:
                try:
                    parse_bound(name, str(value))
                except ValueError as error:
                    self.fault("MSH222", ("limits", name), str(error))

    def _subcommands(self, table: Any) -> None:
        if not isinstance(table, dict) or not all(isinstance(each, dict) for each in table.values()):
            self.wrong(("subcommand",), "a table of tables", table)
            return
        for name, each in table.items():
            checker = _Checker((*self.keys, "subcommand", name))
            checker.entry(each, tuple([key for key in ENTRY if key not in ("alias", "like", "run", "subcommand")]))
            self.faults += checker.faults

    # ---- values ------------------------------------------------------------------

    def _typed(self, table: dict[str, Any], key: str, type_: type, expected: str, keys: tuple[str, ...]) -> None:
        if key in table and type(table[key]) is not type_:
            self.wrong((*keys, key), expected, table[key])

    def _texts(self, table: dict[str, Any], key: str, keys: tuple[str, ...]) -> None:
        value = table.get(key, [])
        if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            self.wrong((*keys, key), "a list of texts", value)


def _names(table: dict[str, Any]) -> set[str] | None:
    """The names of all options that an entry declares; None when it takes them from another entry."""
    options = table.get("options", {})
    if not isinstance(options, dict) or ("like" in table and "options" not in table):
        return None
    names = set("".join([str(options.get(key, "")) for key in ("flags", "values", "optional")]))
    names |= {re.split(r"[=:;]", item)[0] for item in str(options.get("long", "")).split()}
    return names
