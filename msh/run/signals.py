"""Signals: what traps catch, how Ctrl-C and SIGTERM reach the steps, and the run's time limit.

A handler only notes the signal; its effect comes at the next safe point (after a command), or at once while the shell
waits for something, by raising `Interrupted` out of the wait. One builtin may compute for long before the next safe
point: a second signal that would end the shell does so at once.
"""

from __future__ import annotations

import signal
from time import monotonic

from msh.run.control import Interrupted, ShellExit
from msh.run.numbers import is_decimal
from msh.run.processes import HELD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from msh.run.processes import Job
    from msh.run.shell import Shell
    from msh.syntax.nodes import Node

PSEUDO = {"EXIT": 0, "DEBUG": -1, "ERR": -2, "RETURN": -3}
EXIT, DEBUG, ERR, RETURN = 0, -1, -2, -3
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAME_MOMENT = 0.1  # seconds in which signals count as one: a group and its leader are often told both
SET_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)  # ignored by the interpreter that msh runs in, not by who started it


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
        return real_time_number(name)


def real_time_number(name: str) -> int | None:
    """`RTMIN+3`, `RTMAX-1`."""
    for base, sign in (("RTMIN", "+"), ("RTMAX", "-")):
        offset = name.removeprefix(base + sign)
        if offset != name and is_decimal(offset):
            number = signal.Signals["SIG" + base].value + int(sign + offset)
            return number if signal.SIGRTMIN <= number <= signal.SIGRTMAX else None
    return None


