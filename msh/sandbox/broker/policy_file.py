"""Answers in a file: what a run recorded (`--record-policy`), and the next one takes (`--policy`).

TOML, or JSON when the file's name ends with `.json`: a `version`, and a list `rules` of tables with

    answer   "allow" or "deny"
    kind     "read", "write", "read and write" (with `path`), or "connect", "look up" (with `host` and perhaps `port`)
    step     the command that it counts for; without it, for all and for the script itself
"""

from __future__ import annotations

import os
import sys

from msh.diagnostics import Diagnostic, MshError
from msh.hosts import read_host, split_host
from msh.sandbox.broker.questions import ANSWERS, FILE_ANSWERS, NETWORK_ANSWERS
from msh.sandbox.broker.rules import Rule
from msh.sandbox.descriptors import keep
from msh.sandbox.refusal import shown

VERSION = 1
_LARGEST = 16 << 20
_FRAMES = 1000
_FIELDS = {"answer", "kind", "path", "host", "port", "step"}
_KINDS = [kind for kind, answers in ANSWERS.items() if answers in (FILE_ANSWERS, NETWORK_ANSWERS)]


def read_policy(path: str) -> tuple[Rule, ...]:
    """The rules of a file. Raises MshError: MSH410 cannot be read, MSH411 is wrong, MSH412 is of a newer msh."""
    found = _parsed(path, _read(path))
    version = found.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _wrong(path, "`version` is missing or no number above zero")
    if version > VERSION:
        message = f"`{path}` has version {version} of policies, and this msh knows {VERSION}"
        raise MshError(Diagnostic("MSH412", message, help="use a newer msh, or record the policy again"))
    entries = found.get("rules", [])
    unknown = found.keys() - {"version", "rules"}
    if unknown or not isinstance(entries, list):
        raise _wrong(path, f"`{min(unknown)}` is not known" if unknown else "`rules` is no list")
    rules = tuple([_rule(path, number, entry) for number, entry in enumerate(entries, 1)])
    _refuse_contradictions(path, rules)
    return rules


def _refuse_contradictions(path: str, rules: tuple[Rule, ...]) -> None:
    """Two answers to one question: whoever wrote them meant one of them."""
    numbers: dict[Rule, int] = {}
    for number, rule in enumerate(rules, 1):
        numbers.setdefault(rule, number)
        other = numbers.get(_opposite(rule))
        if other is not None:
            what = f"`{rule.kind}` of `{shown(rule.target)}`"
            raise _wrong(path, f"rules {other} and {number} contradict each other about {what}")


def _opposite(rule: Rule) -> Rule:
    return rule.replace(allowed=not rule.allowed)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_uid not in (0, os.geteuid()):
                message = f"`{path}` belongs to another user"
                help_ = "what somebody else can change must not decide what scripts may do here"
                raise MshError(Diagnostic("MSH410", message, help=help_))
            return file.read(_LARGEST)
    except OSError as error:
        reason = (error.strerror or "").lower()
        help_ = "`--record-policy FILE` makes one, of the answers of a run"
        raise MshError(Diagnostic("MSH410", f"cannot read the policy `{path}`: {reason}", help=help_)) from None


def _parsed(path: str, data: bytes) -> dict[str, object]:
    frames = sys.getrecursionlimit()  # a run's are many, and a parser in C that used them all would find no stack
    try:
        sys.setrecursionlimit(min(frames, _FRAMES))
        text = data.decode()
        if path.endswith(".json"):
            import json

            found = json.loads(text)
        else:
            import tomllib

            found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(path, str(error)) from None
    finally:
        sys.setrecursionlimit(frames)
    if not isinstance(found, dict):
        raise _wrong(path, "expected a table")
    return found


