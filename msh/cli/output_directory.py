"""Files written whole or not at all: a reader never meets half of one, and a failure leaves what was there."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import TYPE_CHECKING

from msh.diagnostics import Diagnostic, MshError

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_files(directory: str, files: Mapping[str, bytes]) -> None:
    """Put files into a directory, which is made when it is missing; others in it stay.

    All are written beside it first. A new directory then appears at once with all of them; in one that exists each
    file is replaced at once, when all of them are written. Raises `MshError` (MSH469).
    """
    target = os.path.abspath(directory)
    try:
        parent = os.path.dirname(target)
        os.makedirs(parent, exist_ok=True)
        if os.path.exists(target) and not os.path.isdir(target):
            raise NotADirectoryError(20, "it is there and is not a directory")
        staging = tempfile.mkdtemp(prefix=f".{os.path.basename(target)}-", dir=parent)
        try:
            _write_all(staging, files)
            _move(staging, target, files)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        help_ = "choose another directory with `-o`"
        raise MshError(Diagnostic("MSH469", f"cannot write to `{directory}`: {error.strerror}", help=help_)) from None


def write_file(path: str, data: bytes) -> None:
    """Put one file in its place at once; what is there and is no regular file is written to. Raises MSH469."""
    try:
        if os.path.lexists(path) and not os.path.isfile(path):
            with open(path, "wb") as file:
                file.write(data)
            return
        target = os.path.realpath(path)
        descriptor, staged = tempfile.mkstemp(prefix=f".{os.path.basename(target)}-", dir=os.path.dirname(target))
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(staged, 0o666 & ~_umask())
            os.replace(staged, target)
        except OSError:
            os.unlink(staged)
            raise
    except OSError as error:
        help_ = "choose another file with `-o`"
        raise MshError(Diagnostic("MSH469", f"cannot write `{path}`: {error.strerror}", help=help_)) from None


def _write_all(staging: str, files: Mapping[str, bytes]) -> None:
    os.chmod(staging, 0o777 & ~_umask())
    for name, data in files.items():
        with open(os.path.join(staging, name), "xb") as file:
            file.write(data)


def _move(staging: str, target: str, files: Mapping[str, bytes]) -> None:
    if not os.path.lexists(target):
        os.rename(staging, target)
        return
    for name in files:
        os.replace(os.path.join(staging, name), os.path.join(target, name))


def _umask() -> int:
    mask = os.umask(0o077)  # there is no other way to read it
    os.umask(mask)
    return mask
