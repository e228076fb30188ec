"""What runs a task: stage the files, run the region with the interpreter, store what it did, answer.

    request ──▶ situation (commits) ──▶ workspace ──▶ shell ──▶ changes, output ──▶ commit ──▶ answer

One code for every kind of worker: `Worker` knows no Lambda. A request may be repeated at any point: all that it stores
has keys of this attempt alone, and counts only when the commit's key, which comes back in the answer, goes on into the
machine. A command's failure is part of the answer. What is raised is the infrastructure's: `MshTransient` may go away
when the task is tried again, `MshRefused` will not. Time that runs out is MSH512, told before the platform would end
the worker without a word; it is not tried again, since a second attempt would take as long.
"""

from __future__ import annotations

import errno
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from msh.aws import commit as commits
from msh.aws.commit import Commit, Piece, Situation
from msh.aws.kept import Kept
from msh.aws.output import Output
from msh.aws.place import machine, remove
from msh.aws.process import run_shell
from msh.aws.request import TAIL, described_items, encoded_variables, last_value, read_request, shown
from msh.aws.scripts import Scripts
from msh.aws.stage import WORKERS, changes, stage
from msh.aws.store import open_store, read, truncated, write
from msh.aws.tree import stamp
from msh.diagnostics import Diagnostic, MshError
from msh.run.fragment import run_fragment
from msh.run.resources import Resources
from msh.sandbox.confine import hide
from msh.sandbox.object_store import remember

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol

    from msh.aws.commit import Json, State
    from msh.aws.place import Place
    from msh.aws.process import Ended
    from msh.aws.request import Request
    from msh.aws.scripts import Prepared
    from msh.aws.stage import Change, Staged
    from msh.aws.store import Store

    class Context(Protocol):
        """What Lambda says about an invocation."""

        def get_remaining_time_in_millis(self) -> int: ...


TRANSIENT = ("MSH504", "MSH505")
MARGIN = 0.1  # of the time, at most `MARGIN_SECONDS`, kept for storing what a region has done
MARGIN_SECONDS = 20.0


class Worker:
    """A worker of one place. One request at a time.

    `directory` holds the files of the script that it was made for, if it was.
    """

    def __init__(self, place: Place, directory: str = "", backend: str = "task") -> None:
        self._place = place
        self._scripts = Scripts(directory)
        self._backend = backend
        if backend == "task":
            hide()  # no step may read the credentials from this process
        self._kept = Kept({}, {})
        self._last: dict[tuple[str, str], Commit] = {}
        self._input: tuple[str, str, tuple[int, ...]] | None = None  # store, key and stamp of the file `stdin`

    def handle(self, document: Mapping[str, Json], store: Store, seconds: float | None = None) -> dict[str, Json]:
        """Run one request; `seconds` are left for it. Raises MshError for what is not the script's own doing."""
        try:
            return self._handle(document, store, seconds)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise _no_room(self._place.root) from None

    def _handle(self, document: Mapping[str, Json], store: Store, seconds: float | None) -> dict[str, Json]:
        request = read_request(document, store)
        prepared = self._scripts.get(request.script, store, self._place.workspace)
        prefix = f"{request.run}/{request.region}/{os.urandom(12).hex()}"
        whole = False
        try:
            found = self._situation(request, store)
            staged = self._stage(request, found, store)
            outputs = (Output(store, f"{prefix}/stdout", TAIL), Output(store, f"{prefix}/stderr", TAIL))
            staged.settle()
            ended = self._run(request, prepared, found, store, outputs, seconds)
            outcome = _outcome(ended, request, outputs[1])
            change = changes(store, self._place.roots, staged, f"{prefix}/files")
            answer = _answer(store, request, outcome, outputs, prefix)
            done = Commit(
                parents=request.state,
                status=outcome["rc"],
                stdout=_pieces(outputs[0]),
                stderr=_pieces(outputs[1]),
                files=change.files,
                changed=change.changed,
                shell=outcome["snapshot"],
                stdin=found.stdin,
            )
            key = f"{prefix}/commit.json"
            write(store, key, commits.to_json(done))
            whole = True
        finally:
            if not whole:
                self._forget()
        self._remember(store, key, done, change, outcome["imported"])
        return {**answer, "state": key}

    def _forget(self) -> None:
        """Begin anew: something has gone wrong."""
        self._kept, self._last = Kept({}, {}), {}
        self._place.clean()

    def _remember(self, store: Store, key: str, done: Commit, change: Change, imported: Sequence[str]) -> None:
        """What a next request may need: the same files, this commit, what a shell imports."""
        self._kept = Kept(change.files, change.found)
        self._last = {(store.name, key): done}
        for module in imported:
            import_module(module)  # here, so that the next shell has it by its fork

    def _stage(self, request: Request, found: Situation, store: Store) -> Staged:
        self._place.renew()
        previous = os.open(self._place.previous, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            take = partial(self._kept.take, top=previous)
            return stage(store, self._place.roots, found.files, request.files, take)
        finally:
            os.close(previous)
            self._place.forget()

    def _loader(self, state: State, store: Store) -> Callable[[str], Commit]:
        """Reads commits, each once, and those that the state itself names at the same time."""

        def load(key: str) -> Commit:
            if key not in known:
                known[key] = commits.from_json(read(store, key), key)
            return known[key]

        known = {key: commit for (name, key), commit in self._last.items() if name == store.name}
        named = [key for key in commits.keys_of(state) if key not in known]
        if len(named) > 1:
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(load, named))
        return load

    def _situation(self, request: Request, store: Store) -> Situation:
        """What came before, or the run's input."""
        if request.state is not None:
            return commits.situation(request.state, self._loader(request.state, store))
        files, stdin = request.given.get("files"), request.given.get("stdin")
        manifest = commits.manifest_from_json(read(store, files), files) if files is not None else {}
        return Situation(manifest, None, commits.piece_from_json(stdin) if stdin is not None else None)

    def _run(
        self,
        request: Request,
        prepared: Prepared,
        found: Situation,
        store: Store,
        outputs: tuple[Output, Output],
        seconds: float | None,
    ) -> Ended:
        settings = prepared.settings.replace(workspace=self._place.workspace, backend=self._backend)
        part: Json = {**request.part, "state": found.shell}

        known = frozenset(sys.modules)

        def shell() -> Mapping[str, object]:
            os.chdir(self._place.workspace)
            os.umask(0o022)
            remember(os.environ)
            os.environ.clear()  # credentials of the worker among them
            os.environ["TMPDIR"] = self._place.root
            resources = Resources(settings, self._place.workspace, prepared.catalog)
            try:
                found = run_fragment(prepared.source, prepared.name, part, resources, prepared.tree).document()
            finally:
                resources.close()
            return {**found, "imported": [name for name in sys.modules.keys() - known if name.startswith("msh.")]}

        stdin = self._stdin(found.stdin, store)
        try:
            drains = (outputs[0].drain, outputs[1].drain)
            return run_shell(shell, stdin, drains, seconds)
        finally:
            os.close(stdin)

    def _stdin(self, piece: Piece | None, store: Store) -> int:
        """Standard input as a file, so that the regions of a run can read it on from where the last one stopped.

        It stays for the next region. A step that has changed it through its descriptor has changed its stamp.
        """
        if piece is None:
            return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        path = self._place.stdin
        if piece.key and self._input is not None and os.path.exists(path):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            if self._input == (store.name, piece.key, stamp(descriptor)):
                return descriptor
            os.close(descriptor)
        self._input = None
        if os.path.lexists(path):
            remove(path)
        with open(path, "xb") as file:
            if piece.key:
                store.download(piece.key, file)
            else:
                file.write(piece.data)
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if os.fstat(descriptor).st_size != piece.size:
            raise truncated(store.name, piece.key, f"{os.fstat(descriptor).st_size} bytes instead of {piece.size}")
        self._input = (store.name, piece.key, stamp(descriptor))
        return descriptor


