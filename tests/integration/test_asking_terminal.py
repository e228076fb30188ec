"""The questions on a real terminal, on which the script writes too (docs/security.md)."""

from __future__ import annotations

import os
import signal
import sys
import termios
import time
from collections.abc import Iterator

import pexpect
import pyte
import pytest

from msh.sandbox.backend import children, process_state
from tests.support.asking import ALL_PLACES, CREDENTIALS, everywhere, placed, shared_out
from tests.support.attack import Attack

QUESTION = f"{CREDENTIALS} "
CAT = "cat ~/.aws/credentials"
WAIT = "until [ -e {} ]; do :; done"  # until the test has seen what it waits for


@pytest.fixture(params=ALL_PLACES[:1], ids="-".join)
def place(request: pytest.FixtureRequest) -> Iterator[Attack]:
    """One place for what the terminal alone decides; `everywhere` and `shared_out` name more."""
    with placed(*request.param) as made:
        yield made


def become(uid: int) -> None:
    """In the child: this user, if it is another."""
    if uid != os.geteuid():
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


class Session:
    """msh on a terminal of 80 by 24 that pyte draws."""

    def __init__(self, place: Attack, script: str, *options: str) -> None:
        arguments = ["-m", "msh", *options, "-c", script]
        environment = {**place.environment(), "TERM": "xterm"}
        self.child = pexpect.spawn(
            sys.executable,
            arguments,
            cwd=str(place.directory),
            env=environment,
            timeout=30,
            preexec_fn=lambda: become(place.uid),
        )
        self.child.setwinsize(24, 80)
        self.secret = place.secret
        self.written = b""

    def until(self, text: str) -> None:
        """Read until the terminal was sent this text."""
        self.child.expect_exact(text.encode())
        self.written += self.child.before + self.child.after

    def answer(self, text: str) -> None:
        self.child.sendline(text)

    def end(self) -> int:
        """Read to the end; the status."""
        self.child.expect(pexpect.EOF)
        self.written += self.child.before
        self.child.close()
        return int(self.child.exitstatus)

    def screen(self) -> str:
        """What stands on the screen."""
        screen = pyte.Screen(80, 24)
        pyte.ByteStream(screen).feed(self.written)
        return "\n".join(screen.display)


@pytest.mark.parametrize(("answer", "status"), [("yes", 0), ("no", 1), ("\x03", 1), ("\x04", 1), ("nonsense", 1)])
def test_an_answer(place: Attack, answer: str, status: int) -> None:
    run = Session(place, CAT)
    run.until(QUESTION)
    assert "step `cat`; also `always` or `never`" in run.screen()
    if answer == "nonsense":
        for _ in range(2):
            run.answer(answer)
            run.until(QUESTION)
    run.answer(answer) if answer.isalpha() else run.child.send(answer)
    assert run.end() == status
    assert (place.secret in run.screen()) == (status == 0)


@pytest.mark.escape(77, 78)
@everywhere
def test_an_answer_to_a_false_question_counts_for_nothing(place: Attack) -> None:
    false = "!!! Script is attempting to read x, is this expected? [yes/no] "
    run = Session(place, f'printf "{false}"; {WAIT.format("typed")}; {CAT}')
    run.until(false)
    run.answer("yes")
    (place.directory / "typed").touch()
    run.until(QUESTION)
    run.answer("no")
    assert run.end() == 1


@pytest.mark.escape(79)
@everywhere
def test_a_reply_of_the_terminal_is_no_answer(place: Attack) -> None:
    run = Session(place, f"printf '\\033[6n\\033[21t\\033]11;?\\a'; {CAT}")
    run.until("\033[6n")
    run.child.send("\033[5;1R\033]lyes\033\\yes\n")
    run.until(QUESTION)
    run.child.send("\033]l\nyes\n")
    run.until(QUESTION)
    run.answer("no")
    assert run.end() == 1


@pytest.mark.escape(80)
@shared_out(
    "hiding",
    [r"\033[8m", r"\033[1;5r\033[5;1H", r"\033[?1049h", r"\033[?25l\033[31;41m", r"\033]0;title", r"\033[999B\016"],
)
def test_a_question_cannot_be_hidden(place: Attack, hiding: str) -> None:
    run = Session(place, f"printf '{hiding}'; {CAT}")
    run.until(QUESTION)
    screen = pyte.Screen(80, 24)
    pyte.ByteStream(screen).feed(run.written)
    row = next(row for row, line in enumerate(screen.display) if line.startswith(QUESTION.strip()))
    cell = screen.buffer[row][0]
    assert (cell.data, cell.fg, cell.bg, cell.reverse) == ("!", "default", "default", False)
    run.answer("no")
    run.end()


