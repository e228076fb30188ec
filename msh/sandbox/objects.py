"""`s3://bucket/key` as the name of a file: what such a name may be, and whether a run was granted it.

The name is not rewritten anywhere. `s3://b/k` is also the relative path `s3:/b/k`, so a step finds the object's copy
below its working directory (`object_files.py`), and its messages show the name that the script used.
"""

from __future__ import annotations

import re

from msh.config import OBJECTS
from msh.diagnostics import Diagnostic, MshError
from msh.record import Record
from msh.sandbox.refusal import refused, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.config import Settings

DIRECTORY = "s3:"  # of the working directory, as the path of such a name begins
_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"  # Amazon S3 User Guide, general purpose bucket naming rules
_LONGEST = 1024  # bytes of a key
_LONGEST_PART = 255  # bytes of a file's name


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
    wrong = _wrong(bucket, key)
    if wrong:
        message = f"`{shown(path)}` is not the name of an object: {wrong}"
        raise MshError(Diagnostic("MSH407", message, help="expected `s3://BUCKET/KEY`, the key like a relative path"))
    if not key or key.endswith("/"):
        raise directory_like(path)
    return ObjectName(bucket, key)


def _wrong(bucket: str, key: str) -> str:
    """Why these cannot be a bucket and a key (or the beginning of one); empty when they can."""
    if re.fullmatch(_BUCKET, bucket) is None or ".." in bucket:
        return f"`{shown(bucket)}` cannot be a bucket"
    parts = key.removesuffix("/").split("/") if key else []
    if any(part in ("", ".", "..") for part in parts):
        return "its key has an empty part, `.` or `..`"
    if any(ord(one) < 0x20 or ord(one) == 0x7F or 0xDC80 <= ord(one) <= 0xDCFF for one in key):
        return "its key has a control character or is not UTF-8"
    if len(key.encode()) > _LONGEST or any(len(part.encode()) > _LONGEST_PART for part in parts):
        return f"its key is longer than {_LONGEST} bytes, or a part of it than {_LONGEST_PART}"
    return ""


def directory_like(path: str) -> MshError:
    """MSH408."""
    message = f"`{shown(path)}` is used as a directory, and a bucket has none"
    return MshError(Diagnostic("MSH408", message, help="name one object; `aws s3 ls` or `aws s3 sync` handle many"))


def check_prefix(text: str) -> str:
    """Why a text after `--allow-read` is not `s3://BUCKET[/PREFIX]`; empty when it is."""
    bucket, _, prefix = text.removeprefix(OBJECTS).partition("/")
    return _wrong(bucket, prefix)


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
