"""The record of a run: every grant, question and answer as a line of JSON (`--audit FILE`)."""

from __future__ import annotations

import os
import time

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.descriptors import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from msh.sandbox.broker.questions import Answer, Question
    from msh.sandbox.policy import Policy

VERSION = 1


def open_audit(path: str, run: str) -> Audit:
    """The record in a file, to which lines are added. Raises MshError MSH413."""
    if not path:
        return Audit()
    try:
        number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY, 0o600)
    except OSError as error:
        message = f"cannot write the audit log `{path}`: {(error.strerror or '').lower()}"
        raise MshError(Diagnostic("MSH413", message, help="name a file in a directory of yours")) from None
    return Audit(keep(number), run)


class Audit:
    """Appends to a descriptor, one write a line, so that lines of several processes never mix. -1: no record."""

    def __init__(self, descriptor: int = -1, run: str = "") -> None:
        self.descriptor = descriptor
        self._run = run

    def granted(self, policy: Policy) -> None:
        """What a step gets before it starts."""
        if self.descriptor < 0:
            return
        shown = [mount for mount in policy.mounts if mount.source]
        self.write(
            "grant",
            step=policy.argv[0],
            arguments=list(policy.argv[1:]),
            program=policy.program,
            read=[mount.target for mount in shown if not mount.writable],
            write=[mount.target for mount in shown if mount.writable],
            network="host" if policy.network else "ask" if policy.connects else "none",
            asks=policy.asks,
            image=policy.image or None,
            objects=[f"{use.kind} {use.name}" for use in policy.objects] or None,
        )

    def refused(self, argv: Sequence[str], error: MshError) -> None:
        """A step that was not started, and what it was not granted."""
        for one in error.diagnostics if self.descriptor >= 0 else ():
            self.write("refusal", step=argv[0], arguments=list(argv[1:]), code=one.code, message=one.message)

    def decided(self, question: Question, answer: Answer) -> None:
        """A question and what came of it."""
        self.write(
            "decision",
            kind=question.kind,
            target=question.target,
            act=question.act or None,
            other=question.other or None,
            port=question.port or None,
            address=question.address or None,
            step=question.step or None,
            allowed=answer.allowed,
            lasts=answer.lasts,
            by=answer.by,
        )

    def write(self, event: str, **facts: object) -> None:
        """One line; facts that are None are left out."""
        if self.descriptor < 0:
            return
        from json import dumps

        known: Mapping[str, object] = {name: value for name, value in facts.items() if value is not None}
        line = dumps({"version": VERSION, "time": round(time.time(), 3), "run": self._run, "event": event, **known})
        os.write(self.descriptor, line.encode("ascii") + b"\n")