def signal_name(number: int) -> str:
    """The name as `trap` prints it; the number itself when there is none."""
    for name, value in PSEUDO.items():
        if value == number:
            return name
    if signal.SIGRTMIN < number < signal.SIGRTMAX:
        above, below = number - signal.SIGRTMIN, signal.SIGRTMAX - number
        return f"SIGRTMIN+{above}" if above <= below else f"SIGRTMAX-{below}"
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
        self.ignored: frozenset[int] = frozenset()  # when the shell began: these cannot be trapped (XCU 2.12)
        self.waiting = False
        self.noted = 0.0  # when the first of the ending signals in `pending` arrived
        self.breakable = False  # what is being run may be left by `ShellExit`
        self.active: list[int] = []  # traps whose commands are being run
        self.interrupted: Node | None = None  # what ran when the outermost of them began
        self.status = 0  # `$?` when the innermost of them began: what `exit` and `return` in it mean
        self.announced = False  # the DEBUG trap has been run for the next command, in the parent shell
        self.deaf = False  # to SIGINT, as a list in the background is, though `trap` may still be set for it
        self.silent = False  # the EXIT trap is not run

    def install(self) -> None:
        """Take over the signals that end a run, so that steps are told and EXIT traps run."""
        numbers = [n for n in signal.valid_signals() if n not in SET_BY_PYTHON]
        self.ignored = frozenset([n for n in numbers if signal.getsignal(n) is signal.SIG_IGN])
        if signal.SIGCHLD in self.ignored:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would take away the statuses of children
        for number in ENDING:
            if number not in self.ignored:
                signal.signal(number, self.receive)

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The handler of every caught signal."""
        again = False
        if number not in self.traps and number in ENDING:
            self.sh.signal_foreground(number)
            again = self._is_second()
        self.pending.append(number)
        if self.waiting:
            self.waiting = False
            raise Interrupted(number)
        if again:
            self.pending.clear()
            raise ShellExit(128 + number, whole=True)

    def _is_second(self) -> bool:
        """Whether a signal that has had no effect for a while is repeated, and no step is there to take it."""
        if not any(n in ENDING and n not in self.traps for n in self.pending):
            self.noted = monotonic()
            return False
        return self.breakable and not self.sh.foreground and monotonic() - self.noted > SAME_MOMENT

    def left_at_once(self, run: Callable[[], int]) -> int:
        """Run what a second signal may break off wherever it is; the caller takes the `ShellExit`."""
        outer, self.breakable = self.breakable, True
        try:
            return run()
        finally:
            self.breakable = outer

    def forward_pending(self) -> None:
        """Pass on what arrived just before there was a step to pass it to."""
        for number in self.pending:
            if number not in self.traps and number in ENDING:
                self.sh.signal_foreground(number)

    def sending(self, number: int) -> None:
        """Before the shell signals itself: what only Python has ignored is given its effect back."""
        if number in SET_BY_PYTHON and number not in self.traps:
            signal.signal(number, signal.SIG_DFL)

    # ---- which traps there are -----------------------------------------------------

    def set(self, number: int, command: str | None) -> None:
        """`trap command SIG`; None gives the default back."""
        if number in self.ignored or self._is_mshs(number):
            return
        self.shown = {}
        self.deaf &= number != signal.SIGINT
        self.put(number, command)
        if number <= 0 or number in (signal.SIGKILL, signal.SIGSTOP):
            return
        if number == signal.SIGCHLD:
            signal.signal(number, self.look_at_jobs if command else signal.SIG_DFL)
        elif command == "":
            signal.signal(number, signal.SIG_IGN)
        elif command is not None or number in ENDING:
            signal.signal(number, self.receive)
        else:
            signal.signal(number, signal.SIG_DFL)

    # ---- SIGCHLD: its trap is run for each process that ends, though steps are no children of the shell -------------

    def look_at_jobs(self, number: int, frame: FrameType | None) -> None:
        """The handler while there is a trap: what has ended in the background."""
        for job in list(self.sh.jobs.table.values()):
            if not job.noticed and job.poll():
                self.children_ended(job)
        if self.waiting and self.interrupting():
            self.waiting = False
            raise Interrupted(number)

    def interrupting(self) -> int:
        """A signal that has arrived and is reason not to wait, or 0. The end of a child is one in POSIX mode only."""
        posix = "posix" in self.sh.options
        return next((number for number in self.pending if posix or number != signal.SIGCHLD), 0)

    def children_ended(self, what: Job | int = 1) -> None:
        """So many processes, or those of a job, have ended."""
        if not isinstance(what, int):
            if what.noticed:
                return
            what.noticed = True
            what = len(what.processes)
        if self.traps.get(signal.SIGCHLD):
            self.pending.extend([signal.SIGCHLD] * what)

    def _is_mshs(self, number: int) -> bool:
        """Whether msh itself handles it (msh/sandbox/broker/processes.py)."""
        return number == signal.SIGURG and signal.getsignal(number) not in (
            signal.SIG_DFL,
            signal.SIG_IGN,
            self.receive,
        )

    def put(self, number: int, command: str | None) -> None:
        """The entry in the table only."""
        if command is None:
            self.traps.pop(number, None)
        else:
            self.traps[number] = command
        self.sh.debugging = bool(self.traps.get(DEBUG))

    def hide(self, numbers: tuple[int, ...]) -> dict[int, str]:
        """Take away traps that a function does not inherit; what to give `reveal` when it returns."""
        hidden = {number: self.traps[number] for number in numbers if number in self.traps}
        for number in hidden:
            self.put(number, None)
        return hidden

    def reveal(self, hidden: dict[int, str]) -> None:
        """Put back what the function has not set anew."""
        for number, command in hidden.items():
            if number not in self.traps:
                self.put(number, command)

    def inherited(self, number: int) -> bool:
        """Whether functions and subshells keep a pseudo signal's trap."""
        options = self.sh.options
        wanted = "errtrace" if number == ERR else "functrace"
        return number in (ERR, DEBUG, RETURN) and (wanted in options or "extdebug" in options)

    def enter_subshell(self) -> None:
        """Traps are reset to the default, ignored signals stay ignored (POSIX XCU 2.12)."""
        self.shown |= self.traps
        for number in list(self.traps):
            if self.inherited(number) or self.traps[number] == "":
                continue
            self.put(number, None)
            if number > 0 and number not in (signal.SIGKILL, signal.SIGSTOP):
                signal.signal(number, self.receive if number in ENDING else signal.SIG_DFL)
        self.pending = []
        self.active = []
        self.waiting = self.deaf = self.silent = False
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)

    def enter_background(self, *, listed: bool) -> None:
        """Without job control the keyboard's signals are ignored (XCU 2.11); `listed` when `trap` is to say so."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGQUIT, signal.SIG_IGN)
        self.deaf = listed

    def table(self) -> dict[int, str]:
        """What `trap` lists. It is here that bash finds SIGINT ignored in the background: then it stays so."""
        if self.deaf:
            self.ignored |= {signal.SIGINT}
        return self.shown | dict.fromkeys(self.ignored, "") | self.traps

    def forget_parent(self) -> None:
        """In `<(list)` and `>(list)`, `trap` prints of the parent's traps the pseudo signals' only, as in bash."""
        self.shown = {number: command for number, command in self.shown.items() if number in (ERR, DEBUG, RETURN)}

    # ---- running them ----------------------------------------------------------------

    def run_pending(self) -> None:
        """Run the traps of the signals that have arrived; without a trap an ending signal ends the shell."""
        while self.pending:
            number = self.pending.pop(0)
            command = self.traps.get(number)
            if command is None:
                if number in ENDING:
                    raise ShellExit(128 + number, whole=True)
                continue
            self.run(number)

    def before(self, node: Node) -> bool:
        """The DEBUG trap before a command; False when `extdebug` lets it pass the command over."""
        if self.announced:
            self.announced = False
            return True
        self.sh.here = node
        return self.run(DEBUG) == 0 or "extdebug" not in self.sh.options

    def before_body(self, definition: Node) -> bool:
        """The DEBUG trap where a function begins; BASH_COMMAND is still its call."""
        call, self.sh.here = self.sh.here, definition
        return self.run(DEBUG, shown=call) == 0 or "extdebug" not in self.sh.options

    def run(self, number: int, *, shown: Node | None = None) -> int:
        """A trap's command, unless it is being run; its status. `$?` is the same after it as before."""
        sh, command = self.sh, self.traps.get(number)
        if not command or (number <= 0 and number in self.active) or (number == RETURN and DEBUG in self.active):
            return 0
        outer = sh.status, sh.pipestatus, sh.here, self.interrupted, self.status, sh.guards
        if not self.active:
            call, last = sh.returned
            self.interrupted = shown or (last if call is sh.here else sh.here)
        self.status = sh.status
        self.active.append(number)
        self._unguard()
        try:
            sh.run_text(command, "trap", sh.line() if number < 0 else 1)
            return sh.status
        finally:
            self.active.pop()
            sh.status, sh.pipestatus, sh.here, self.interrupted, self.status, sh.guards = outer

    def _unguard(self) -> None:
        """A trap's command is no part of the condition that it interrupts: `set -e` applies, but for `eval` in one."""
        if not self.sh.lenient:
            self.sh.guards = 0

    def run_exit(self) -> None:
        """The EXIT trap, which is forgotten when it has been run, and so is one that it sets itself."""
        command = self.traps.get(EXIT)
        if not command or EXIT in self.active:
            return
        self.active.append(EXIT)
        if len(self.active) == 1:
            self.interrupted = self.sh.here
        self.status = self.sh.status
        self._unguard()
        try:
            self.sh.run_text(command, "exit trap")
        finally:
            self.active.pop()
            self.put(EXIT, None)
