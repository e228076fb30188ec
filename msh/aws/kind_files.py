"""Worker kinds as files: reading them, with every fault of one said at once, and writing one to begin with."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING

from msh.aws.kinds import DEFAULT, HOST, Kind, Limits, Offered, Range
from msh.catalog.layers import SYSTEM, is_program
from msh.diagnostics import Diagnostic, MshError
from msh.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

_WORKERS = os.path.join(os.path.dirname(__file__), "workers")  # importlib.resources would cost 15 ms to import
KEYS = (
    *("summary", "date", "package", "runtime", "architecture", "network", "everything", "unbuilt"),
    *("source", "limits", "commands", "absent"),
)
LIMITS = ("memory", "disk", "seconds", "payload", "processes", "package_bytes", "source")


def builtin_kinds() -> tuple[str, ...]:
    """The names that `--worker` takes."""
    found = [name.removesuffix(".toml") for name in os.listdir(_WORKERS) if name.endswith(".toml")]
    return (*sorted(found), HOST)


def load_kind(name: str, directory: str) -> Kind:
    """The kind of a name, or of a TOML file relative to `directory`. Raises MshError (MSH331)."""
    if name == HOST:
        return host_kind()
    if name in builtin_kinds():
        with open(os.path.join(_WORKERS, f"{name}.toml"), encoding="utf-8") as file:
            return _kind(name, file.read(), name)
    if not name.endswith(".toml") and "/" not in name:
        near = nearest(name, builtin_kinds())
        known = ", ".join([f"`{known}`" for known in builtin_kinds()])
        help_ = f"did you mean `{near}`?" if near else f"known are {known}, and files that end in `.toml`"
        raise MshError(Diagnostic("MSH331", f"there is no worker kind `{name}`", help=help_))
    try:
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            return _kind(os.path.basename(name).removesuffix(".toml"), file.read(), name)
    except (OSError, UnicodeDecodeError) as error:
        words = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise MshError(Diagnostic("MSH331", f"cannot read the worker kind `{name}`: {words}")) from None


def host_kind() -> Kind:
    """This machine: every program in the system's directories. Limits are those of `lambda-zip`."""
    like = load_kind(DEFAULT, ".")
    offered = {name: Offered("", "", True) for directory in SYSTEM for name in _programs(directory)}
    return like.replace(name=HOST, summary="this machine", date="", commands=offered, absent={})


