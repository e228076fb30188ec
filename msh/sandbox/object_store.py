"""Objects of S3, or of what speaks its protocol: looked at, downloaded and uploaded by streaming, removed.

boto3 is imported by the first use: 0.2 s that no other script pays for. A client belongs to the process that made it,
since a fork must not share its connections.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager

from msh.diagnostics import Diagnostic, MshError
from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from boto3 import Session
    from botocore.config import Config
    from mypy_boto3_s3.client import S3Client

    from msh.sandbox.objects import ObjectName

_CHUNK = 1 << 18
_MISSING = ("404", "NoSuchKey", "NoSuchBucket", "NotFound")
_DENIED = ("403", "AccessDenied", "AllAccessDisabled", "InvalidObjectState")


_remembered: dict[str, str] = {}


def remember(environment: Mapping[str, str]) -> None:
    """What clients need of a worker's environment, which is empty while a script runs."""
    _remembered.update({name: value for name, value in environment.items() if name.startswith("AWS_")})


class Found(Record):
    """An object that is there: `size` in bytes, `modified` in seconds since the epoch."""

    size: int
    modified: float


class ObjectStore:
    """The objects that a run uses."""

    def __init__(self, endpoint_url: str = "") -> None:
        """`endpoint_url` is that of another service than Amazon's; AWS_ENDPOINT_URL counts when it is empty."""
        self._endpoint = endpoint_url
        self._client: tuple[int, S3Client] | None = None

    def look(self, name: ObjectName) -> Found | None:
        """What is known of an object; None when it is missing. Raises PermissionError, or MshError (MSH430)."""
        try:
            with _told(name, "looked at"):
                head = self._connected(name).head_object(Bucket=name.bucket, Key=name.key)
        except FileNotFoundError:
            return None
        return Found(head["ContentLength"], head["LastModified"].timestamp())

    def download(self, name: ObjectName, file: IO[bytes]) -> None:
        """Write an object to a file. Raises FileNotFoundError, PermissionError, or MshError (MSH430)."""
        with _told(name, "read"):
            body = self._connected(name).get_object(Bucket=name.bucket, Key=name.key)["Body"]
            with body:
                while chunk := body.read(_CHUNK):  # raises when it ends before its announced length
                    file.write(chunk)
            file.flush()

    def upload(self, name: ObjectName, file: IO[bytes]) -> None:
        """Store what a file holds. The object is there as a whole or as it was. Raises MshError (MSH430)."""
        try:
            with _told(name, "written"):
                self._connected(name).upload_fileobj(file, name.bucket, name.key)
        except OSError as error:
            what = "no such bucket" if isinstance(error, FileNotFoundError) else error.strerror or ""
            raise transfer_failed(name, "written", what.lower()) from None

    def remove(self, name: ObjectName) -> None:
        """Remove an object. Raises PermissionError, FileNotFoundError (no bucket), or MshError (MSH430)."""
        with _told(name, "removed"):
            self._connected(name).delete_object(Bucket=name.bucket, Key=name.key)

    def _connected(self, name: ObjectName) -> S3Client:
        if self._client is None or self._client[0] != os.getpid():
            self._client = (os.getpid(), _client(self._endpoint, name))
        return self._client[1]


def _client(endpoint: str, name: ObjectName) -> S3Client:
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        message = f"`{name}` needs boto3, which is not installed"
        raise MshError(Diagnostic("MSH406", message, help="`pip install 'msh[aws]'`")) from None
    own = {variable: value for variable, value in _remembered.items() if variable not in os.environ}
    os.environ |= own
    try:
        return _made(boto3.Session(), Config, endpoint)
    finally:
        for variable in own:
            del os.environ[variable]


def _made(session: Session, make: type[Config], endpoint: str) -> S3Client:
    url = endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None
    # Another service seldom answers at BUCKET.HOST, or knows checksums at the end of a body.
    other = make(s3={"addressing_style": "path"}, request_checksum_calculation="when_required") if url else make()
    patience = make(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=10, read_timeout=60)
    session.get_credentials()  # looked for now, since the environment is this one only now
    return session.client("s3", endpoint_url=url, config=patience.merge(other))


@contextmanager
def _told(name: ObjectName, verb: str) -> Iterator[None]:
    """Say what goes wrong inside in a script's terms."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  boto3's errors have no base in common; all others are raised again
        raise _failure(error, name, verb) from None


def _failure(error: Exception, name: ObjectName, verb: str) -> OSError | MshError:
    """What an exception of boto3 means to a script. An error that is none of a transfer's is returned as it is."""
    if isinstance(error, MshError):
        return error
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        if code in _MISSING:
            return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(name))
        if code in _DENIED:
            return PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(name))
        words = error.response.get("Error", {}).get("Message", "")
        return transfer_failed(name, verb, f"{code}: {words}" if words else code)
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return transfer_failed(name, verb, "there are no AWS credentials")
    if isinstance(error, Boto3Error) and isinstance(error.__context__, ClientError):
        return _failure(error.__context__, name, verb)
    if isinstance(error, (BotoCoreError, Boto3Error)):
        return transfer_failed(name, verb, str(error))
    if isinstance(error, OSError):
        return transfer_failed(name, verb, (error.strerror or str(error)).lower())
    raise error


def transfer_failed(name: ObjectName, verb: str, reason: str) -> MshError:
    """MSH430."""
    reason = " ".join(reason.split()).rstrip(".")
    message = f"`{name}` could not be {verb}: {reason}"
    help_ = "see that credentials, region and `--endpoint-url` are right"
    return MshError(Diagnostic("MSH430", message, help=help_))
