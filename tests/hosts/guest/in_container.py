"""In a container that forbids namespaces, as Docker's own rules do: no command runs, and what is to be done is said."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.attack import Attack, attack

CURE = "this is a container: start it with `--security-opt seccomp=unconfined"


@pytest.fixture
def place() -> Iterator[Attack]:
    with attack("root" if os.geteuid() == 0 else "ordinary") as made:
        yield made


@pytest.mark.parametrize("backend", ["bubblewrap", "native"])
@pytest.mark.parametrize("script", ["cat secret", "echo x | cat", "x=$(cat secret); echo $x"])
def test_no_command_runs(place: Attack, backend: str, script: str) -> None:
    ran = place.msh("--backend", backend, "-c", script)
    shown = ran.output.decode()
    assert place.secret not in shown
    assert ran.stdout.strip() == b""
    assert "error[MSH450]" in shown or "error[MSH457]" in shown, shown
    assert "Traceback" not in shown, shown
    assert ran.status == (0 if script.endswith("$x") else 126), shown


def test_doctor_says_why(place: Attack) -> None:
    ran = place.msh("doctor")
    assert ran.status == 1
    assert CURE in ran.stdout.decode(), ran.output.decode()
