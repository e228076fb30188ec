"""What tests of several areas share."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.cloud import Cloud
    from tests.support.docker_engine import Engine

# Whoever starts the tests may ignore signals (`nohup ./dev test`, `./dev test &` in a script), and a shell leaves alone
# what was ignored when it began (POSIX XCU 2.12): traps and Ctrl-C would look broken. Python itself ignores two.
for number in signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}:
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, ())

# A test run is the same each time; `MSH_FUZZ_EXAMPLES=1000` looks for something new, by hand.
settings.register_profile("fixed", derandomize=True, database=None)
if "MSH_FUZZ_EXAMPLES" not in os.environ:
    settings.load_profile("fixed")

pytest_plugins = ["tests.support.matrix"]

ROOT = Path(__file__).parent.parent
NOBODY = 65534


@pytest.fixture(scope="session")
def public_copy() -> Iterator[Path]:
    """A copy of the package and the examples that every user can read: a checkout may be its owner's alone."""
    directory = Path(tempfile.mkdtemp(prefix="msh-public-", dir="/tmp"))
    for name in ("msh", "examples", "docs"):
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [directory, *directory.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def ordinary_user() -> int:
    """The id of a user without rights; tests run as root start what they test as this user."""
    return NOBODY if os.geteuid() == 0 else os.geteuid()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The test engine, started for the whole test run: also when several processes share the tests (pytest-xdist)."""
    from tests.support import localstack
    from tests.support.cloud import Cloud

    subprocess.run([ROOT / "dev", "engine", "setup"], check=True)
    base = tmp_path_factory.getbasetemp()
    directory = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with localstack.shared(directory / "engine") as engine:
        yield Cloud(engine.endpoint)


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[Engine]:
    """A Docker Engine for all tests that want one; without it they are skipped, and say why."""
    from tests.support.docker_engine import Unavailable, engine

    try:
        with engine() as made:
            yield made
    except Unavailable as reason:
        pytest.skip(str(reason))