def kind_toml(kind: Kind) -> str:
    """A kind as the file that `load_kind` reads, to begin one's own with."""
    limits = kind.limits
    lines = [
        f"summary = {_quoted(kind.summary)}",
        f"package = {_quoted(kind.package)}",
        f"runtime = {_quoted(kind.runtime)}",
        f"architecture = {_quoted(kind.architecture)}",
        f"network = {str(kind.network).lower()}",
        "",
        "[limits]",
        *[f"{key} = {_range(getattr(limits, key))}" for key in ("memory", "disk", "seconds")],
        *[f"{key} = {getattr(limits, key)}" for key in ("payload", "processes", "package_bytes")],
        "",
        "[[commands]]",
        f"names = {_quoted(' '.join(sorted(kind.commands)))}",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _range(value: Range) -> str:
    return f"{{ least = {value.least}, most = {value.most}, default = {value.default} }}"


def _programs(directory: str) -> list[str]:
    try:
        return [name for name in os.listdir(directory) if is_program(os.path.join(directory, name))]
    except OSError:
        return []


# ---- reading -----------------------------------------------------------------------


class _Reader:
    """Reads one file's tables; every fault is said with the key it is at."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.faults: list[str] = []

    def take(self, table: Mapping[str, Any], key: str, kind: type, default: Any = None, where: str = "") -> Any:
        """The value of a key, or a value of its kind when it is missing without a default, or wrong."""
        value = table.get(key, default)
        if value is None:
            self.faults.append(f"`{where}{key}` is missing")
            return kind()
        negative = isinstance(value, int) and value < 0
        if not isinstance(value, kind) or negative or (kind is int and isinstance(value, bool)):
            words = {str: "a text", int: "a whole number", bool: "true or false", dict: "a table", list: "a list"}
            self.faults.append(f"`{where}{key}` is not {words[kind]}")
            return kind()
        return value

    def only(self, table: Mapping[str, Any], keys: Iterable[str], where: str = "") -> None:
        known = tuple(keys)
        for key in table:
            if key not in known:
                near = nearest(key, known)
                self.faults.append(f"`{where}{key}` is not a key" + (f" (did you mean `{near}`?)" if near else ""))

    def done(self) -> None:
        if self.faults:
            message = f"the worker kind `{self.origin}` is wrong: "
            raise MshError(*[Diagnostic("MSH331", message + fault) for fault in self.faults])


def _kind(name: str, text: str, origin: str) -> Kind:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MshError(Diagnostic("MSH331", f"the worker kind `{origin}` is not TOML: {error}")) from None
    reader = _Reader(origin)
    reader.only(document, KEYS)
    kind = Kind(
        name=name,
        summary=reader.take(document, "summary", str, ""),
        date=str(document.get("date", "")),
        package=reader.take(document, "package", str, "zip"),
        runtime=reader.take(document, "runtime", str, "python3.13"),
        architecture=reader.take(document, "architecture", str, "x86_64"),
        network=reader.take(document, "network", bool, True),
        limits=_limits(reader, reader.take(document, "limits", dict, {})),
        commands=_commands(reader, document),
        absent=_absent(reader, document),
        everything=reader.take(document, "everything", bool, False),
        unbuilt=reader.take(document, "unbuilt", str, ""),
    )
    if kind.package not in ("zip", "image"):
        reader.faults.append('`package` is not "zip" or "image"')
    reader.done()
    return kind


def _limits(reader: _Reader, table: Mapping[str, Any]) -> Limits:
    """Those that a file does not name are Lambda's."""
    reader.only(table, LIMITS, "limits.")
    return Limits(
        memory=_read_range(reader, table, "memory", Range(128, 10240, 1769)),
        disk=_read_range(reader, table, "disk", Range(512, 10240, 2048)),
        seconds=_read_range(reader, table, "seconds", Range(1, 900, 900)),
        payload=reader.take(table, "payload", int, 262144, "limits."),
        processes=reader.take(table, "processes", int, 1024, "limits."),
        package_bytes=reader.take(table, "package_bytes", int, 262144000, "limits."),
    )


def _read_range(reader: _Reader, table: Mapping[str, Any], key: str, standard: Range) -> Range:
    if key not in table:
        return standard
    given = reader.take(table, key, dict, where="limits.")
    reader.only(given, Range.__match_args__, f"limits.{key}.")
    where = f"limits.{key}."
    found = Range(
        least=reader.take(given, "least", int, standard.least, where),
        most=reader.take(given, "most", int, standard.most, where),
        default=reader.take(given, "default", int, standard.default, where),
    )
    if not found.least <= found.default <= found.most:
        reader.faults.append(f"`limits.{key}`: the default is not between least and most")
    return found


def _commands(reader: _Reader, document: Mapping[str, Any]) -> dict[str, Offered]:
    offered: dict[str, Offered] = {}
    for number, group in enumerate(reader.take(document, "commands", list, [])):
        where = f"commands[{number}]."
        reader.only(group, ("package", "version", "source", "verified", "names"), where)
        one = Offered(
            reader.take(group, "package", str, "", where),
            reader.take(group, "version", str, "", where),
            reader.take(group, "verified", bool, False, where),
        )
        offered |= dict.fromkeys(reader.take(group, "names", str, where=where).split(), one)
    return offered


def _absent(reader: _Reader, document: Mapping[str, Any]) -> dict[str, str]:
    absent: dict[str, str] = {}
    for number, group in enumerate(reader.take(document, "absent", list, [])):
        where = f"absent[{number}]."
        reader.only(group, ("package", "source", "verified", "names"), where)
        package = reader.take(group, "package", str, "", where)
        absent |= dict.fromkeys(reader.take(group, "names", str, where=where).split(), package)
    return absent
