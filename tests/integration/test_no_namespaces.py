"""Where no user namespace can be made: what is refused, and what is said to do about it.

`tests/hosts/guest/without_namespaces.py` tries the same and more on a machine that forbids them to all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from shlex import join

import pytest

from tests.support.attack import USERS, Attack, Ran, attack, unavailable

CURE = "`sysctl user.max_user_namespaces=15000`"
FORBID = "echo 0 > /proc/sys/user/max_user_namespaces"  # in this namespace, and below it


@pytest.fixture(params=USERS)
def place(request: pytest.FixtureRequest) -> Iterator[Attack]:
    if reason := unavailable(request.param):
        pytest.skip(reason)
    with attack(request.param, "/var/tmp") as made:
        if made.shell(f"unshare -Ur sh -c '{FORBID}'").status != 0:
            pytest.skip("no namespace can be made here to forbid them in")
        made.more = {"TMPDIR": str(made.home)}  # the user is uid 0 there, and /tmp/msh-0 is another's
        yield made


def msh(place: Attack, *arguments: str) -> Ran:
    command = join([sys.executable, "-m", "msh", *arguments])
    return place.shell(f"exec unshare -Ur sh -c '{FORBID}; exec \"$@\"' sh {command}")


def test_doctor_reports_on_standard_output_alone(place: Attack) -> None:
    ran = msh(place, "doctor")
    assert (ran.status, ran.stderr) == (1, b"")
    assert b"FAILS  a step" in ran.stdout
    assert CURE.encode() in ran.stdout


@pytest.mark.parametrize("options", [(), ("--limit", "files=99"), ("--prompt", "stdin")])
@pytest.mark.parametrize(("backend", "code"), [("bubblewrap", "MSH450"), ("native", "MSH457")])
def test_no_command_runs(place: Attack, backend: str, code: str, options: tuple[str, ...]) -> None:
    ran = msh(place, "--backend", backend, *options, "-c", "cat secret")
    assert (ran.status, ran.stdout) == (126, b"")
    assert f"error[{code}]" in ran.stderr.decode(), ran.stderr.decode()
    assert CURE in ran.stderr.decode()
    assert b"MSH438" not in ran.stderr