def _rule(path: str, number: int, entry: object) -> Rule:
    where = f"rule {number}"
    if not isinstance(entry, dict) or entry.keys() - _FIELDS:
        raise _wrong(path, f"{where}: expected a table of {', '.join(sorted(_FIELDS))}")
    texts = {name: entry.get(name, "") for name in ("answer", "kind", "path", "host", "step")}
    port = entry.get("port", 0)
    for name, value in texts.items():
        if not isinstance(value, str):
            raise _wrong(path, f"{where}: `{name}` is no text")
    if texts["answer"] not in ("allow", "deny") or texts["kind"] not in _KINDS:
        raise _wrong(path, f"{where}: `answer` is `allow` or `deny`, `kind` one of {', '.join(_KINDS)}")
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port < 1 << 16:
        raise _wrong(path, f"{where}: `port` is no port")
    wanted, other = ("path", "host") if ANSWERS[texts["kind"]] is FILE_ANSWERS else ("host", "path")
    if not texts[wanted] or texts[other] or (wanted == "path" and (port or not texts["path"].startswith("/"))):
        raise _wrong(path, f"{where}: `{texts['kind']}` needs `{wanted}` alone")
    target = texts["path"] or _host(path, where, texts["host"])
    return Rule(texts["answer"] == "allow", texts["kind"], target, texts["step"], port)


def _host(path: str, where: str, text: str) -> str:
    try:
        host, port = split_host(read_host(text))
    except ValueError as error:
        raise _wrong(path, f"{where}: `host`: {error}") from None
    if port:
        raise _wrong(path, f"{where}: a port stands in `port`")
    return host


def _wrong(path: str, what: str) -> MshError:
    help_ = "record it again with `--record-policy`, or mend it: docs/guide.md has the form"
    return MshError(Diagnostic("MSH411", f"the policy `{path}` is wrong: {what}", help=help_))


def policy_text(rules: list[Rule], *, as_json: bool) -> str:
    """A file with these rules."""
    from json import dumps

    tables = [_table(rule) for rule in rules]
    if as_json:
        return dumps({"version": VERSION, "rules": tables}, indent=2) + "\n"
    # A text of JSON in ASCII is one of TOML too, but for surrogates: a name that is not UTF-8 is recorded in JSON only.
    lines = [f"version = {VERSION}\n"]
    for table in tables:
        lines.append("\n[[rules]]\n" + "".join([f"{name} = {dumps(value)}\n" for name, value in table.items()]))
    return "".join(lines)


def _table(rule: Rule) -> dict[str, object]:
    where = "path" if ANSWERS[rule.kind] is FILE_ANSWERS else "host"
    table: dict[str, object] = {"answer": "allow" if rule.allowed else "deny", "kind": rule.kind, where: rule.target}
    if rule.port:
        table["port"] = rule.port
    if rule.step:
        table["step"] = rule.step
    return table


class Recorder:
    """Writes the answers of a run to a file, anew after each: a run that is killed has recorded what it was told."""

    def __init__(self, path: str, rules: tuple[Rule, ...] = ()) -> None:
        """`rules` are those that the run has taken. Raises MshError MSH413 when the file cannot be written."""
        self._path = path
        self._rules: dict[Rule, None] = dict.fromkeys(rules)
        try:
            self.descriptor = keep(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._write()
        except OSError as error:
            reason = (error.strerror or "").lower()
            message = f"cannot write the policy `{path}`: {reason}"
            raise MshError(Diagnostic("MSH413", message, help="name a file in a directory of yours")) from None

    def add(self, rule: Rule) -> None:
        """Keep one more answer; of two to one question the last counts."""
        if rule not in self._rules:
            self._rules.pop(_opposite(rule), None)
            self._rules[rule] = None
            self._write()

    def close(self) -> None:
        """Record nothing more."""
        os.close(self.descriptor)

    def _write(self) -> None:
        """In place: a file that a step sees read-only is a mount of this one (`--record-policy` in the workspace)."""
        rules = [rule for rule in self._rules if self._path.endswith(".json") or _is_unicode(rule.target)]
        data = policy_text(rules, as_json=self._path.endswith(".json")).encode()
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, data, 0)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= one <= "\udfff" for one in text)
