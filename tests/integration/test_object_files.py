"""`s3://bucket/key` as a file, through the real command line and a real implementation of S3: here and in a worker."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from msh.diagnostics import MshError
from tests.support.attack import ROOT
from tests.support.objects import CREDENTIALS, client, object_server

BACKENDS = {"bubblewrap": "msh", "task": "tests.support.task"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with object_server() as url:
        yield url


@dataclass
class Place:
    """A bucket of the test's own, a workspace, and one of the two ways to run."""

    url: str
    bucket: str
    client: Any
    directory: Path
    module: str

    def run(self, script: str, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """msh with everything in the bucket granted; `$B` is `s3://BUCKET`."""
        options = options or ("--allow-write", f"s3://{self.bucket}")
        argv = [sys.executable, "-m", self.module, "--endpoint-url", self.url, *options]
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            **CREDENTIALS,
            **variables,
        }
        argv += ["-c", script.replace("$B", f"s3://{self.bucket}")]
        return subprocess.run(argv, cwd=self.directory, env=environment, capture_output=True, text=True, timeout=60)

    def put(self, key: str, text: str) -> None:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def objects(self) -> dict[str, str]:
        """All that the bucket holds."""
        found = self.client.list_objects_v2(Bucket=self.bucket).get("Contents", ())
        read = {one["Key"]: self.client.get_object(Bucket=self.bucket, Key=one["Key"])["Body"].read() for one in found}
        return {key: text.decode("utf-8", "surrogateescape") for key, text in read.items()}


@pytest.fixture(params=BACKENDS)
def place(request: pytest.FixtureRequest, server: str, tmp_path: Path) -> Place:
    """A new bucket with one object, `in`."""
    bucket = f"test-{secrets.token_hex(8)}"
    s3 = client(server)
    s3.create_bucket(Bucket=bucket)
    made = Place(server, bucket, s3, tmp_path, BACKENDS[request.param])
    made.put("in", "3\n1\n2\n")
    return made


