"""Root in somebody else's workspace: the run becomes that user before it touches a file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator

import pytest

from tests.support.attack import ORDINARY, Attack, attack

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def place() -> Iterator[Attack]:
    """An ordinary user's directory with root in it."""
    with attack("ordinary") as made:
        made.uid = 0
        (made.directory / "roots").write_text("roots own\n")
        (made.directory / "roots").chmod(0o600)
        yield made


def test_steps_and_redirections_are_the_owners(place: Attack) -> None:
    script = "id -u; id -g; echo x >redirected; touch made; cat roots; cat <roots; cat made /tmp/x; mktemp >/dev/null"
    ran = place.msh("-c", script)
    assert ran.stdout.decode() == f"{ORDINARY}\n{ORDINARY}\n", ran.stderr.decode()
    assert {(place.directory / name).stat().st_uid for name in ("redirected", "made")} == {ORDINARY}
    assert b"Traceback" not in ran.stderr
    assert ran.status == 0


def test_pipelines_subshells_and_signals_work(place: Attack) -> None:
    script = """
        (echo a; echo b) | sort -r | { read -r x; echo "$x"; cat; }
        sleep 30 & kill $!; wait $!; echo $?
        x=$(cat <(echo sub)); echo "$x" >/tmp/f; cat /tmp/f
    """
    ran = place.msh("-c", script)
    assert ran.stdout.decode() == "b\na\n143\nsub\n", ran.stderr.decode()


def test_nothing_is_left(place: Attack) -> None:
    place.msh("-c", "touch made /tmp/made")
    assert not remains(f"/tmp/msh-{ORDINARY}")


def remains(directory: str) -> list[str]:
    """Runs that have ended and left something: nobody holds their lock. Tests beside this one have their own."""
    left = []
    for name in os.listdir(directory):
        if not (name.startswith("run-") and name.endswith(".lock")):
            continue
        try:
            with open(os.path.join(directory, name), "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, BlockingIOError):
            continue  # gone meanwhile, or in use
        left.append(name)
    return left


def test_in_a_workspace_of_roots_own(place: Attack) -> None:
    for path in (place.directory, place.directory.parent):
        os.chown(path, 0, 0)
    ran = place.msh("-c", "id -u; cat roots; grep CapEff /proc/self/status")
    assert ran.stdout.decode() == "0\nroots own\nCapEff:\t0000000000000000\n", ran.stderr.decode()
