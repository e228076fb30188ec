"""Where nobody can make user namespaces: each command is refused, with what the host forbids and how to change it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.support.attack import Attack, attack

CURES = {
    "user.max_user_namespaces": "are switched off: as root, `sysctl user.max_user_namespaces=15000`",
    "kernel.unprivileged_userns_clone": "are switched off: as root, `sysctl kernel.unprivileged_userns_clone=1`",
}
USERS = ("root", "ordinary")


def cure(user: str) -> str:
    """What keeps this user from it here; root is kept by one setting only."""
    for name, words in CURES.items():
        done = subprocess.run(["sysctl", "-n", name], capture_output=True, text=True, check=False)
        if done.stdout.strip() == "0" and (user == "ordinary" or name.startswith("user.")):
            return words
    pytest.skip(f"{user} can make namespaces here")


@pytest.fixture(params=USERS)
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Attack, str]]:
    words = cure(request.param)
    with attack(request.param) as made:
        yield made, words


@pytest.mark.parametrize("backend", ["bubblewrap", "native"])
@pytest.mark.parametrize("script", ["cat secret", "echo x | cat", "x=$(cat secret); echo $x", "cat < secret; true"])
def test_no_command_runs(place: tuple[Attack, str], backend: str, script: str) -> None:
    made, words = place
    ran = made.msh("--backend", backend, "-c", script)
    shown = ran.output.decode()
    assert made.secret not in shown
    assert ran.stdout.strip() == b""
    assert words in shown, shown
    assert "Traceback" not in shown, shown
    assert ran.status == (0 if script.endswith(("true", "$x")) else 126), shown


def test_what_needs_no_sandbox_runs(place: tuple[Attack, str]) -> None:
    made, _ = place
    ran = made.msh("-c", "for i in 1 2; do echo $((i * 2)); done > out; read -r x < out; echo $x")
    assert (ran.status, ran.stdout) == (0, b"2\n"), ran.output.decode()


def test_doctor_says_so(place: tuple[Attack, str]) -> None:
    made, words = place
    ran = made.msh("doctor")
    assert ran.status == 1
    assert "FAILS  a step" in ran.stdout.decode()
    assert words in ran.stdout.decode()
    assert ran.stderr == b""


@pytest.mark.parametrize(
    ("code", "cured", "arguments"),
    [
        ("MSH456", True, ["--limit", "disk=1m", "-c", "echo x > made"]),
        ("MSH415", False, ["try", "--discard", "-c", "echo x > made"]),
    ],
    ids=["limit", "try"],
)
def test_what_needs_one_is_refused(place: tuple[Attack, str], code: str, cured: bool, arguments: list[str]) -> None:
    made, words = place
    if made.uid == 0:
        pytest.skip("root mounts a /tmp of a fixed size, and layers of directories, without one")
    ran = made.msh(*arguments)
    assert (ran.status, ran.stdout) == (126, b"")
    assert f"error[{code}]" in ran.stderr.decode()
    assert words in ran.stderr.decode() or not cured
    assert not (made.directory / "made").exists()
