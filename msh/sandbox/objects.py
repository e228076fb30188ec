"""`s3://bucket/key` as the name of a file: what such a name may be, and whether a run was granted it.

The name is not rewritten anywhere. `s3://b/k` is also the relative path `s3:/b/k`, so a step finds the object's copy
below its working directory (`object_files.py`), and its messages show the name that the script used.
"""

from __future__ import annotations

from msh.config import OBJECTS
from msh.diagnostics import Diagnostic, MshError
from msh.object_names import fault
from msh.record import Record
from msh.sandbox.refusal import refused, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.config import Settings

DIRECTORY = "s3:"  # of the working directory, as the path of such a name begins


class ObjectName(Record):
    """A bucket and the key of an object in it."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{OBJECTS}{self.bucket}/{self.key}"


class ObjectUse(Record):
    """An object among a step's arguments; `kind` is `read`, `write` or `entries`, as in `Access`."""

    name: ObjectName
    kind: str


def is_object(path: str) -> bool:
    """Whether a path names an object."""
    return path.startswith(OBJECTS)


def object_name(path: str) -> ObjectName:
    """The name taken apart.

    Raises MshError: MSH408 for what is a bucket or ends in a slash, MSH407 for a name that cannot be a file's.
    """
    bucket, _, key = path.removeprefix(OBJECTS).partition("/")
    wrong = fault(bucket, key)
    if wrong:
        message = f"`{shown(path)}` is not the name of an object: {wrong}"
        raise MshError(Diagnostic("MSH407", message, help="expected `s3://BUCKET/KEY`, the key like a relative path"))
    if not key or key.endswith("/"):
        raise directory_like(path)
    return ObjectName(bucket, key)


def directory_like(path: str) -> MshError:
    """MSH408."""
    message = f"`{shown(path)}` is used as a directory, and a bucket has none"
    return MshError(Diagnostic("MSH408", message, help="name one object; `aws s3 ls` or `aws s3 sync` handle many"))


def granted(path: str, kind: str, settings: Settings, step: str = "") -> ObjectName:
    """The object of a name that may be used so. `kind` is `read`, `write` or `entries`, as in `Access`.

    Raises MshError: MSH401 when nothing grants it, and as `object_name`.
    """
    name = object_name(path)
    prefixes = settings.allow_write if kind != "read" else (*settings.allow_write, *settings.allow_read)
    if not any(covers(prefix, str(name)) for prefix in prefixes if is_object(prefix)):
        raise refused(step, path, kind, path)
    return name


def covers(prefix: str, path: str) -> bool:
    """Whether `s3://b`, `s3://b/p` or `s3://b/p/` holds an object; part by part: `data` does not cover `database`."""
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")
