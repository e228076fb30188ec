"""The worker's handler as a program: requests on standard input, answers on standard output, a JSON line each.

    {"event": …, "seconds": 60}  ──▶  {"result": …}, or {"error": the exception's class, "cause": as Lambda has it}

`machine.InProcess` starts it in `lambda_sandbox` and keeps it warm. What the worker itself prints goes to standard
error, as it would go to a log.
"""

from __future__ import annotations

import json
import os
import sys
import time

from msh.aws.worker import handler


class Context:
    """What Lambda says about an invocation."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """As in Lambda's client."""
        return max(0, int((self._end - time.monotonic()) * 1000))


def main() -> int:
    """Answer until the input ends."""
    # The worker's own descriptors 0 and 1 must not be these: a shell that is forked from it would read requests.
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    os.dup2(2, 1)
    for line in requests:
        request = json.loads(line)
        try:
            answer = {"result": handler(request["event"], Context(request["seconds"]))}
        except Exception as error:  # noqa: BLE001 - as Lambda does
            cause = {"errorType": type(error).__name__, "errorMessage": str(error)}
            answer = {"error": type(error).__name__, "cause": json.dumps(cause)}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
