"""What is asked, in the words that the user sees.

The question itself is always the same sentence; who asks, and what else may be answered, stands on a line above it.
"""

from __future__ import annotations

from msh.record import Record
from msh.sandbox.refusal import shown

#: What an answer means: whether it allows, and for how long it counts.
STEP, RUN = "step", "run"
RULE = "rule"  # who decided: what was said beforehand
FILE_ANSWERS = {
    "yes": (True, STEP),
    "y": (True, STEP),
    "no": (False, STEP),
    "n": (False, STEP),
    "always": (True, RUN),
    "never": (False, RUN),
}
NETWORK_ANSWERS = {
    "w": (True, RUN),
    "b": (False, RUN),
    "whitelist": (True, RUN),
    "block": (False, RUN),
    "once": (True, STEP),
}
LISTEN_ANSWERS = {"yes": (True, STEP), "y": (True, STEP), "no": (False, STEP), "n": (False, STEP)}
ANSWERS = {
    "read": FILE_ANSWERS,
    "write": FILE_ANSWERS,
    "read and write": FILE_ANSWERS,
    "connect": NETWORK_ANSWERS,
    "look up": NETWORK_ANSWERS,
    "listen": LISTEN_ANSWERS,
}
#: What an answer for one of these covers besides.
COVERS = {"read and write": ("read", "write")}


class Question(Record):
    """One question about one object.

    `kind` is a key of `ANSWERS`. `target` is the real path of a file, or the host (a name or an address) of a
    connection; `port` is 0 for a name that is only looked up. `step` is the command's name, empty for the script
    itself; `identity` tells one start of a command from another.

    To read a directory is to see the names in it and their attributes; to write it, to make, remove and rename what is
    in it. So an answer for a directory can be one to this question: `covered_by` has such subjects.
    """

    kind: str
    target: str
    step: str
    identity: int = 0
    port: int = 0
    address: str = ""  # of a name that was connected to
    act: str = ""  # what is done to a file, where reading and writing does not say it: `deletes it`
    other: str = ""  # a second path, with which `act` ends
    covered_by: tuple[tuple[str, str, int], ...] = ()
    datagrams: bool = False  # not a connection; an answer covers both

    @property
    def is_file(self) -> bool:
        return ANSWERS[self.kind] is FILE_ANSWERS

    @property
    def subject(self) -> tuple[str, str, int]:
        """What an answer is about, whoever asks."""
        return (self.kind, self.target, self.port)


class Answer(Record):
    """What came of a question. `by` is who or what decided: `user`, `rule`, `no terminal`, `flood`, `unanswered`."""

    allowed: bool
    lasts: str = STEP
    by: str = "user"


def sentence(question: Question, home: str) -> str:
    """The question as it is asked, without a space after it."""
    if question.kind == "listen":
        return f"Forward port {question.port} of this host to it? [yes/no]"
    if not question.is_file:
        return f"Allow connection from {shown(question.target)}? [w/b]"
    path = abbreviated(question.target, home)
    return f"!!! Script is attempting to {question.kind} {path}, is this expected? [yes/no]"


def preface(question: Question, home: str, mark: str) -> str:
    """The line above: who wants what, and what else may be answered. `mark` is the run's, which no script knows."""
    who = f"step `{shown(question.step)}`" if question.step else "the script itself"
    if question.kind == "listen":
        return f"msh {mark}: {who} listens on port {question.port}, inside its sandbox only"
    if question.is_file:
        act = f" {question.act}" if question.act else ""
        act += f" `{abbreviated(question.other, home)}`" if question.other else ""
        return f"msh {mark}: {who}{act}; also `always` or `never`, for the whole run"
    what = f"looks up the name `{shown(question.target)}`" if question.kind == "look up" else _connection(question)
    return f"msh {mark}: {who} {what}; w allows, b blocks it for the whole run, also `once`"


def _connection(question: Question) -> str:
    what, target = "sends datagrams to" if question.datagrams else "connects to", shown(question.target)
    if question.address and question.address != question.target:
        return f"{what} `{target}` ({question.address}), port {question.port}"
    return f"{what} `{target}`, port {question.port}"


def abbreviated(path: str, home: str) -> str:
    """A path on one line, with `~` for the home directory."""
    if home and (path == home or path.startswith(f"{home}/")):
        path = "~" + path[len(home) :]
    return shown(path)


def read_answer(question: Question, line: str) -> Answer | None:
    """What a line means; None for anything else."""
    meaning = ANSWERS[question.kind].get(line.strip().lower())
    return None if meaning is None else Answer(*meaning)
