"""What a command line touches: command spec × arguments → `Effects`."""

from __future__ import annotations

from msh.record import Record


class Unknown(Record):
    """An argument whose text is not known before run time, or only how it begins."""

    prefix: str = ""


class Access(Record):
    """One thing in the file system that a command touches.

    kind `read`     that file's content and attributes (it may be missing)
         `write`    that file's content: it is changed or truncated; with `create` it is made when missing
         `list`     that directory, and what lies in it, read
         `entries`  that directory as a place where names appear, change and go (`rm`, `mv`, `sed -i`): writable
    `path` is as given on the command line (relative to the step's directory), never resolved here.
    """

    kind: str
    path: str | Unknown
    create: bool = False


class Effects(Record):
    """All that one command line touches."""

    accesses: tuple[Access, ...] = ()
    workspace: str = ""  # "", "read" or "write": the whole workspace, besides `accesses`
    runs: tuple[tuple[str | Unknown, ...], ...] = ()  # command lines that it runs in turn
    network: str = "none"  # "none" or "client"
    dataflow: str = "effect"  # "stateless" | "pure" | "ordered" | "effect"
    merge: tuple[str, ...] = ()  # for "pure": the command line that merges the outputs of parts
