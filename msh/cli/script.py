"""A script's text, read from where the user says it is."""

from __future__ import annotations

import os

from msh.diagnostics import Diagnostic, MshError
from msh.source import Source, decode

LARGEST = 64 << 20  # bytes; also bounds a device that never ends
SHELLS = ("sh", "bash", "dash", "ash", "ksh", "mksh", "msh", "rbash", "posh")
CHUNK = 1 << 20


def read_file(path: str) -> Source:
    """The script in a file.

    Raises `MshError`: MSH462 there is none, MSH463 it cannot be read, MSH464 it is not a shell script.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            data = _read_all(fd, path)
        finally:
            os.close(fd)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MshError(Diagnostic("MSH462", f"cannot run `{path}`: {error.strerror}", help=_verb_help(path))) from None
    except OSError as error:
        raise MshError(Diagnostic("MSH463", f"cannot read `{path}`: {error.strerror}")) from None
    return Source(path, decode(data), path)


def read_input() -> Source:
    """The script on standard input, read whole before anything of it runs."""
    try:
        return Source("standard input", decode(_read_all(0, "standard input")))
    except OSError as error:
        raise MshError(Diagnostic("MSH463", f"cannot read standard input: {error.strerror}")) from None


def _read_all(fd: int, name: str) -> bytes:
    data = b""
    while chunk := os.read(fd, CHUNK):
        if not data:
            _check_shebang(chunk, name)
        nul = chunk.find(b"\0")
        if nul >= 0:
            raise _not_shell(f"`{name}` is not text: there is a NUL byte at offset {len(data) + nul}")
        data += chunk
        if len(data) > LARGEST:
            raise _not_shell(f"`{name}` is larger than {LARGEST >> 20} MiB")
    return data


def _check_shebang(data: bytes, name: str) -> None:
    """Refuses what another interpreter is asked for: parsed as shell it would at best be nonsense."""
    if not data.startswith(b"#!"):
        return
    words = decode(data[2:].split(b"\n", 1)[0]).split()
    if words and os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    program = os.path.basename(words[0]) if words else "sh"
    if program not in SHELLS:
        raise _not_shell(f"`{name}` is written for `{program}`, not for a shell")
    if program == "msh":
        from msh.catalog.layers import is_command_file

        if is_command_file(name):
            help = f"put its directory on `PATH` and call `{os.path.basename(name)}` in a script"
            raise MshError(Diagnostic("MSH464", f"`{name}` maps a command, and is no script itself", help=help))


def _not_shell(message: str) -> MshError:
    return MshError(Diagnostic("MSH464", message, help="msh runs shell scripts"))


def _verb_help(path: str) -> str:
    """A name without a slash that is close to a verb was probably meant to be one."""
    from msh.cli import VERBS
    from msh.nearest import nearest

    near = None if "/" in path else nearest(path, VERBS)
    return f"did you mean `msh {near}`?" if near else ""
