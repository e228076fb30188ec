"""Whether somebody can be asked in a run, and the broker that asks.

No broker is started when nothing may be asked and no rule answers: then what was not granted is refused beforehand,
with the flag that would grant it.
"""

from __future__ import annotations

import errno
import os
import sys

from msh.config import at_terminal
from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.backend import Notify
from msh.sandbox.kernel import QUESTIONS, has, linux

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket

    from msh.config import Settings
    from msh.sandbox.broker.client import Broker
    from msh.sandbox.broker.policy_file import Recorder
    from msh.sandbox.broker.prompt import Asker
    from msh.sandbox.broker.questions import Answer, Question
    from msh.sandbox.broker.rules import Rule
    from msh.sandbox.policy import Policy
    from msh.sandbox.session import Session
    from msh.sandbox.view import Place
    from msh.sandbox.widening import HostFiles


def who_is_asked(settings: Settings) -> str:
    """`tty`, `stdin` or `no`."""
    if settings.prompt not in ("auto", "terminal"):
        return settings.prompt
    return "tty" if (settings.prompt == "terminal" or at_terminal()) and has(QUESTIONS) else "no"


def asks_network(settings: Settings) -> bool:
    """Whether connections of steps come to the broker: somebody or a rule can answer."""
    if settings.network in ("none", "host"):
        return False
    return (
        settings.network == "ask"
        or bool(settings.allow_hosts)
        or bool(settings.policy)
        or who_is_asked(settings) != "no"
    )


def start_broker(session: Session) -> Broker | None:
    """The broker of a run, None when it would have nothing to do. Raises MshError for a wrong policy or file."""
    settings = session.settings
    who = who_is_asked(settings)
    if who == "no" and not asks_network(settings) and not settings.policy:
        if settings.record_policy:
            from msh.sandbox.broker.policy_file import Recorder

            Recorder(settings.record_policy).close()  # of no answers, but a policy all the same
        return None
    if not has(QUESTIONS):
        message = f"nothing can be asked or allowed while a step runs: this is Linux {'.'.join(map(str, linux()))}"
        help_ = "a kernel from 5.14 on can; `--allow-read` and `--allow-write` work with every kernel"
        raise MshError(Diagnostic("MSH419", message, help=help_))
    from msh.sandbox.broker.client import Broker

    given = rules(settings)
    if settings.proxy:
        from msh.sandbox.broker.proxy import find_proxy

        find_proxy(settings.proxy)  # before anything runs
    recorder = None
    if settings.record_policy:
        from msh.sandbox.broker.policy_file import Recorder

        recorder = Recorder(settings.record_policy, given[1])
    mark = os.urandom(2).hex()
    source = _answers() if who == "stdin" else -1
    ask, own = _asker(who, session.home, mark, source)
    needed = {*session.view.descriptors(), session.audit.descriptor, source, *own}
    if recorder is not None:
        needed.add(recorder.descriptor)
    broker = Broker(lambda channel: _serve(session, ask, given[0] + given[1], recorder, channel), needed)
    if source >= 0:
        os.close(source)
    return broker


def _asker(who: str, home: str, mark: str, source: int) -> tuple[Asker, tuple[int, ...]]:
    """Who asks, and the descriptors that it needs."""
    from msh.sandbox.broker.prompt import Lines, Nobody

    if who == "stdin":
        return Lines(source, home, mark), ()
    if who == "tty":
        from msh.sandbox.broker.processes import Shell
        from msh.sandbox.broker.terminal import Terminal

        shell = Shell()
        return Terminal(home, mark, shell), shell.descriptors()
    return Nobody(), ()


def _answers() -> int:
    """Standard input, which from now on is the broker's: script and steps find it empty."""
    from msh.sandbox.descriptors import keep

    source = keep(os.dup(0))
    empty = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    os.dup2(empty, 0)
    os.close(empty)
    return source


def _serve(
    session: Session,
    ask: Asker,
    given: tuple[Rule, ...],
    recorder: Recorder | None,
    channel: socket,
) -> None:
    """Runs in the broker."""
    from msh.sandbox.broker.questions import RUN
    from msh.sandbox.broker.rules import Rule, Rules
    from msh.sandbox.broker.server import Server

    def tell(question: Question, answer: Answer) -> None:
        session.audit.decided(question, answer)
        if recorder is not None and answer.by == "user":
            step = "" if answer.lasts == RUN else question.step
            recorder.add(Rule(answer.allowed, question.kind, question.target, step, question.port))

    Server(channel, session.view, host_files(session), Rules(given), ask, tell).run()