def handler(event: Mapping[str, Json], context: Context) -> dict[str, Json]:
    """The handler of a Lambda function whose package holds one script."""
    worker = _lambda_worker()
    left = context.get_remaining_time_in_millis() / 1000
    try:
        store = _store(str(event.get("bucket", "")))
        return worker.handle(event, store, left - min(left * MARGIN, MARGIN_SECONDS))
    except MshError as error:
        raise reported(error) from None


class MshRefused(Exception):
    """A task that cannot be done, however often it is tried."""


class MshTransient(Exception):
    """A task that may succeed when it is tried again."""


def reported(error: MshError) -> Exception:
    """An error as the machine sees it: its class is the error's name there, its text the cause."""
    kind = MshTransient if all(one.code in TRANSIENT for one in error.diagnostics) else MshRefused
    lines = [f"{one.code}: {one.message}" + (f" ({one.help})" if one.help else "") for one in error.diagnostics]
    return kind("\n".join(lines))


_workers: list[Worker] = []
_stores: dict[str, Store] = {}


def _lambda_worker() -> Worker:
    """Made at the first invocation of a process, so that what is wrong is an answer and not a crash."""
    if not _workers:
        here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        _workers.append(Worker(machine(os.environ), here))
    return _workers[0]


def _store(bucket: str) -> Store:
    if bucket not in _stores:
        _stores[bucket] = open_store(bucket)
    return _stores[bucket]


def _outcome(ended: Ended, request: Request, errors: Output) -> Mapping[str, Json]:
    """What the shell came to; MshError when it came to nothing."""
    if ended.late:
        message = f"`{request.region}` was not done when the worker's time was up, and was ended"
        help_ = "choose a worker kind that may run longer, or split the step"
        raise MshError(Diagnostic("MSH512", message, help=help_))
    if ended.outcome is None:
        why = f"by signal {ended.signal}" if ended.signal else "by an error of its own"
        why += " (is the memory enough?)" if ended.signal == 9 else ""
        last = shown(errors.tail).strip().rpartition("\n")[2][:300]
        message = f"the shell of `{request.region}` was ended {why}" + (f": {last}" if last else "")
        raise MshError(Diagnostic("MSH513", message, help="the log of the worker has more; nothing was committed"))
    return ended.outcome


def _no_room(directory: str) -> MshError:
    status = os.statvfs(directory)
    size = status.f_blocks * status.f_frsize >> 20
    message = f"the files of this task do not fit on the worker's disk, which has {size} MB"
    return MshError(Diagnostic("MSH515", message, help="give the worker more: `msh compile --disk MB`"))


def _pieces(output: Output) -> tuple[Piece, ...]:
    return (output.piece,) if output.piece is not None else ()


def _answer(
    store: Store, request: Request, outcome: Mapping[str, Json], outputs: tuple[Output, Output], prefix: str
) -> dict[str, Json]:
    """What goes back into the machine, but for the state."""
    answer: dict[str, Json] = {
        "rc": outcome["rc"],
        "exited": outcome["exited"],
        "variables": encoded_variables(store, outcome["variables"], request, prefix),
        "tail": shown(outputs[1].tail),
        "stdout_tail": shown(outputs[0].tail),
    }
    for name in ("choice", "seconds", "broke"):
        if outcome.get(name) is not None:
            answer[name] = outcome[name]
    if outcome.get("items") is not None:
        items = outcome["items"]
        answer["items"] = described_items(store, items, prefix)
        if items:
            answer["last"] = last_value(store, items, request, prefix)
    return answer
