"""What a command line touches: command spec × arguments → `Effects`.

The arguments are read as the command itself would read them (`catalog/arguments.py`). Two readings of a doubtful word
are both believed: an argument that is not known yet may be any option and any operand, so it, and every word after it,
gets every access that the spec has. A guess that is too wide is refused or shown to the user; one that is too narrow
would let a script do what its check did not say. A run asks again with the words that are known by then.
"""

from __future__ import annotations

import re

from msh.catalog.arguments import Unknown as Unknown
from msh.catalog.arguments import read_arguments
from msh.catalog.model import ACCESS_ROLES, RUNNING_ROLES
from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeVar

    from msh.catalog.arguments import Argument, Given, Invocation, Operand
    from msh.catalog.model import CommandSpec, Rule, Slot

    T = TypeVar("T")


MOST_MOUNTS = 16  # single files of a step; above it their directories are mounted: each mount costs about 0.25 ms


class Access(Record):
    """One thing in the file system that a command touches.

    kind `read`     that file's content and attributes (it may be missing)
         `write`    that file's content: it is changed or truncated; with `create` it is made when missing
         `list`     that directory, and what lies in it, read
         `entries`  that directory as a place where names appear, change and go (`rm`, `mv`, `sed -i`): writable. A path
                    that is not a directory stands for the nearest directory above it that exists (`cp a new`,
                    `mkdir -p a/b/c`)
    `path` is as given on the command line (relative to the step's directory), never resolved here. An Unknown path in
    the effects of a command that runs may lie anywhere in the workspace, and nowhere else.
    """

    kind: str
    path: str | Unknown
    create: bool = False


class Effects(Record):
    """All that one command line touches."""

    accesses: tuple[Access, ...] = ()
    workspace: str = ""  # "", "read" or "write": the whole workspace, besides `accesses`
    runs: tuple[tuple[str | Unknown, ...], ...] = ()  # command lines that it runs in turn
    network: str = "none"  # "none" or "client"
    proxies: tuple[str, ...] = ()  # what its connections go through, see `CommandSpec.proxy`: more than one cannot be
    dataflow: str = "effect"  # "stateless" | "pure" | "ordered" | "effect"
    merge: tuple[str, ...] = ()  # for "pure": the command line that merges the outputs of parts
    together: bool = False  # it renames or links between its `entries`: one mount must hold them
    limits: tuple[tuple[str, float], ...] = ()  # the tightest of all that it runs, see `msh.limits`
    programs: str = "any"  # what it may execute: "own" is itself and what it runs in turn
    executes: tuple[str, ...] = ()  # with "own": the programs of all that it runs in turn
    changed: tuple[str | Unknown, ...] = ()  # names that are made, replaced or removed in `entries`, where words say so


def effects_of(spec: CommandSpec, arguments: Sequence[str | Unknown]) -> Effects:
    """All that `spec` may touch when it is called with `arguments` (without its name)."""
    words = (*spec.arguments, *arguments)
    invocation = read_arguments(spec, words)
    if spec.subcommands and invocation.operands:
        return _with_subcommand(spec, words, invocation)
    return _Collector(spec, words, invocation).effects()


def join(first: Effects, second: Effects) -> Effects:
    """Both effects at once, as of a command and the command that it runs. The stream is the first one's."""
    accesses = first.accesses + tuple([access for access in second.accesses if access not in first.accesses])
    return first.replace(
        accesses=accesses,
        workspace=max(first.workspace, second.workspace, key=_WORKSPACE.index),
        network=max(first.network, second.network, key=_NETWORK.index),
        proxies=tuple(dict.fromkeys((*first.proxies, *second.proxies))),
        runs=first.runs + second.runs,
        together=first.together or second.together,
        limits=_tightest(first.limits, second.limits) if first.limits or second.limits else (),
        programs="any" if "any" in (first.programs, second.programs) else "own",
        executes=tuple(dict.fromkeys((*first.executes, *second.executes))),
        changed=tuple(dict.fromkeys((*first.changed, *second.changed))),
    )


