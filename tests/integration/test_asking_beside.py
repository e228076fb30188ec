"""What goes on while a question is open that somebody answers by lines: all that asks nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.asking import CREDENTIALS, everywhere, placed
from tests.support.attack import SECONDS, Attack

WAIT = "until [ -e {} ]; do :; done"
ASKS = f"cat ~/.aws/credentials & {WAIT.format('open')}"  # a question that is open from here on


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Attack]:
    """One of `everywhere`."""
    with placed(*request.param) as made:
        yield made


class Asking:
    """A run that has come to a question."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def until(self, text: str) -> None:
        """Read until this was printed."""
        assert self._process.stdout is not None
        patience = threading.Timer(SECONDS, self._process.kill)
        patience.start()
        heard = b""
        while text.encode() not in heard:
            byte = self._process.stdout.read(1)
            assert byte, heard.decode()
            heard += byte
        patience.cancel()

    def answer(self, text: str) -> None:
        """A line of its input."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n".encode())

    def end(self, answers: str) -> str:
        """Answer; what is printed from then on."""
        return self._process.communicate(answers.encode(), timeout=SECONDS)[0].decode()


@contextmanager
def asking(place: Attack, script: str, *options: str) -> Iterator[Asking]:
    """Run it until its first question is open, and say so to the script; it is killed if it does not end."""
    argv = [sys.executable, "-m", "msh", "--prompt=stdin", *options, "-c", script]
    process = subprocess.Popen(  # type: ignore[call-overload]  # the arguments of `as_user` are not known to the stubs
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=place.directory,
        env=place.environment(),
        bufsize=0,
        **place.as_user(),
    )
    with process:
        try:
            run = Asking(process)
            run.until(CREDENTIALS)
            (place.directory / "open").touch()
            yield run
        finally:
            process.kill()


@everywhere
def test_steps_that_may_ask_begin_and_go_on(place: Attack) -> None:
    """Neither they nor the launcher, which starts them and all others, wait for the answer."""
    program = 'python3 -Ic \'import json; print("be" + "gun", open("secret").read(0) + ".")\''
    with asking(place, f"{ASKS}; {program}; {program} & {program}; wait") as run:
        for _ in range(3):
            run.until("begun .")
        assert run.end("no\n").count("!!!") == 0


@everywhere
def test_who_asks_meanwhile_is_asked_then(place: Attack) -> None:
    """Steps, and shells: the question comes when the one before is answered."""
    later = "{ cat ~/.ssh/id_rsa; cat ~/.ssh/id_rsa; echo over; } & read line < ~/.aws/credentials & cat /dev/null"
    with asking(place, f"{ASKS}; {later}; echo here; wait") as run:
        run.until("here")
        said = run.end("no\nno\nno\nno\n")
    assert said.count("is this expected?") == 3, said
    assert "over" in said
    assert place.secret not in said


@everywhere
def test_a_step_that_ends_takes_its_question_along(place: Attack) -> None:
    """A look-up is asked for a step, not for one of its threads."""
    looks = "{ timeout 1 getent hosts a.test; echo over $?; cat ~/.ssh/id_rsa; } & wait"
    with asking(place, f"cat ~/.aws/credentials; {looks}", "--net=ask") as run:
        run.answer("no")
        run.until("Allow connection from a.test?")
        run.until("over 124")  # nobody has answered
        run.until("read ~/.ssh/id_rsa")
        run.end("no\n")
