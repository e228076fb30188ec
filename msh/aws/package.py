"""`worker.zip`: the same bytes for the same script, whoever makes it and wherever.

    msh/…              what a worker imports of msh, found by reading its imports
    script.sh …        the script, its commands' catalog entries, what it was granted (`scripts.py`)

The handler is `msh.aws.worker.handler`; boto3 is part of Lambda's runtime. Entries are sorted, have one fixed time and
mode and are stored without compression, since what deflate makes differs from one build of zlib to the next; the whole
is a megabyte.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from typing import TYPE_CHECKING

import msh
from msh.aws.scripts import script_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from msh.catalog import CommandSpec
    from msh.config import Settings
    from msh.source import Source

HANDLER = "msh.aws.worker.handler"

ROOT = os.path.dirname(os.path.abspath(msh.__file__))
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time that a zip can say
MODE = 0o100644

_FOR_TYPES = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t].*\n|\n)+", re.M)
_FROM = re.compile(r"^[ \t]*from (msh[\w.]*) import (\([^)]*\)|.*)$", re.M)
_IMPORT = re.compile(r"^[ \t]*import (msh[\w.]*)", re.M)
_NAME = re.compile(r"\w+")
_STRING = re.compile(r"\"([\w.]+)\"")

#: Reached by some import and of no use in a worker: what makes generated tables, the catalog that ships with msh, and
#: what reads catalog files (a worker has the entries of its script), other sandboxes.
LEFT_OUT = (
    *("msh.syntax.generate", "msh.catalog.generate", "msh.catalog.standard_tables"),
    *("msh.catalog.files", "msh.catalog.validate", "msh.catalog.sources", "msh.config_file"),
    *("msh.sandbox.docker", "msh.sandbox.docker_pump", "msh.sandbox.bubblewrap", "msh.sandbox.doctor"),
)


def worker_zip(source: Source, specs: Iterable[CommandSpec], settings: Settings) -> bytes:
    """The package of one script. Of what was granted, only objects go along: other paths are this machine's."""
    granted = settings.replace(allow_read=_objects(settings.allow_read), allow_write=_objects(settings.allow_write))
    entries = {path: _read(path) for path in worker_files()}
    return _zip(entries | script_files(source, specs, granted))


def _objects(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple([path for path in paths if path.startswith("s3://")])


def worker_files(root: str = "msh.aws.worker") -> tuple[str, ...]:
    """The files of msh that a module needs, with all that it may import later, as `msh/run/main.py`, sorted."""
    found: set[str] = set()
    waiting = [root]
    while waiting:
        module = waiting.pop()
        if module in found or module in LEFT_OUT or _file(module) is None:
            continue
        found.add(module)
        waiting += [module.rpartition(".")[0], *_imports(module)]
    return tuple(sorted({path for module in found if (path := _file(module)) is not None}))


def _file(module: str) -> str | None:
    """`msh/run/main.py` of `msh.run.main`; None for what is no module of msh."""
    if module != "msh" and not module.startswith("msh."):
        return None
    path = module.replace(".", "/")
    for candidate in (f"{path}.py", f"{path}/__init__.py"):
        if os.path.isfile(os.path.join(os.path.dirname(ROOT), candidate)):
            return candidate
    return None


def _imports(module: str) -> Iterator[str]:
    """The modules that a module names in an import, wherever it stands, but for those of type checkers.

    One that imports modules of its package by name (`__import__(f"msh.syntax.{name}")`) names them in strings. Texts
    are searched, not parsed: parsing all of msh takes half a second. A test compares with what the parser sees.
    """
    path = _file(module)
    assert path is not None
    text = _FOR_TYPES.sub("", _read(path).decode())
    for origin, names in _FROM.findall(text):
        yield origin
        yield from [f"{origin}.{name}" for name in _NAME.findall(names)]
    yield from _IMPORT.findall(text)
    if "import_module(" in text or "__import__(" in text:
        package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
        for word in _STRING.findall(text):
            yield word
            yield f"{package}.{word}"


def _read(path: str) -> bytes:
    with open(os.path.join(os.path.dirname(ROOT), path), "rb") as file:
        return file.read()


def _zip(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 3  # Unix, whatever made it
            info.external_attr = MODE << 16
            archive.writestr(info, entries[name])
    return buffer.getvalue()
