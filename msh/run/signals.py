"""Signals: what traps catch, how Ctrl-C and SIGTERM reach the steps, and the run's time limit.

A handler only notes the signal; its effect comes at the next safe point (after a command), or at once while the shell
waits for something, by raising `Interrupted` out of the wait.
"""

from __future__ import annotations

import signal

from msh.run.control import Interrupted, ShellExit
from msh.run.numbers import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from msh.run.shell import Shell

PSEUDO = {"EXIT": 0, "DEBUG": -1, "ERR": -2, "RETURN": -3}
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def signal_number(text: str) -> int | None:
    """`TERM`, `SIGTERM`, `15`, `EXIT`, `ERR` … as a number; pseudo signals are 0 and below."""
    if is_decimal(text):
        return int(text) if 0 <= int(text) < signal.NSIG else None
    name = text.upper().removeprefix("SIG")
    if name in PSEUDO:
        return PSEUDO[name]
    try:
        return signal.Signals["SIG" + name].value
    except KeyError:
        return None


def signal_name(number: int) -> str:
    """The name as `trap` prints it; the number itself when there is none."""
    for name, value in PSEUDO.items():
        if value == number:
            return name
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


class Signals:
    """The dispositions and traps of one shell process."""

    def __init__(self, sh: Shell) -> None:
        self.sh = sh
        self.traps: dict[int, str] = {}  # number → command; "" ignores
        self.shown: dict[int, str] = {}  # in a subshell: the parent's traps, which `trap` still prints
        self.pending: list[int] = []
        self.waiting = False
        self.running = False  # a trap's command is being run

    def install(self) -> None:
        """Take over the signals that end a run, so that steps are told and EXIT traps run."""
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self.receive)

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The handler of every caught signal."""
        if number not in self.traps and number in ENDING:
            self.sh.signal_foreground(number)
        self.pending.append(number)
        if self.waiting:
            self.waiting = False
            raise Interrupted(number)

    def forward_pending(self) -> None:
        """Pass on what arrived just before there was a step to pass it to."""
        for number in self.pending:
            if number not in self.traps and number in ENDING:
                self.sh.signal_foreground(number)

    def set(self, number: int, command: str | None) -> None:
        """`trap command SIG`; None gives the default back."""
        self.shown = {}
        if command is None:
            self.traps.pop(number, None)
        else:
            self.traps[number] = command
        if number <= 0 or number in (signal.SIGKILL, signal.SIGSTOP):
            return
        if command == "":
            signal.signal(number, signal.SIG_IGN)
        elif command is not None or number in ENDING:
            signal.signal(number, self.receive)
        else:
            signal.signal(number, signal.SIG_DFL)

    def enter_subshell(self) -> None:
        """Traps are reset to the default, ignored signals stay ignored (POSIX XCU 2.12)."""
        self.shown = dict(self.traps)
        for number in list(self.traps):
            if number == PSEUDO["ERR"] and "errtrace" in self.sh.options:
                continue
            if self.traps[number] != "":
                del self.traps[number]
                if number > 0:
                    signal.signal(number, self.receive if number in ENDING else signal.SIG_DFL)
        self.pending = []
        self.waiting = self.running = False
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    def run_pending(self) -> None:
        """Run the traps of the signals that have arrived; without a trap an ending signal ends the shell."""
        while self.pending and not self.running:
            number = self.pending.pop(0)
            command = self.traps.get(number)
            if command is None:
                if number in ENDING:
                    raise ShellExit(128 + number)
                continue
            self.run(command)

    def run(self, command: str) -> None:
        """One trap's command; `$?` is the same after it as before."""
        status = self.sh.status
        self.running = True
        try:
            self.sh.run_text(command, "trap")
        finally:
            self.running = False
        self.sh.status = status