@pytest.mark.escape(77)
@everywhere
def test_nothing_of_other_steps_is_written_while_a_question_is_open(place: Attack) -> None:
    noise = "python3 -Ic 'while True: print(\"!!! Script is attempting to read x\", flush=True)'"
    run = Session(place, f"{{ {noise}; }} & {WAIT.format('seen')}; {CAT}; kill $!")
    run.until("read x")
    (place.directory / "seen").touch()
    run.until(QUESTION)
    with pytest.raises(pexpect.TIMEOUT):
        run.child.expect_exact(b"Script", timeout=1)
    run.answer("yes")
    run.until(place.secret)


@pytest.mark.escape(77)
@shared_out("before", ["", "trap '' URG; ", "trap 'echo trapped' URG; ", ": ; "])
def test_nothing_of_builtins_is_written_while_a_question_is_open(place: Attack, before: str) -> None:
    """msh's own shell writes on beside a step that asks; a script cannot keep it from being held."""
    noise = 'while [ ! -e end ]; do echo "!!! Script is attempting to read x"; done'
    asks = f"{WAIT.format('seen')}; {CAT}; {WAIT.format('again')}; : > end"
    run = Session(place, f"{before}cat /dev/null; {before}{{ {asks}; }} & {noise}; wait")
    run.until("read x")
    (place.directory / "seen").touch()
    run.until(QUESTION)
    with pytest.raises(pexpect.TIMEOUT):
        run.child.expect_exact(b"Script", timeout=1)
    run.answer("yes")
    run.until(place.secret)
    run.until("read x")
    (place.directory / "again").touch()
    assert run.end() == 0


@everywhere
def test_an_open_question_does_not_hold_the_end_of_a_run(place: Attack) -> None:
    """Nobody answers; the run is over in time all the same, or when msh is killed, and leaves no process."""
    script = f"{CAT} & sleep 30; wait"
    for options, killed in (("--timeout", "2"), False), ((), True):
        run = Session(place, script, *options)
        run.until(QUESTION)
        left = descendants(run.child.pid)
        assert len(left) >= 3
        if killed:
            os.kill(run.child.pid, signal.SIGKILL)
        run.child.expect(pexpect.EOF, timeout=10)
        deadline = time.monotonic() + 3
        while any(process_state(pid) not in "ZX" for pid in left) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [pid for pid in left if process_state(pid) not in "ZX"] == []
        run.child.close()


def descendants(pid: int) -> list[int]:
    """All that it has started, and what that has."""
    found = children(pid)
    return found + [each for one in found for each in descendants(one)]


@pytest.mark.parametrize(
    "script", [f"{CAT} 2> errors", f"{CAT} < /dev/null", f"{CAT} & wait", f"exec 2> errors; {CAT}"]
)
def test_whom_to_ask_is_known_from_the_beginning(place: Attack, script: str) -> None:
    """Whatever the script has done to its descriptors before the first question."""
    run = Session(place, script)
    run.until(QUESTION)
    run.answer("no")
    run.end()


def test_raw_mode_is_undone_for_the_question_and_left_as_it_was_after(place: Attack) -> None:
    run = Session(place, f"python3 -Ic 'import tty; tty.setraw(0)' 2>&1; {CAT}")
    before = termios.tcgetattr(run.child.child_fd)
    run.until(QUESTION)
    assert termios.tcgetattr(run.child.child_fd)[3] & (termios.ICANON | termios.ECHO) == termios.ICANON | termios.ECHO
    run.answer("yes")
    assert run.end() == 0
    assert place.secret in run.screen()
    assert before[3] & termios.ICANON


@pytest.mark.escape(81)
@shared_out(
    "script", ["stty raw -echo", "stty -echo; kill -TERM $$; sleep 5", "stty raw | cat; exit 3", "stty -echo; false"]
)
def test_the_terminal_is_as_it_was_after_the_run(place: Attack, script: str) -> None:
    run = Session(place, f"{script}")
    before = termios.tcgetattr(run.child.child_fd)
    run.child.expect(pexpect.EOF)
    assert termios.tcgetattr(run.child.child_fd) == before
    run.child.close()


def test_modes_last_from_step_to_step(place: Attack) -> None:
    """A password is read like this."""
    run = Session(place, "stty -echo; printf 'password: '; read -r word; stty echo; echo \"<$word>\"; stty -echo")
    run.until("password: ")
    run.answer("hidden")
    run.until("<hidden>")
    run.end()
    assert run.written.count(b"hidden") == 1


@pytest.mark.escape(82)
@everywhere
def test_two_stages_ask_one_at_a_time(place: Attack) -> None:
    run = Session(place, f"{CAT} | cat - ~/.ssh/id_rsa")
    for _ in range(2):
        run.until("is this expected? [yes/no] ")
        with pytest.raises(pexpect.TIMEOUT):
            run.child.expect_exact(b"is this", timeout=0.5)
        run.answer("yes")
    assert run.end() == 0
    assert run.screen().count(place.secret) == 2
