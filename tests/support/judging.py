"""What a difference between bash and msh is due to: `judged(programs)`.

An explanation is not a pattern that excuses a program, but a change that takes the cause out of it: a difference is
explained when bash and msh agree on the changed program. So nothing else that the program does goes uncompared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import parse
from tests.support.side_by_side import BASH, MSH, NOTHING, Outcome, outcomes

REPEATED = 6
CRASHED = ("134\n", "139\n")  # by SIGABRT or SIGSEGV

SAME, DIFFERENT = "same", "different"
ENDLESS = "bash does not end"
CRASHES = "bash crashes"
UNSTEADY = "bash does now this, now that"


@dataclass(frozen=True)
class Explanation:
    """What bash does by mistake or by chance: where, what stands there instead when it is taken out, and why."""

    pattern: str
    instead: str
    reason: str

    def without(self, text: str) -> str:
        return re.sub(self.pattern, self.instead, text)


EXPLANATIONS = (
    Explanation(
        r"(=~\w*)=~", r"\1=", "bash expands the second tilde of `x=~x=~`, by looking for one inside of a user's name"
    ),
    Explanation(
        r"; \. (?=\./)",
        "; : ",
        "msh resolves the whole of what `.` reads: it runs nothing before a name that is no command",
    ),
    Explanation(r"trap '[^']*' DEBUG", ":", "the trap of `wait` writes beside the background job; either may be first"),
    Explanation(
        r"trap '[^']*' ERR", ":", "bash runs the ERR trap inside of a compound command after `!`, against its manual"
    ),
    Explanation(
        r"\beval (?='echo \$a')",
        "echo ",
        "after `eval` of an unfinished text bash does not know the next line's first word",
    ),
    Explanation(
        r"\\ \)", "' ')", "in a substitution, which bash writes out and reads again, it loses a space: `a=(x\\ )`"
    ),
    Explanation(
        r"! (while read -r l; do echo \$l; done < f)",
        r"\1",
        "bash does not negate the status of a compound command whose redirection has failed, as it does for others",
    ),
    Explanation(
        r"\*\* -3", "** 3", "bash refuses an exponent below 0 also in what `&&`, `||` or `?:` does not evaluate"
    ),
    Explanation(
        r"(?m)^:;$", ":", "in a process substitution bash loses the end of a line of a `;` after a here-document"
    ),
)


@dataclass(frozen=True)
class Verdict:
    """What was found of one program: SAME, DIFFERENT, or why the difference does not count; both outcomes."""

    kind: str
    bash: Outcome = NOTHING
    msh: Outcome = NOTHING
    again: list[Outcome] = field(default_factory=list)  # what msh did when asked again, where it was something else


def judged(texts: Mapping[int, str]) -> dict[int, Verdict]:
    """The verdict on each program."""
    bash, msh = outcomes(BASH, texts), outcomes(MSH, texts)
    return {
        key: Verdict(SAME) if bash[key] == msh[key] else _judge(text, bash[key], msh[key])
        for key, text in texts.items()
    }


def _judge(text: str, bash: Outcome, msh: Outcome) -> Verdict:
    if bash == NOTHING:
        return Verdict(ENDLESS, bash, msh)
    if bash[0] in CRASHED:
        return Verdict(CRASHES, bash, msh)
    if reason := explained(text):
        return Verdict(reason, bash, msh)
    same = dict.fromkeys(range(REPEATED), text)
    ours = [each for each in outcomes(MSH, same).values() if each != msh]
    if any(each in (msh, *ours) for each in outcomes(BASH, same).values() if each != bash):
        return Verdict(UNSTEADY, bash, msh)
    return Verdict(DIFFERENT, bash, msh, ours)


def explained(text: str) -> str:
    """The reason without which there is no difference, or several joined; empty when none will do."""
    changed: dict[str, str] = {}
    every = text
    reasons: list[str] = []
    for explanation in EXPLANATIONS:
        alone = explanation.without(text)
        if alone != text and _readable(alone):
            changed[explanation.reason] = alone
            every = explanation.without(every)
            reasons.append(explanation.reason)
    if len(reasons) > 1 and _readable(every):
        changed[" + ".join(reasons)] = every
    if not changed:
        return ""
    texts = dict(enumerate(changed.values()))
    bash, msh = outcomes(BASH, texts), outcomes(MSH, texts)
    return next((reason for key, reason in enumerate(changed) if bash[key] == msh[key] != NOTHING), "")


def _readable(text: str) -> bool:
    """Two shells agree on what neither can read, so that would explain anything."""
    try:
        parse(Source("changed", text))
    except MshError:
        return False
    return True
