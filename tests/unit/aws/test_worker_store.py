"""Stores: the same behaviour in a directory and in S3, and every failure as a diagnostic."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber

from msh.aws.s3 import S3Store
from msh.aws.store import DirectoryStore, read, write
from msh.diagnostics import MshError

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "wJalrXUtnFEMIsecret"


def code_of(error: pytest.ExceptionInfo[MshError]) -> str:
    [diagnostic] = error.value.diagnostics
    assert diagnostic.help, "a failure says what to do"
    return diagnostic.code


class Slow:
    """A pipe: it gives what it has, never all that was asked for."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, 1000) if size >= 0 else 1000)


class Broken(Slow):
    """A stream that fails before its end."""

    def read(self, size: int = -1) -> bytes:
        data = super().read(size)
        if not data:
            raise BrokenPipeError
        return data


def test_an_object_is_what_was_put(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path))
    store.put("a/b/c", Slow(b"x" * 5000))
    target = io.BytesIO()
    store.download("a/b/c", target)
    assert target.getvalue() == b"x" * 5000 == read(store, "a/b/c")
    assert store.exists("a/b/c") and not store.exists("a/b")
    assert list(store.keys("a/")) == ["a/b/c"] and list(store.keys("b")) == []
    store.delete("a/b/c")
    store.delete("a/b/c")
    assert not store.exists("a/b/c")


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path))
    with pytest.raises(MshError) as error:
        store.put("key", Broken(b"half"))
    assert code_of(error) == "MSH505"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a//b", "a/./b", "", "a/..", "a\0b", "k" * 1025])
def test_a_key_stays_in_its_store(tmp_path: Path, key: str) -> None:
    with pytest.raises(MshError) as error:
        write(DirectoryStore(str(tmp_path)), key, b"x")
    assert code_of(error) == "MSH506"


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(MshError) as error:
        read(DirectoryStore(str(tmp_path)), "r/commit.json")
    assert code_of(error) == "MSH506"
    for act in (lambda store: read(store, "k"), lambda store: write(store, "k", b"")):
        with pytest.raises(MshError) as error:
            act(DirectoryStore(str(tmp_path / "none")))
        assert code_of(error) == "MSH501"
    assert os.listdir(tmp_path) == []


# ---- S3, by the answers that its service gives ------------------------------------------


@pytest.fixture
def s3() -> tuple[S3Store, Stubber]:
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key=SECRET)
    stubber = Stubber(client)
    stubber.activate()
    return S3Store("data", client), stubber


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        ("NoSuchBucket", 404, "MSH501"),
        ("AccessDenied", 403, "MSH502"),
        ("InvalidAccessKeyId", 403, "MSH502"),
        ("SignatureDoesNotMatch", 403, "MSH502"),
        ("ExpiredToken", 400, "MSH502"),
        ("NoSuchKey", 404, "MSH506"),
        ("SlowDown", 503, "MSH505"),
        ("InternalError", 500, "MSH505"),
    ],
)
def test_an_answer_of_s3_is_said_in_our_words(s3: tuple[S3Store, Stubber], answer: str, status: int, code: str) -> None:
    store, stubber = s3
    for operation, act in (
        ("get_object", lambda: read(store, "r/commit.json")),
        ("put_object", lambda: write(store, "r/commit.json", b"x")),
        ("delete_object", lambda: store.delete("r/commit.json")),
        ("list_objects_v2", lambda: list(store.keys("r/"))),
    ):
        stubber.add_client_error(operation, answer, f"about {SECRET} and AKIAEXAMPLE", status)
        with pytest.raises(MshError) as error:
            act()
        assert code_of(error) == code
        said = str(error.value) + error.value.diagnostics[0].help
        assert SECRET not in said and "AKIAEXAMPLE" not in said
        assert "data" in said


def test_no_credentials_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.session.Session().client("s3", region_name="us-east-1", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(MshError) as error:
        read(S3Store("data", client), "k")
    assert code_of(error) == "MSH503"


def test_a_service_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    client = boto3.session.Session().client("s3", region_name="us-east-1", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(MshError) as error:
        read(S3Store("data", client), "k")
    assert code_of(error) == "MSH505"
    assert "127.0.0.1" not in str(error.value)  # an address may have a password in it


def test_a_body_that_breaks_off_is_not_taken_for_a_short_one(s3: tuple[S3Store, Stubber]) -> None:
    from botocore.response import StreamingBody

    store, stubber = s3
    body = StreamingBody(io.BytesIO(b"only a part"), 1000)  # type: ignore[arg-type]
    stubber.add_response("get_object", {"Body": body, "ContentLength": 1000})
    with pytest.raises(MshError) as error:
        read(store, "k")
    assert code_of(error) == "MSH504"


def test_an_upload_of_several_parts_is_compared_with_what_arrived(s3: tuple[S3Store, Stubber]) -> None:
    store, stubber = s3
    size = 9 << 20
    stubber.add_response("create_multipart_upload", {"UploadId": "u"})
    for _ in range(2):
        stubber.add_response("upload_part", {"ETag": "e"})
    stubber.add_response("complete_multipart_upload", {})
    stubber.add_response("head_object", {"ContentLength": size - 1})
    with pytest.raises(MshError) as error:
        store.put("k", Zeros(size))
    assert code_of(error) == "MSH504"


class Zeros:
    """So many zero bytes."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1) -> bytes:
        size = self._left if size < 0 else min(size, self._left)
        self._left -= size
        return bytes(size)
