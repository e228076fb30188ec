"""A store in S3, or in what speaks its protocol at another address. The one module of the data plane with boto3.

Memory is bounded whatever the size: an object of up to `PART` bytes is one request, a larger one a multipart upload or
ranged downloads with a few parts in flight. boto3 adds checksums that S3 compares, and repeats what fails meanwhile.

No message has anything of a request but its operation and the service's error code: never a key, a token, or a URL with
a password in it.
"""

from __future__ import annotations

import io
import os
from typing import IO, TYPE_CHECKING, cast

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
    ReadTimeoutError,
    ResponseStreamingError,
    TokenRetrievalError,
)

from msh.aws.store import checked, denied, failed, no_bucket, no_object, truncated
from msh.diagnostics import Diagnostic, MshError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

    from msh.aws.store import Readable

PART = 5 << 20  # bytes, the least that S3 takes; 10,000 parts are the most, so an object has up to 50 GB
_DENIED = """
403 AccessDenied AllAccessDisabled ExpiredToken Forbidden InvalidAccessKeyId InvalidToken SignatureDoesNotMatch
""".split()
_ABSENT = ("404", "NoSuchKey", "NotFound")


def s3_client(endpoint: str = "") -> S3Client:
    """A client; `endpoint` or `AWS_ENDPOINT_URL` is another address, whose buckets are then named in the path."""
    endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL_S3", "") or os.environ.get("AWS_ENDPOINT_URL", "")
    config = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "max_attempts": 5},
        s3={"addressing_style": "path"} if endpoint else {},
        inject_host_prefix=not endpoint,
    )
    region = None if os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") else "us-east-1"
    try:
        return boto3.client("s3", endpoint_url=endpoint or None, region_name=region, config=config)
    except (BotoCoreError, ValueError) as error:
        raise failed("s3", f"no client could be made ({type(error).__name__})") from None


def _transfer() -> TransferConfig:
    """Two parts on their way and two waiting."""
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=2, max_io_queue=32)
    config.max_in_memory_upload_chunks = 2
    config.max_in_memory_download_chunks = 2
    return config


class S3Store:
    """Objects of one bucket."""

    def __init__(self, bucket: str, client: S3Client) -> None:
        self.name = bucket
        self._client = client

    def get(self, key: str) -> IO[bytes]:
        try:
            found = self._client.get_object(Bucket=self.name, Key=checked(key))
        except (ClientError, BotoCoreError) as error:
            raise self._failed(error, key) from None
        return io.BufferedReader(_Body(self, key, found["Body"]), 1 << 16)

    def download(self, key: str, file: IO[bytes]) -> None:
        try:
            self._client.download_fileobj(self.name, checked(key), file, Config=_transfer())
        except (ClientError, BotoCoreError, Boto3Error) as error:
            raise self._failed(error, key) from None

    def put(self, key: str, file: Readable) -> None:
        start = _at_most(file, PART)
        try:
            if len(start) < PART:
                self._client.put_object(Bucket=self.name, Key=checked(key), Body=start)
                return
            stream = _Joined(start, file)
            del start
            self._client.upload_fileobj(cast("IO[bytes]", stream), self.name, checked(key), Config=_transfer())
            stored = self._client.head_object(Bucket=self.name, Key=key)["ContentLength"]
        except (ClientError, BotoCoreError, Boto3Error) as error:
            raise self._failed(error, key) from None
        if stored != stream.size:
            raise truncated(self.name, key, f"{stored} of {stream.size} bytes arrived")

    def exists(self, key: str) -> bool:
        try:
            self._client.head_object(Bucket=self.name, Key=checked(key))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _ABSENT:
                return False
            raise self._failed(error, key) from None
        except BotoCoreError as error:
            raise self._failed(error, key) from None
        return True

    def delete(self, key: str) -> None:
        try:
            self._client.delete_object(Bucket=self.name, Key=checked(key))
        except (ClientError, BotoCoreError) as error:
            raise self._failed(error, key) from None

    def keys(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        try:
            for page in pages:
                yield from [found["Key"] for found in page.get("Contents", ())]
        except (ClientError, BotoCoreError) as error:
            raise self._failed(error, "") from None

    def _failed(self, error: Exception, key: str) -> MshError:
        """What boto3 has raised, as what it means."""
        if isinstance(error, NoCredentialsError | PartialCredentialsError | TokenRetrievalError):
            help_ = "set `AWS_PROFILE`, or `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; a worker has its role"
            return MshError(Diagnostic("MSH503", f"no credentials for the bucket `{self.name}`", help=help_))
        if isinstance(error, IncompleteReadError | ReadTimeoutError | ResponseStreamingError):
            return truncated(self.name, key, "the transfer broke off")
        if not isinstance(error, ClientError):
            return failed(self.name, f"it could not be reached, or broke off ({type(error).__name__})")
        code = str(error.response.get("Error", {}).get("Code", "?"))
        if code == "NoSuchBucket":
            return no_bucket(self.name)
        if code in _DENIED:
            return denied(self.name, key, f"{error.operation_name} says {code}")
        if code in _ABSENT:
            return no_object(self.name, key)
        return failed(self.name, f"{error.operation_name} says {code}")


class _Body(io.RawIOBase):
    """The body of an answer, whose errors are MshErrors."""

    def __init__(self, store: S3Store, key: str, body: StreamingBody) -> None:
        self._store, self._key, self._body = store, key, body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            data = self._body.read(len(buffer))
        except BotoCoreError as error:
            raise self._store._failed(error, self._key) from None
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()


class _Joined:
    """What was read already, then the rest of its stream; `size` counts."""

    def __init__(self, start: bytes, rest: Readable) -> None:
        self._start, self._rest = start, rest
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data, self._start = self._start[:size], self._start[size:]
        if len(data) < size:
            data += _at_most(self._rest, size - len(data))
        self.size += len(data)
        return data


def _at_most(file: Readable, size: int) -> bytes:
    """So many bytes, fewer only at the end: a pipe gives what it has."""
    parts = []
    while size > 0 and (chunk := file.read(min(size, 1 << 20))):
        parts.append(chunk)
        size -= len(chunk)
    return b"".join(parts)