def _tightest(*all_bounds: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
    from msh.limits import tightest

    return tightest(*all_bounds)


_WORKSPACE = ("", "read", "write")
_NETWORK = ("none", "client")
_FILES = {"": "", "workspace-read": "read", "workspace": "write"}


def _with_subcommand(spec: CommandSpec, words: Sequence[Argument], invocation: Invocation) -> Effects:
    """The options before the first operand are the command's, the words after it the subcommand's."""
    first = invocation.operands[0]
    own = _Collector(spec, words[: first.index], read_arguments(spec, words[: first.index])).effects()
    rest = words[first.index + 1 :]
    if isinstance(first.value, Unknown) or invocation.loose is not None:
        chosen = list(spec.subcommands.values())
    else:
        chosen = [spec.subcommands[first.value]] if first.value in spec.subcommands else []
    for subcommand in chosen:
        own = join(own, effects_of(subcommand, rest)).replace(dataflow="effect")
    return own


class _Collector:
    """Gathers the effects of one argv, in the order of its words."""

    def __init__(self, spec: CommandSpec, words: Sequence[Argument], invocation: Invocation) -> None:
        self.spec = spec
        self.words = words
        self.invocation = invocation
        self.rules = rules = _matching(spec, invocation)
        self.operands = _last([rule.operands for rule in rules], spec.operands)
        self.roles = {name: role for rule in rules for name, role in rule.roles}
        self.accesses: dict[Access, None] = {}
        self.changed: dict[Argument, None] = {}
        self.runs: list[tuple[Argument, ...]] = [*spec.runs, *[line for rule in rules for line in rule.runs]]
        self.workspace = _FILES[_last([rule.files for rule in rules], spec.files)]
        self.directories = [given for given in invocation.given if given.option.role == "directory"]

    def effects(self) -> Effects:
        for given in self.invocation.given:
            self._option(given)
        named = self._operands()
        if not named:
            self._fixed(_last([rule.default for rule in self.rules], self.spec.default))
        self._fixed(self.spec.always)
        for rule in self.rules:
            self._fixed(rule.always or ())
        if self.invocation.loose is not None:
            self._anything(self.invocation.loose)
        dataflow = _last([rule.dataflow for rule in self.rules], self.spec.dataflow)
        if self.invocation.loose is not None:
            dataflow = "effect"
        return Effects(
            accesses=tuple(self.accesses),
            changed=tuple(self.changed),
            workspace=self.workspace,
            runs=tuple(self.runs),
            network=self._network(),
            proxies=(self.spec.proxy,) if self.spec.proxy else (),
            dataflow=dataflow,
            merge=self._merge() if dataflow == "pure" else (),
            together=self.spec.together,
            limits=self.spec.limits,
            programs="any" if self.spec.programs == "any" else "own",
            executes=() if self.spec.programs in ("own", "any") else tuple(self.spec.programs.split()),
        )

    def _network(self) -> str:
        if self.invocation.loose is not None:
            return max([self.spec.network, *[rule.network or "none" for rule in self.spec.rules]], key=_NETWORK.index)
        return _last([rule.network for rule in self.rules], self.spec.network)

    def _merge(self) -> tuple[str, ...]:
        merge: list[str] = []
        for word in _last([rule.merge for rule in self.rules], self.spec.merge):
            if word == "{options}":
                merge += [w for w in self._option_words() if isinstance(w, str)]
            else:
                merge.append(word)
        return tuple(merge)

    def _option_words(self) -> list[Argument]:
        operands = {operand.index for operand in self.invocation.operands}
        return [word for index, word in enumerate(self.words) if index not in operands and word != "--"]

    # ---- words ------------------------------------------------------------

    def _option(self, given: Given) -> None:
        option = given.option
        role = self.roles.get(option.name, option.role)
        if role == "command":
            self._run(given.values)
        elif option.pattern and given.values and isinstance(given.values[0], str):
            match = re.search(option.pattern, given.values[0])
            if match:
                self._touch(role, match[1], "")
        elif role and given.values:
            base = self._base(given.index) if role == "directory" else ""
            for each, value in zip(role.split(), given.values, strict=False):
                self._touch(each, value, base)

    def _operands(self) -> bool:
        """Whether an operand could name a file."""
        named = False
        turn = {old: new for rule in self.rules for old, new in rule.turn}
        for slot, operands in self._placed():
            role = turn.get(slot.role, slot.role)
            named |= bool(operands) and (role in ACCESS_ROLES or role in RUNNING_ROLES)
            if role == "command":
                self._run(tuple(operand.value for operand in operands))
                continue
            for operand in operands:
                self._operand(role, operand)
        return named

    def _operand(self, role: str, operand: Operand) -> None:
        value = operand.value
        if role != "assignment":
            self._touch(role, value, self._base(operand.index))
        elif isinstance(value, str):
            name, _, value = value.partition("=")
            self._touch(dict(self.spec.assignments).get(name, "text"), value, "")
        else:
            for _, assigned in self.spec.assignments:
                self._touch(assigned, Unknown(), "")

    def _placed(self) -> list[tuple[Slot, Sequence[Operand]]]:
        """Operands at their slots; all of them at every slot when one that may be several stands at a single place."""
        placed = list(place(self.operands, self.invocation.operands))
        if any(
            isinstance(o.value, Unknown) and o.value.many for slot, some in placed if not slot.repeats for o in some
        ):
            return [
                (slot, operands if slot.role == "command" else self.invocation.operands) for slot, operands in placed
            ]
        return placed

    def _base(self, index: int) -> Argument:
        """The directory that names at this position are relative to: the last `-C DIR` before it."""
        base: Argument = ""
        for given in self.directories:
            if given.index < index and given.values:
                base = _under(base, given.values[0])
        return base

    def _fixed(self, touched: Sequence[tuple[str, str]]) -> None:
        for role, path in touched:
            self._touch(role, path, self._base(len(self.words)))

    # ---- roles ------------------------------------------------------------

    def _touch(self, role: str, value: Argument, base: Argument) -> None:
        if role in ACCESS_ROLES:
            if value != "-" or role not in ("read", "write"):
                path = _under(base, value)
                self.accesses[_access(role, path)] = None
                if role == "entry":
                    self.changed[path] = None
        elif role == "shell":
            self.runs.append(("sh", "-c", value))
        elif role == "command-line":
            self._run(_split(value))
        elif role == "script" and self._is_wide(value):
            self.workspace = "write"

    def _is_wide(self, text: Argument) -> bool:
        pattern = self.spec.script
        return bool(pattern) and (isinstance(text, Unknown) or re.search(pattern, text) is not None)

    def _run(self, words: Sequence[Argument]) -> None:
        if not words:
            return
        if words[0] == "-c":  # flock FILE -c TEXT
            words = ("sh", *words)
        marks = [self.spec.placeholder] if self.spec.placeholder else []
        for given in self.invocation.given:
            if given.option.role == "placeholder":
                marks.append(str(given.values[0]) if given.values and isinstance(given.values[0], str) else "{}")
        line = tuple([_replaced(word, marks) for word in words])
        appends = _last([rule.appends for rule in self.rules], self.spec.appends)
        self.runs.append((*line, Unknown(many=True)) if appends else line)

    def _anything(self, start: int) -> None:
        """Every access that the spec has, for every word from `start` on."""
        spec = self.spec
        roles = {
            role
            for option in (*spec.options.short.values(), *spec.options.long.values())
            for role in option.role.split()
        }
        roles |= {role for rule in spec.rules for _, roles in rule.roles for role in roles.split()}
        roles |= {
            slot.role for slots in (spec.operands, *[rule.operands or () for rule in spec.rules]) for slot in slots
        }
        roles |= {new for rule in spec.rules for _, new in rule.turn}
        self._fixed((*spec.default, *spec.always))
        for rule in spec.rules:
            self._fixed((*(rule.default or ()), *(rule.always or ())))
            self.workspace = max(self.workspace, _FILES[rule.files or ""], key=_WORKSPACE.index)
        for word in self.words[start:]:
            for role in sorted(roles.intersection((*ACCESS_ROLES, "script"))):
                self._touch(role, word, "")


def _last(values: Sequence[T | None], otherwise: T) -> T:
    """The last value that is given."""
    return next((value for value in reversed(values) if value is not None), otherwise)


def place(slots: Sequence[Slot], operands: Sequence[Operand]) -> Iterator[tuple[Slot, Sequence[Operand]]]:
    """Which operands stand at which slot: the single slots first, from both ends, the repeating one takes the rest."""
    at, end = 0, len(operands)
    for number, slot in enumerate(slots):
        if slot.role == "command":
            yield slot, operands[at:end]
            return
        if slot.role == "assignment":
            last = at
            runs = any(later.role == "command" for later in slots[number + 1 :])
            while last < end and _may_assign(operands[last].value, runs):
                last += 1
        elif slot.repeats:
            last = max(at, end - sum(not later.repeats for later in slots[number + 1 :]))
        else:
            last = min(at + 1, end)
        yield slot, operands[at:last]
        at = last


def _may_assign(word: Argument, runs: bool) -> bool:
    """Whether a word is `NAME=VALUE`; one that is not known is taken for the command where one `runs` behind."""
    if isinstance(word, Unknown):
        return not runs or "=" in word.prefix
    return "=" in word


def _matching(spec: CommandSpec, invocation: Invocation) -> list[Rule]:
    names = invocation.names()
    count = len(invocation.operands)
    return [
        rule
        for rule in spec.rules
        if (not rule.given or not names.isdisjoint(rule.given))
        and names.isdisjoint(rule.unless)
        and rule.count in (None, count)
    ]


def _access(role: str, path: Argument) -> Access:
    if role == "entry":
        return Access("entries", holder_of(path))
    if role == "change":
        return Access("write", path)
    return Access(role, path, create=role == "write")


def holder_of(path: Argument) -> Argument:
    """The directory that holds a name; for `.` and `..` that one itself, since nothing renames or removes them."""
    if isinstance(path, Unknown):
        return Unknown(path.prefix[: max(path.prefix.rfind("/"), 0)])
    if path.startswith("s3://"):
        return path  # an object of a bucket stands for itself: nothing holds it
    directory, _, name = path.rstrip("/").rpartition("/")
    if name in (".", ".."):
        return path
    return directory or ("/" if path.startswith("/") else ".")


def _under(base: Argument, path: Argument) -> Argument:
    if base == "" or (path if isinstance(path, str) else path.prefix).startswith("/"):
        return path
    if isinstance(base, Unknown):
        return base
    rest = path if isinstance(path, str) else path.prefix
    joined = base.rstrip("/") + "/" + rest if rest != "." else base
    return joined if isinstance(path, str) else Unknown(joined, path.many)


def _split(value: Argument) -> tuple[Argument, ...]:
    """A command line in one word. Quoting in it is the program's own affair, so such a line is not known."""
    if isinstance(value, Unknown) or any(character in value for character in "'\"$`{}"):
        return (Unknown(),)
    return tuple(value.split())


def _replaced(word: Argument, marks: Sequence[str]) -> Argument:
    """A word of a command in which something else will stand."""
    if isinstance(word, Unknown):
        return word
    places = [at for mark in marks if (at := word.find(mark)) >= 0]
    return Unknown(word[: min(places)]) if places else word
