"""What can be the name of an object in a bucket, or the beginning of one: `s3://BUCKET[/KEY]`."""

from __future__ import annotations

import re

_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"  # Amazon S3 User Guide, general purpose bucket naming rules
_LONGEST = 1024  # bytes of a key
_LONGEST_PART = 255  # bytes of a file's name


def fault(bucket: str, key: str) -> str:
    """Why these cannot be a bucket and a key (or the beginning of one); empty when they can."""
    if re.fullmatch(_BUCKET, bucket) is None or ".." in bucket:
        return f"`{bucket if bucket.isprintable() else ascii(bucket)[1:-1]}` cannot be a bucket"
    parts = key.removesuffix("/").split("/") if key else []
    if any(part in ("", ".", "..") for part in parts):
        return "its key has an empty part, `.` or `..`"
    if any(ord(one) < 0x20 or ord(one) == 0x7F or 0xDC80 <= ord(one) <= 0xDCFF for one in key):
        return "its key has a control character or is not UTF-8"
    if len(key.encode()) > _LONGEST or any(len(part.encode()) > _LONGEST_PART for part in parts):
        return f"its key is longer than {_LONGEST} bytes, or a part of it than {_LONGEST_PART}"
    return ""
