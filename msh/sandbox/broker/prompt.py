"""Asking the user: on the terminal, or by the lines of standard input, or nobody."""

from __future__ import annotations

import errno
import os

from msh.sandbox.broker.questions import Answer, preface, read_answer, sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from msh.sandbox.broker.questions import Question

    Readable = Callable[[int], bool]

    class Asker(Protocol):
        """Puts a question to the user. `readable` waits for input at a descriptor; False when the question no longer
        matters. `holds`: no step may go on meanwhile, since it could write where the question stands.
        """

        holds: bool

        def __call__(self, question: Question, readable: Readable) -> Answer: ...


LONGEST = 1000  # bytes of a line that may be an answer
ATTEMPTS = 3


class Nobody:
    """Without a terminal the answer is no."""

    holds = False

    def __call__(self, question: Question, readable: Readable) -> Answer:
        return Answer(False, by="no terminal")


class Lines:
    """`--prompt stdin`: an answer is a line of standard input; what is asked goes to standard error."""

    holds = False

    def __init__(self, source: int, home: str, mark: str) -> None:
        self._source = source
        self._home = home
        self._mark = mark

    def __call__(self, question: Question, readable: Readable) -> Answer:
        write(2, f"{preface(question, self._home, self._mark)}\n")
        for _ in range(ATTEMPTS):
            write(2, f"{sentence(question, self._home)} ")
            line = self._line(readable)
            write(2, "\n")
            if line is None:
                break
            answer = read_answer(question, line)
            if answer is not None:
                return answer
        return Answer(False, by="unanswered")

    def _line(self, readable: Readable) -> str | None:
        """One line, not a byte more; None at the end of the input or when the question no longer matters."""
        line = b""
        while readable(self._source):
            byte = os.read(self._source, 1)
            if byte == b"\n":
                return line.decode("utf-8", "replace")
            if not byte:
                return line.decode("utf-8", "replace") if line else None
            if len(line) < LONGEST:
                line += byte
        return None


def write(number: int, text: str) -> None:
    """All of a text; nobody can be told when that fails."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        while data:
            data = data[os.write(number, data) :]
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EIO, errno.EBADF, errno.EAGAIN):
            raise
