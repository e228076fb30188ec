"""What somebody would write by hand for two shell commands on Step Functions: the Lambda function of `bench machine`.

A request has a command, the object that is its standard input, and the object that its standard output becomes. The
answer says where that is; the data itself never passes through the machine.
"""

from __future__ import annotations

import subprocess
import tempfile
from typing import Any

import boto3

s3 = boto3.client("s3")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Run `event["command"]` with bash between two objects of `event["bucket"]`."""
    bucket = event["bucket"]
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        if event["stdin"]:
            s3.download_fileobj(bucket, event["stdin"], stdin)
            stdin.seek(0)
        argv = ["bash", "-o", "pipefail", "-c", event["command"]]
        status = subprocess.run(argv, stdin=stdin, stdout=stdout, stderr=stderr).returncode
        size = stdout.tell()
        stdout.seek(max(0, size - 4096))
        tail = stdout.read().decode(errors="replace")
        stdout.seek(0)
        s3.upload_fileobj(stdout, bucket, event["stdout"])
        stderr.seek(0)
        if status:
            raise RuntimeError(f"status {status}: {stderr.read()[-2000:].decode(errors='replace')}")
    return {"rc": status, "stdout": event["stdout"], "bytes": size, "tail": tail}