def rules(settings: Settings) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """What the user said beforehand: by flags, and by a policy."""
    from msh.hosts import split_host
    from msh.sandbox.broker.rules import Rule

    found = []
    for allowed, hosts in ((False, settings.deny_hosts), (True, settings.allow_hosts)):
        for host, port in map(split_host, hosts):
            for name in ("localhost", "127.0.0.1", "::1") if host == "localhost" else (host,):
                found.append(Rule(allowed, "connect", name, port=port))
    for kind, paths in (("read", settings.deny_read), ("write", settings.deny_write)):
        found += [Rule(False, kind, os.path.realpath(path)) for path in paths]
    if settings.dry_run:  # what lies outside the layers would be changed at once
        found.append(Rule(False, "write", "/"))
    if not settings.policy:
        return tuple(found), ()
    from msh.sandbox.broker.policy_file import read_policy

    return tuple(found), read_policy(settings.policy)


def host_files(session: Session) -> HostFiles:
    """What of the host may be asked for."""
    from msh.sandbox.widening import HostFiles

    return HostFiles(session.runtime.base, session.runtime.path)


class Wider:
    """What the interpreter's gate does with a path outside the grants: find the file, ask, and open what was found."""

    def __init__(self, session: Session, broker: Broker) -> None:
        self._host = host_files(session)
        self._broker = broker
        self.home = session.home  # empty in the run's tree: who lists it means the real one

    def open(self, path: str, flags: int, mode: int) -> int | None:
        """A descriptor; None when there is nothing to ask for. Raises OSError, EACCES after a no."""
        from msh.sandbox.widening import kind_of, regular, regular_or_new

        accept = regular_or_new if flags & os.O_CREAT else regular
        place = self._host.find(path, accept, follow=not flags & os.O_NOFOLLOW)
        if place is None:
            return None
        with place:
            covered = ("write",) if place.stat is None else ()
            if not self._asked(place, kind_of(flags), covered):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)
            return self._host.open(place, flags, mode)

    def stat(self, path: str, *, follow: bool) -> os.stat_result | None:
        """Attributes; None when there is nothing, or after a no."""
        from msh.sandbox.widening import visible

        place = self._host.find(path, visible, follow=follow)
        if place is None:
            return None
        with place:
            return place.stat if self._asked(place, "read", ("read", "write")) else None

    def access(self, path: str, mode: int) -> bool:
        """access(2) for what may be read."""
        from msh.sandbox.widening import visible

        place = self._host.find(path, visible)
        if place is None:
            return False
        with place:
            may = os.access(f"/proc/self/fd/{place.fd}", mode, effective_ids=True)
            kind = "write" if mode & os.W_OK else "read"
            return may and self._asked(place, kind, ("read", "write") if kind == "read" else ())

    def listdir(self, path: str) -> list[str]:
        """The names in a directory; none when there is no such directory, or after a no."""
        from msh.sandbox.widening import listable

        place = self._host.find(path, listable)
        if place is None:
            return []
        with place:
            try:
                return os.listdir(f"/proc/self/fd/{place.fd}") if self._asked(place, "read") else []
            except OSError:
                return []

    def _asked(self, place: Place, kind: str, covered_by: tuple[str, ...] = ()) -> bool:
        """`covered_by`: what may be allowed for the directory instead."""
        from msh.sandbox.broker.questions import Question

        parent = os.path.dirname(place.guest)
        return self._broker.ask(Question(kind, place.guest, "", covered_by=tuple([(k, parent, 0) for k in covered_by])))


def notify(broker: Broker, policy: Policy, home: str, *, wrapped: bool) -> Notify | None:
    """The filter of a step that may ask, and what the broker is to know of it (`Announcement`)."""
    if not (policy.asks or policy.connects):
        return None
    from msh.sandbox.broker.filter import notify_filter_here
    from msh.sandbox.broker.steps import Announcement

    name = os.path.basename(policy.argv[0])
    identity = int.from_bytes(os.urandom(6), sys.byteorder)
    searched = tuple(dict(policy.environment).get("PATH", "").split(":"))
    announcement = Announcement(
        identity,
        name,
        policy.asks,
        policy.connects,
        policy.named,
        searched,
        wrapped,
        _proxy(policy),
        policy.outlet,
        home,
        policy.hollow,
    )
    return Notify(notify_filter_here(files=policy.asks, network=policy.connects), broker.number, announcement.packed())


def _proxy(policy: Policy) -> tuple[str, int, str, int, str] | tuple[()]:
    """The proxy that a step's connections go through. Raises MshError (MSH414)."""
    if not (policy.connects and policy.proxy):
        return ()
    from msh.sandbox.broker.proxy import find_proxy

    return find_proxy(policy.proxy).packed()
