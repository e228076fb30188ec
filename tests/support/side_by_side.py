"""Many programs in one shell, each in a directory of its own: what they leave behind.

A random program may do anything: each run is a session with bounds on time, files, memory and processes, and everything
that it has started is ended with it, whatever becomes of us.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.cases import environment

BASH = ["bash"]
MSH = [sys.executable, "-m", "msh"]
SECONDS = {"bash": 60, "python": 180}  # of a run; a program that hangs is looked for when it is over
ALONE = 20
PROCESSES = 400
HOME = "/nowhere/home"  # the same for both shells, and for whoever runs a seed again
DRIVER = """\
for d in */; do
    d=${d%/}; cd $d/in
    bash ../../$d.sh >../../$d.out </dev/null; echo $? >../../$d.status
    cd ../..
done
"""
#: Bounds of each process, and for an ordinary user of all of them; root, whom `-u` does not bind, gets a control group.
BOUNDED = f"""\
{{ ulimit -St 60; ulimit -Sf 65536; ulimit -Sv 4000000; ulimit -Su {PROCESSES * 10}; }} 2>/dev/null
[ -z "$1" ] || echo $$ >"$1"
shift; exec "$@"
"""

Outcome = tuple[str, bytes, dict[str, bytes]]
NOTHING: Outcome = ("nothing", b"", {})

stopping = threading.Event()
_running: set[int] = set()


def outcomes(shell: Sequence[str], texts: Mapping[int, str]) -> dict[int, Outcome]:
    """Status, standard output and files of each program; a program that does not end is looked for and has none."""
    seconds = SECONDS["bash" if shell == BASH else "python"] if len(texts) > 1 else ALONE
    with _directory() as top:
        for key, text in texts.items():
            (top / f"p{key}/in").mkdir(parents=True)
            (top / f"p{key}/out").mkdir()
            (top / f"p{key}.sh").write_text(text, encoding="utf-8", errors="surrogateescape")
        (top / "driver").write_text(DRIVER, encoding="utf-8")
        ended = run_bounded([*shell, "driver"], top, seconds)
        found = {key: _outcome(top, f"p{key}") for key in texts}
    if not ended and len(texts) > 1:
        for key in [key for key in texts if found[key] == NOTHING]:
            found |= outcomes(shell, {key: texts[key]})
    return found


@contextmanager
def _directory() -> Iterator[Path]:
    """An empty directory of the same name for both shells, since a program may print it, or part of it."""
    top = Path(tempfile.gettempdir()) / f"msh-fuzz-{os.getpid()}-{threading.get_native_id()}"
    top.mkdir(0o700)
    try:
        yield top
    finally:
        shutil.rmtree(top, ignore_errors=True)


def run_bounded(argv: Sequence[str], directory: Path, seconds: float) -> bool:
    """Run to the end, or for so many seconds; end what is left of it. Whether it ended by itself."""
    if stopping.is_set():
        raise KeyboardInterrupt
    with (
        _group() as place,
        open(directory / "messages", "wb") as messages,
        subprocess.Popen(
            ["bash", "-c", BOUNDED, "bounded", f"{place}/cgroup.procs" if place else "", *argv],
            cwd=directory,
            env=environment(directory) | {"HOME": HOME},
            stdin=subprocess.DEVNULL,
            stdout=messages,
            stderr=messages,
            start_new_session=True,
        ) as process,
    ):
        _running.add(process.pid)
        try:
            process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False
        finally:
            _running.discard(process.pid)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if stopping.is_set():
                raise KeyboardInterrupt


def stop() -> None:
    """End all runs, of all threads, and let none begin."""
    stopping.set()
    for pid in list(_running):
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


@contextmanager
def _group() -> Iterator[Path | None]:
    """A control group for at most so many processes, where we may make one; what is left in it is ended with it."""
    name = f"msh-fuzz-{os.getpid()}-{threading.get_ident()}"
    for top in (Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup")):
        place = top / name
        with suppress(OSError):
            place.mkdir()
            break
    else:
        yield None
        return
    try:
        bound = place / "pids.max"
        if bound.exists():
            bound.write_text(str(PROCESSES))
        yield place
    finally:
        _empty(place)


def _empty(place: Path) -> None:
    for _ in range(100):
        for pid in (place / "cgroup.procs").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        with suppress(OSError):
            place.rmdir()
            return
        stopping.wait(0.02)


def _outcome(top: Path, name: str) -> Outcome:
    """What a program left behind."""
    status = top / f"{name}.status"
    if not status.exists():
        return NOTHING
    files = {path.name: path.read_bytes() for path in sorted((top / name).glob("*/*")) if path.is_file()}
    return status.read_text(), (top / f"{name}.out").read_bytes(), files
