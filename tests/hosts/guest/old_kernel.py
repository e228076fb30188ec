"""Where the kernel is older than what parts of msh need: those are refused, by name, and the rest holds."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.attack import USERS, Attack, attack


@pytest.fixture(params=USERS)
def place(request: pytest.FixtureRequest) -> Iterator[Attack]:
    with attack(request.param) as made:
        yield made


def release() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


def test_commands_run(place: Attack) -> None:
    ran = place.msh("-c", "echo b > f; echo a >> f; sort f | tr a-z A-Z; cat < f; cat /etc/shadow")
    assert ran.stdout == b"A\nB\nb\na\n", ran.output.decode()


@pytest.mark.skipif(release() >= (5, 12), reason="Linux has it since 5.12")
def test_the_native_backend_is_refused(place: Attack) -> None:
    ran = place.msh("--backend", "native", "-c", "cat secret")
    assert ran.status == 126
    assert b"mount_setattr" in ran.stderr
    assert b"Linux 5.12" in ran.stderr


@pytest.mark.skipif(release() >= (5, 14), reason="Linux has it since 5.14")
@pytest.mark.parametrize("options", [("--prompt", "stdin"), ("--allow-net", "127.0.0.1:1"), ("--net", "ask")])
def test_questions_are_refused(place: Attack, options: tuple[str, ...]) -> None:
    """Nothing is asked, and nothing given, by a kernel that cannot hand over what was judged."""
    ran = place.msh(
        *options, "--prompt", "stdin", "-c", "cat ../home/.ssh/id_rsa; curl http://127.0.0.1:1", stdin=b"yes\n" * 9
    )
    assert place.secret.encode() not in ran.output
    assert ran.status == 126
    assert b"error[MSH419]" in ran.stderr, ran.output.decode()
    assert b"a kernel from 5.14 on can" in ran.stderr


def test_doctor_names_what_is_missing(place: Attack) -> None:
    ran = place.msh("doctor")
    assert ran.status == 0
    for version, words in (((5, 12), "native"), ((5, 13), "Landlock"), ((5, 14), "questions")):
        assert (words in ran.stdout.decode()) == (release() < version), ran.stdout.decode()
