"""The LocalStack runtime with what tests need of it changed: run by `tests.support.localstack` in `.engine`.

    python -m tests.support.engine_main DIRECTORY PORT [--shared]

LocalStack 4.13.1 gets some things wrong, and would download others (a JVM, an init program, base images). What is
changed, and nothing else: the evaluation of JSONata (`engine_jsonata`), the execution of Lambda functions
(`engine_lambda`), the names of errors in branches (`engine_errors`), `threading.Lock`, and the end: what the engine
holds is thrown away, so it ends at once.
"""

from __future__ import annotations

import _thread
import fcntl
import os
import signal
import sys
import threading
import time
from pathlib import Path


class _Lock:
    """A lock that is a class: LocalStack writes `Lock | None`, which a function (before Python 3.13) cannot take."""

    def __new__(cls) -> _thread.LockType:
        return _thread.allocate_lock()


def end_without_users(users: Path) -> None:
    """End this process, and with it its workers, as soon as nobody holds the lock on `users`."""
    with users.open("w") as file:
        while True:
            time.sleep(1)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            os.killpg(os.getpgrp(), signal.SIGKILL)


def main(arguments: list[str]) -> int:
    """Serve until a signal comes."""
    directory = Path(arguments[0])
    if "--shared" in arguments:
        users = directory.parent / f"{directory.name}.users"
        threading.Thread(target=end_without_users, args=[users], daemon=True).start()
    if sys.version_info < (3, 13):
        threading.Lock = _Lock
    from tests.support import engine_errors, engine_jsonata, engine_lambda

    engine_errors.install()
    engine_jsonata.install()
    engine_lambda.install(directory / "lambda")
    from localstack.logging.setup import setup_logging_from_config
    from localstack.runtime import current

    setup_logging_from_config()
    current.initialize_runtime().run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
