"""The user's `config.toml` as given settings."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING

from msh.config import LISTS, OBJECTS, SETTINGS, Given
from msh.diagnostics import Diagnostic, Label, MshError
from msh.nearest import nearest
from msh.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPECTED = {
    "directory": "a path",
    "paths": "a list of paths",
    "names": "a list of names",
    "file": "a path",
    "hosts": "a list of hosts",
    "flag": "true or false",
    "choice": "a name",
    "url": "a text",
    "seconds": "a number of seconds or a text such as '2m'",
    "limits": "a table such as { memory = '512m', pids = 64 }",
    "weaker": "a list of names of limits",
}


def given_in_file(path: str) -> Iterator[Given]:
    """Each value in the file. Raises `MshError` (MSH467) for what is not a setting or not of its kind."""
    source = _read(path)
    known = {setting.name: setting for setting in SETTINGS if setting.in_file}
    for key, value in _parse(source).items():
        if key not in known:
            near = nearest(key, known)
            help_ = f"did you mean `{near}`?" if near else f"settings are: {', '.join(known)}"
            raise _error(source, f"`{key}` is not a setting", _key_label(source, key), help_)
        setting = known[key]
        if setting.kind == "limits" and isinstance(value, dict):
            value = ",".join([f"{name}={_text(bound)}" for name, bound in value.items()]) or "{}"
        values = value if setting.kind in LISTS and isinstance(value, list) else [value]
        for item in values:
            text = _text(item)
            if text is None or (setting.kind in LISTS and not isinstance(value, list)):
                raise _error(source, f"expected {EXPECTED[setting.kind]} for `{key}`", _key_label(source, key))
            if setting.kind in ("paths", "directory", "file"):
                text = os.path.expanduser(text)
                if not os.path.isabs(text) and text != "none" and not text.startswith(OBJECTS):
                    raise _error(
                        source,
                        f"`{text}` is a relative path",
                        _key_label(source, key),
                        "a path in this file starts with `/` or `~/`: it counts wherever msh is started",
                    )
            yield Given(setting, text, f"{path}: {key}")


def _read(path: str) -> Source:
    try:
        with open(path, "rb") as file:
            owner = os.fstat(file.fileno()).st_uid
            text = decode(file.read())
    except OSError as error:
        raise MshError(Diagnostic("MSH467", f"cannot read `{path}`: {error.strerror}")) from None
    if owner not in (0, os.geteuid()):
        help_ = "what somebody else can change must not decide what scripts may do here"
        raise MshError(Diagnostic("MSH467", f"`{path}` belongs to another user", help=help_))
    return Source(path, text, path)


def _parse(source: Source) -> dict[str, object]:
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        import re

        words, place = re.fullmatch(r"(.*?)(?: \(at (.*)\))?", str(error), re.DOTALL).groups()  # type: ignore[union-attr]  # the pattern matches any text
        offset = len(source.text)
        if found := re.fullmatch(r"line (\d+), column (\d+)", place or ""):
            lines = source.text.split("\n")[: int(found[1]) - 1]
            offset = sum([len(line) + 1 for line in lines]) + int(found[2]) - 1
        raise _error(source, "not TOML", Label(offset, offset + 1, words[:1].lower() + words[1:])) from None


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _key_label(source: Source, key: str) -> Label:
    import re

    found = re.search(rf"^[ \t]*[\"']?({re.escape(key)})\b", source.text, re.MULTILINE)
    return Label(found.start(1), found.end(1)) if found else Label(0, 0)


def _error(source: Source, message: str, label: Label, help_: str = "") -> MshError:
    return MshError(Diagnostic("MSH467", message, source, (label,), help_))
