"""Asking on the terminal, on which a hostile script writes too.

While a question is open the run's other processes and msh itself are held, so nothing of theirs appears in between.
What the script did to the terminal is undone first: colours, character sets, the alternate screen, scroll regions, raw
mode. What was typed, or what the terminal itself replied to the script, before the question stood there is thrown away,
and a line that holds a control character is no answer: it is a reply of the terminal, not of the user.
"""

from __future__ import annotations

import errno
import os
import termios
import time

from msh.sandbox.broker.prompt import ATTEMPTS, LONGEST, write
from msh.sandbox.broker.questions import Answer, preface, read_answer, sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from msh.sandbox.broker.processes import Shell
    from msh.sandbox.broker.prompt import Readable
    from msh.sandbox.broker.questions import Question

#: Ends an unfinished control string; then resets what hides or moves text (ECMA-48, DEC STD 070, xterm's control
#: sequences) and goes below all that stands there.
_RESET = (
    "\x18\x1b\\"
    "\x1b[!p\x1b[0m\x0f\x1b(B\x1b)B"  # soft reset, plain text, ASCII
    "\x1b[?1049l\x1b[?47l\x1b[r\x1b[?69l\x1b[?6l\x1b[4l\x1b[20l"  # main screen, no margins, no insertion
    "\x1b[?7h\x1b[?25h\x1b[?5l\x1b[?2026l"  # wrap, cursor, no inversion, no held output
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?2004l"  # no reports of mouse, focus, paste
    "\x1b]104\x1b\\\x1b]110\x1b\\\x1b]111\x1b\\\x1b]112\x1b\\"  # the palette, the colours of text and ground
    "\x1b[999;1H\r\n\x1b[J"
)
Modes = list["Any"]  # as termios gives them: numbers, then a list
_INTERRUPT = b"\x03"
_SETTLING = 0.05  # seconds in which replies to what the script wrote still arrive


class Terminal:
    """Puts questions to whoever sits at the terminal that msh was started from."""

    holds = True

    def __init__(self, home: str, mark: str, shell: Shell) -> None:
        self._home = home
        self._mark = mark
        self._shell = shell

    def __call__(self, question: Question, readable: Readable) -> Answer:
        try:
            terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            return Answer(False, by="no terminal")
        try:
            if os.tcgetpgrp(terminal) != os.getpgrp():
                return Answer(False, by="no terminal")  # in the background: whoever types, types to something else
            with self._shell.held():
                return self._asked(terminal, question, readable)
        except OSError as error:
            if error.errno not in (errno.EIO, errno.ENOTTY):
                raise
            return Answer(False, by="no terminal")  # it was hung up
        finally:
            os.close(terminal)

    def _asked(self, terminal: int, question: Question, readable: Readable) -> Answer:
        before = termios.tcgetattr(terminal)
        try:
            termios.tcsetattr(terminal, termios.TCSADRAIN, _cooked(before))
            write(terminal, _RESET)
            _drain(terminal)
            write(terminal, f"{preface(question, self._home, self._mark)}\r\n")
            for _ in range(ATTEMPTS):
                write(terminal, f"{sentence(question, self._home)} ")
                line = _line(terminal, readable)
                if line is None:
                    write(terminal, "\r\n")
                    break
                answer = read_answer(question, line)
                if answer is not None:
                    return answer
            return Answer(False, by="unanswered")
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _cooked(modes: Modes) -> Modes:
    """Whole lines, shown while they are typed, and no signal by a key: Ctrl-C is an answer too."""
    received, sent, control, local, *speeds, characters = modes
    received = (received | termios.ICRNL) & ~(termios.IGNCR | termios.INLCR | termios.IXOFF)
    sent |= termios.OPOST | termios.ONLCR
    local = (local | termios.ICANON | termios.ECHO | termios.ECHOE | termios.ECHOK) & ~(termios.ISIG | termios.TOSTOP)
    characters = [*characters]
    characters[termios.VEOL] = _INTERRUPT  # without the signal it would wait for the end of the line
    return [received, sent, control, local, *speeds, characters]


def _drain(terminal: int) -> None:
    """Throw away what was typed before, and what the terminal replies to what was written before."""
    termios.tcflush(terminal, termios.TCIFLUSH)
    time.sleep(_SETTLING)
    termios.tcflush(terminal, termios.TCIFLUSH)


def _line(terminal: int, readable: Readable) -> str | None:
    """One line; None at its end (Ctrl-D), at Ctrl-C, or when the question no longer matters."""
    while readable(terminal):
        data = os.read(terminal, LONGEST)
        if not data or _INTERRUPT in data:
            return None
        if any(byte < 0x20 for byte in data.rstrip(b"\r\n")):
            _drain(terminal)
            return ""
        return data.decode("utf-8", "replace")
    return None