READS = {
    "operand": ("cat $B/in", "3\n1\n2\n"),
    "two operands": ("cat $B/in $B/in | wc -l", "6\n"),
    "redirection": ("sort < $B/in", "1\n2\n3\n"),
    "of a loop": ("while read x; do echo \"<$x>\"; done < $B/in", "<3>\n<1>\n<2>\n"),
    "by exec": ("exec 7< $B/in; head -n 1 <&7", "3\n"),
    "by the shell": ('echo "$(<$B/in)"; mapfile -t a < $B/in; echo ${a[1]}', "3\n1\n2\n1\n"),
    "name from a variable": ("f=$B/in; wc -l $f | tr -d ' a-z'", None),
    "tests": ("[ -e $B/in ] && [ -s $B/in ] && [ -f $B/in ] && [[ -r $B/in ]] && test ! -x $B/in && echo yes", "yes\n"),
    "tests of what is missing": ("[ -e $B/no ] || [ -s $B/no ] || [ -d $B/no ] || echo none", "none\n"),
    "in a pipeline": ("echo 4 | cat - $B/in | sort | tail -n 1", "4\n"),
    "to a local file": ("cp $B/in here; sort here", "1\n2\n3\n"),
    "in a subdirectory": ("mkdir d; cd d; cat $B/in; ls -A", "3\n1\n2\n"),
    "in /tmp": ("cd /tmp; head -n 1 $B/in", "3\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", READS)
def test_reading(place: Place, name: str) -> None:
    script, expected = READS[name]
    ran = place.run(script, "--allow-read", f"s3://{place.bucket}")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert expected is None or ran.stdout == expected
    assert place.objects() == {"in": "3\n1\n2\n"}
    assert not (place.directory / "s3:").exists()


WRITES: dict[str, tuple[str, dict[str, str | None]]] = {
    "redirection": ("echo x > $B/a/out", {"a/out": "x\n"}),
    "truncating": ("echo x > $B/in", {"in": "x\n"}),
    "nothing written": (": > $B/empty", {"empty": ""}),
    "appending": ("echo x >> $B/in; echo y >> $B/new", {"in": "3\n1\n2\nx\n", "new": "y\n"}),
    "step's output": ("seq 2 > $B/out", {"out": "1\n2\n"}),
    "last of a pipeline": ("seq 2 | sort -r > $B/out", {"out": "2\n1\n"}),
    "middle of a pipeline": ("seq 2 | tee $B/out | cat > $B/again", {"out": "1\n2\n", "again": "1\n2\n"}),
    "both streams": ("ls missing &> $B/out; grep -c missing $B/out > n", {"out": None}),
    "tee -a": ("echo x | tee -a $B/in >/dev/null", {"in": "3\n1\n2\nx\n"}),
    "an option's file": ("sort -o $B/out $B/in", {"out": "1\n2\n3\n"}),
    "in place": ("sort -o $B/in $B/in; sed -i s/1/one/ $B/in", {"in": "one\n2\n3\n"}),
    "cp to": ("echo x > f; cp f $B/f", {"f": "x\n"}),
    "cp between": ("cp $B/in $B/copy", {"copy": "3\n1\n2\n"}),
    "mv to": ("echo x > f; mv f $B/f; [ ! -e f ]", {"f": "x\n"}),
    "mv between": ("mv $B/in $B/moved", {"moved": "3\n1\n2\n", "in": None}),
    "compound": ("{ echo a; echo b; } > $B/out", {"out": "a\nb\n"}),
    "loop": ("for i in 1 2; do echo $i; done > $B/for", {"for": "1\n2\n"}),
    "function": ("f() { echo f; }; f > $B/out", {"out": "f\n"}),
    "subshell": ("(echo a; echo b) > $B/out", {"out": "a\nb\n"}),
    "background": ("seq 2 > $B/out & wait", {"out": "1\n2\n"}),
    "by exec": ("exec 5> $B/out; echo a >&5; echo b >&5; exec 5>&-; cat $B/out", {"out": "a\nb\n"}),
    "by exec, to the end": ("exec > $B/out; echo a; seq 2", {"out": "a\n1\n2\n"}),
    "by a variable": ("exec {fd}> $B/out; echo a >&$fd; exec {fd}>&-; cat $B/out >&2", {"out": "a\n"}),
    "read after write": ("echo a > $B/out; echo $(<$B/out)b > $B/out", {"out": "ab\n"}),
    "read and write": ("echo 9 1<> $B/in", {"in": "9\n1\n2\n"}),
    "a key with spaces": ("echo x > '$B/a b/c*d'; cat '$B/a b/c*d'", {"a b/c*d": "x\n"}),
    "exit inside": ("{ echo a; exit 0; } > $B/out", {"out": "a\n"}),
    "in a subshell by exec": ("(exec > $B/out; echo a); cat $B/out", {"out": "a\n"}),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
def test_writing(place: Place, name: str) -> None:
    script, expected = WRITES[name]
    ran = place.run(script)
    assert (ran.returncode, "error" in ran.stderr) == (0, False), ran.stderr
    wanted = {"in": "3\n1\n2\n", **expected}
    found = place.objects()
    assert found.keys() == {key for key, text in wanted.items() if text is not None or name == "both streams"}
    assert all(found[key] == text for key, text in wanted.items() if text is not None)
    assert not (place.directory / "s3:").exists()


def test_removing(place: Place) -> None:
    """`rm` removes the object; one that is missing is an error of `rm` itself."""
    ran = place.run("rm $B/in; rm $B/in")
    assert ran.returncode == 1
    assert re.fullmatch(r"rm: cannot remove '?s3://\S*/in'?: No such file or directory\n", ran.stderr)
    assert place.objects() == {}


def test_what_failed_has_written_what_it_wrote(place: Place) -> None:
    """As with a file."""
    ran = place.run(
        "{ echo a; false; } > $B/one; (echo b; exit 3) > $B/two; echo $?; sh -c 'echo c; kill -9 $$' > $B/three"
    )
    assert (ran.stdout, ran.returncode) == ("3\n", 137)
    assert place.objects() == {"in": "3\n1\n2\n", "one": "a\n", "two": "b\n", "three": "c\n"}


def test_missing(place: Place) -> None:
    """Words and status are those of a missing file."""
    ran = place.run("cat $B/no; echo $?; cat < $B/no; echo $?; . $B/no; echo $?")
    assert ran.stdout == "1\n1\n1\n"
    assert ran.stderr.count("No such file or directory") == 3
    assert f"s3://{place.bucket}/no: No such file or directory" in ran.stderr


def test_a_missing_bucket(place: Place) -> None:
    """It is an error with a code where something would be lost."""
    ran = place.run(
        "echo x > s3://no-such-bucket/x; echo $?; cat s3://no-such-bucket/x", "--allow-write", "s3://no-such-bucket"
    )
    assert ran.stdout == "1\n"
    assert ran.returncode == 1
    assert "MSH430" in ran.stderr
    assert "No such file or directory" in ran.stderr


def test_a_step_whose_object_cannot_be_sent_has_failed(place: Place) -> None:
    """The status is not the command's own."""
    ran = place.run("echo x | tee s3://no-such-bucket/x; echo ${PIPESTATUS[1]}", "--allow-write", "s3://no-such-bucket")
    assert ran.stdout == "x\n1\n"
    assert "error[MSH430]: `s3://no-such-bucket/x` could not be written: no such bucket" in ran.stderr


def test_nobody_at_the_endpoint(place: Place) -> None:
    """Nothing runs that would have needed the object."""
    place.url = "http://127.0.0.1:9"
    ran = place.run("cat $B/in; echo $?; echo x > $B/out; echo $?")
    assert ran.stdout == "1\n1\n"
    assert ran.stderr.count("MSH430") == 2
    assert "127.0.0.1:9" in ran.stderr


def test_not_granted(place: Place) -> None:
    """Neither in the workspace nor anywhere: an object is granted by its own flag."""
    bucket = place.bucket
    for script, flag in (
        ("cat $B/in", f"--allow-read s3://{bucket}/in"),
        ("cat < $B/in", f"--allow-read s3://{bucket}/in"),
        ("echo x > $B/in", f"--allow-write s3://{bucket}/in"),
        ("echo x | tee $B/in", f"--allow-write s3://{bucket}/in"),
        ("cp /dev/null $B/in", f"--allow-write s3://{bucket}/in"),
        (". $B/in", f"--allow-read s3://{bucket}/in"),
    ):
        ran = place.run(script, "--allow-read", f"s3://{bucket}/i", "--allow-read", f"s3://{bucket}-other")
        assert (ran.returncode, ran.stdout) in ((126, ""), (1, "")), script
        assert "MSH401" in ran.stderr
        assert f"`{flag}` would grant it" in ran.stderr
    reading = place.run("echo x > $B/in", "--allow-read", f"s3://{bucket}")
    assert "MSH401" in reading.stderr
    assert place.objects() == {"in": "3\n1\n2\n"}
    blind = place.run("[ -e $B/in ] || echo unseen", "--workspace", "none")
    assert blind.stdout == "unseen\n"
    assert "MSH401" in blind.stderr


WRONG = (
    "$B/a/../in", "$B//in", "$B/./in", "s3:///in", "s3://../etc/passwd", "s3://UPPER/x", "s3://a..b/x", "$B/a\tb",
    "$B/" + "x" * 256, "s3://",
)  # fmt: skip
HOSTILE = [*[(name, "MSH407") for name in WRONG], ("$B/in/", "MSH408"), ("$B/", "MSH408"), ("$B", "MSH408")]


@pytest.mark.parametrize(("name", "code"), HOSTILE)
def test_hostile_names(place: Place, name: str, code: str) -> None:
    """Refused by name, before anything is asked of S3."""
    for script in (f"cat '{name}'", f"cat < '{name}'", f"echo x > '{name}'", f"cp /dev/null '{name}'"):
        ran = place.run(script)
        assert code in ran.stderr, script
        assert ran.returncode == 126
    assert place.objects() == {"in": "3\n1\n2\n"}


@pytest.mark.parametrize("script", ["ls $B/", "ls $B", "cat $B/*", "cd $B", "find $B/x", "for f in $B/i*; do :; done"])
def test_a_bucket_is_no_directory(place: Place, script: str) -> None:
    ran = place.run(script)
    assert ran.returncode == 126
    assert "MSH408" in ran.stderr


def test_a_hostile_step_sends_nothing_but_what_it_was_granted(place: Place) -> None:
    """A symbolic link where the copy was is not followed by msh, which may read more than the step."""
    (place.directory.parent / "secret").write_text("secret\n")
    script = "import os; p = 's3:/" + place.bucket + "/out'; os.path.exists(p) and os.unlink(p); "
    script += f"os.symlink('{place.directory.parent}/secret', p); open('s3:/{place.bucket}/other', 'w').write('x')"
    catalog = place.directory / "catalog.toml"
    catalog.write_text(
        f'[hostile]\nrun = {{ host = "python3" }}\narguments = ["-ISc", """{script}"""]\noperands = "entries"\n'
    )
    ran = place.run("hostile $B/out", "--catalog", str(catalog), "--allow-write", f"s3://{place.bucket}")
    assert "MSH430" in ran.stderr, ran
    assert place.objects() == {"in": "3\n1\n2\n"}


def test_without_boto3(place: Place) -> None:
    """The cure is named."""
    (place.directory / "hide").mkdir()
    (place.directory / "hide/boto3.py").write_text("raise ImportError\n")
    ran = place.run("cat $B/in", PYTHONPATH=f"{place.directory}/hide:{ROOT}")
    assert ran.returncode == 126
    assert "MSH406" in ran.stderr
    assert "pip install 'msh[aws]'" in ran.stderr


def test_a_directory_that_cannot_be_written(place: Place) -> None:
    """There is no place for a copy; a redirection needs none."""
    ran = place.run("cd /usr; cat $B/in; head -n 1 < $B/in")
    assert ran.stdout == "3\n"
    assert "MSH409" in ran.stderr


def test_large(place: Place) -> None:
    """Streamed, in parts: more than one part of an upload, with no more memory."""
    script = "ulimit -v 600000; head -c 30000000 /dev/zero > $B/large; wc -c < $B/large; wc -c $B/large | cut -d' ' -f1"
    ran = place.run(script)
    assert ran.stdout == "30000000\n30000000\n", ran.stderr


def test_a_script_without_objects_imports_no_boto3(tmp_path: Path) -> None:
    argv = [sys.executable, "-X", "importtime", "-m", "msh", "-c", "cat < /dev/null; echo x > f; cat f"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert "msh.run" in ran.stderr
    assert "boto3" not in ran.stderr
    assert "object_files" not in ran.stderr


def test_a_worker_with_a_cleared_environment(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its clients have the credentials; nothing of them is in the environment, not afterwards either."""
    from msh.sandbox import object_store
    from msh.sandbox.objects import ObjectName

    client(server).create_bucket(Bucket="of-the-worker")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(object_store, "_remembered", {})
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    name = ObjectName("of-the-worker", "x")
    with pytest.raises(MshError, match="no AWS credentials"):
        object_store.ObjectStore(server).look(name)
    object_store.remember({**CREDENTIALS, "AWS_ENDPOINT_URL": server})
    assert object_store.ObjectStore().look(name) is None
    assert [name for name in os.environ if name.startswith("AWS_")] == ["AWS_EC2_METADATA_DISABLED"]
