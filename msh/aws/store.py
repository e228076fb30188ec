"""Where the data of a run lives: objects under keys, in a bucket or in a directory.

A key is relative, in slashes: `RUN/REGION/ATTEMPT/commit.json`. An object is written once and never changed, so whoever
has its key has its content. Objects are streamed: no store ever holds a whole one.

All that goes wrong is an MshError: MSH501 no such bucket, MSH502 denied, MSH503 no credentials, MSH504 what arrived is
not what was sent, MSH505 the store failed, MSH506 no such object.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
from typing import IO, TYPE_CHECKING, Protocol

from msh.diagnostics import Diagnostic, MshError

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 18  # bytes copied at a time


class Readable(Protocol):
    """A stream of bytes that may be a pipe."""

    def read(self, size: int = -1, /) -> bytes: ...


class Store(Protocol):
    """Objects under keys. `name` is how messages call it."""

    name: str

    def get(self, key: str) -> IO[bytes]:
        """The content, as a stream that the caller closes."""

    def download(self, key: str, file: IO[bytes]) -> None:
        """Write the content to an open file."""

    def put(self, key: str, file: Readable) -> None:
        """Store what a stream gives until its end. Nothing is under the key before all of it is."""

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin so, sorted."""


class DirectoryStore:
    """Objects as files below a directory, which must exist."""

    def __init__(self, path: str) -> None:
        self.name = self._path = os.path.abspath(path)

    def get(self, key: str) -> IO[bytes]:
        path = self._file(key)
        try:
            return open(path, "rb")
        except OSError as error:
            raise self._failed(error, key) from None

    def download(self, key: str, file: IO[bytes]) -> None:
        with self.get(key) as source:
            copy(source, file)

    def put(self, key: str, file: Readable) -> None:
        path = self._file(key)
        temporary = f"{path}.{os.urandom(8).hex()}~"
        try:
            os.stat(self._path)  # a store is made by whoever owns it, never by a key
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(temporary, "xb") as target:
                copy(file, target)
            os.rename(temporary, path)
        except OSError as error:
            raise self._failed(error, "") from None
        finally:
            with contextlib.suppress(OSError):
                os.unlink(temporary)

    def exists(self, key: str) -> bool:
        return os.path.isfile(self._file(key))

    def delete(self, key: str) -> None:
        try:
            os.unlink(self._file(key))
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._failed(error, key) from None

    def keys(self, prefix: str) -> Iterator[str]:
        found = []
        for directory, _, names in os.walk(self._path):
            below = os.path.relpath(directory, self._path)
            found += [name if below == "." else f"{below}/{name}" for name in names if not name.endswith("~")]
        return iter(sorted([key for key in found if key.startswith(prefix)]))

    def _file(self, key: str) -> str:
        return os.path.join(self._path, checked(key))

    def _failed(self, error: OSError, key: str) -> MshError:
        if error.errno == errno.ENOENT and os.path.isdir(self._path) and key:
            return no_object(self.name, key)
        if error.errno == errno.ENOENT:
            return no_bucket(self.name)
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return denied(self.name, key, os.strerror(error.errno).lower())
        return failed(self.name, (error.strerror or type(error).__name__).lower())


def copy(source: Readable, target: IO[bytes]) -> int:
    """Copy a stream to its end; the number of bytes."""
    size = 0
    while chunk := source.read(CHUNK):
        target.write(chunk)
        size += len(chunk)
    return size


def read(store: Store, key: str, limit: int = 64 << 20) -> bytes:
    """A small object as bytes. Raises MshError MSH505 when it has more than `limit` bytes."""
    with store.get(key) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise failed(store.name, f"`{key}` has more than {limit} bytes")
    return data


def write(store: Store, key: str, data: bytes) -> None:
    """Store bytes."""
    store.put(key, io.BytesIO(data))


def open_store(bucket: str, endpoint: str = "") -> Store:
    """The store of a bucket's name, or of a directory given as an absolute path."""
    if bucket.startswith("/"):
        return DirectoryStore(bucket)
    from msh.aws.s3 import S3Store, s3_client

    return S3Store(bucket, s3_client(endpoint))


def checked(key: str) -> str:
    """A key as it is; MshError MSH506 for one that could mean something outside of the store."""
    parts = key.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in key or len(key.encode("utf-8", "replace")) > 1024:
        message = f"`{key[:100]!r}` cannot be the key of an object"
        raise MshError(Diagnostic("MSH506", message, help="nothing that msh has written has such a key"))
    return key


def no_bucket(name: str) -> MshError:
    help_ = "deploy the machine again, or make the bucket; `msh compile` names it in template.json"
    return MshError(Diagnostic("MSH501", f"there is no bucket `{name}`", help=help_))


def denied(name: str, key: str, why: str) -> MshError:
    what = f"`{key}` in `{name}`" if key else f"`{name}`"
    help_ = "compare the role with policy.json, and look whether the bucket's own policy denies"
    return MshError(Diagnostic("MSH502", f"access to {what} was denied: {why}", help=help_))


def truncated(name: str, key: str, why: str) -> MshError:
    help_ = "run it again; when it comes back, look for what writes to the bucket besides msh"
    return MshError(Diagnostic("MSH504", f"`{key}` in `{name}` is not what was stored: {why}", help=help_))


def failed(name: str, why: str) -> MshError:
    help_ = "run it again; the steps that had ended are kept"
    return MshError(Diagnostic("MSH505", f"the store `{name}` failed: {why}", help=help_))


def no_object(name: str, key: str) -> MshError:
    help_ = "a lifecycle rule may have removed it: start the run again from its beginning"
    return MshError(Diagnostic("MSH506", f"there is no object `{key}` in `{name}`", help=help_))
