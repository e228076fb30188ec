"""The small hostile projects of `examples/backdoors/`: each does its harm under bash, and none of it under msh."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.support.attack import ROOT, USERS, Attack, Ran, attack, unavailable

PROJECTS = ROOT / "examples/backdoors"
PROGRAMS = {"makefile": ("make",), "git-hook": ("git",), "awk-report": ("awk", "curl"), "archive": ("tar",)}
#: Status and output under msh: the honest part of each project works, unless the script is refused for what it names.
STDOUT = {
    "package-install": (0, "1.4.2\n"),
    "test-helper": (0, ""),
    "makefile": (0, ""),
    "git-hook": (0, "Add notes\n"),
    "awk-report": (0, "apples 4\npears 5\n"),
    "archive": (2, ""),
    "dropper": (127, ""),
}
#: What msh or the program inside says about it, where it says anything.
SAYS = {"archive": ".bashrc", "dropper": "`crontab`"}


@dataclass
class Collector:
    """A listener on loopback that keeps what it is sent."""

    listener: socket.socket
    data: list[bytes] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.listener.getsockname()[1]
        return port

    def listen(self) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(3)
                try:
                    while chunk := connection.recv(65536):
                        self.data.append(chunk)
                except TimeoutError:
                    continue


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector(socket.create_server(("127.0.0.1", 0)))
    thread = threading.Thread(target=made.listen)
    thread.start()
    yield made
    made.listener.shutdown(socket.SHUT_RDWR)
    made.listener.close()
    thread.join()


def names() -> list[str]:
    return sorted(path.parent.name for path in PROJECTS.glob("*/run.sh"))


def prepare(place: Attack, name: str, collector: Collector) -> None:
    """The project as it was cloned, beside a home with keys in it."""
    (place.directory / "secret").unlink()
    shutil.copytree(PROJECTS / name, place.directory, dirs_exist_ok=True)
    (place.directory / "collector").write_text(str(collector.port))
    (place.home / ".bashrc").write_text("# mine\n")
    for path in (place.directory, place.home, *place.directory.rglob("*"), *place.home.rglob("*")):
        if os.geteuid() == 0:
            os.chown(path, place.uid, place.uid)
    if (place.directory / "make.sh").exists():
        assert place.shell("sh make.sh").status == 0


def harm(place: Attack, collector: Collector) -> list[str]:
    """What the attack achieved."""
    secret = place.secret.encode()
    found = ["sent"] if secret in b"".join(collector.data) else []
    if (place.home / ".bashrc").read_text() != "# mine\n":
        found.append("profile")
    files = [path for path in place.directory.rglob("*") if path.is_file() and not path.is_symlink()]
    return found + [f"copied to {path.name}" for path in files if secret in path.read_bytes()]


def missing(name: str) -> str:
    return " ".join(program for program in PROGRAMS.get(name, ()) if shutil.which(program) is None)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", names())
def test_stopped(name: str, user: str, collector: Collector) -> None:
    reason = unavailable(user) or (f"needs {missing(name)}" if missing(name) else "")
    if reason:
        pytest.skip(reason)
    with attack(user) as place:
        prepare(place, name, collector)
        ran = place.msh("run.sh")
        time.sleep(1.5 if name == "git-hook" else 0)  # what it left behind acts a second later
        assert harm(place, collector) == [], ran.output.decode()
        assert (ran.status, ran.stdout.decode()) == STDOUT[name], ran.output.decode()
        assert SAYS.get(name, "") in ran.stderr.decode()


def told(place: Attack, ran: Ran) -> list[str]:
    """What was to be seen, with the names of any machine."""
    text = ran.output.decode().replace(str(place.home), "~").replace(str(place.directory), ".")
    return re.sub(r"in \d\.\d+s", "in 0.000s", text).splitlines()


def asked_lines(ran: Ran) -> list[str]:
    """The questions about the home and about connections; what else a host has to ask for differs."""
    return re.findall(r"^(?:!!! Script is attempting to \S+ ~|Allow ).*\]", ran.stderr.decode(), re.MULTILINE)


@pytest.mark.parametrize("name", names())
def test_what_its_page_shows(name: str, collector: Collector) -> None:
    """Without a terminal all of it; with somebody to ask, the questions."""
    if missing(name):
        pytest.skip(f"needs {missing(name)}")
    page = (PROJECTS / name / "README.md").read_text()
    first, *questions = re.findall(r"^```\n(.*?)```", page, re.MULTILINE | re.DOTALL)
    with attack("ordinary") as place:
        prepare(place, name, collector)
        ran = place.msh("run.sh")
        assert ["$ msh run.sh < /dev/null", *told(place, ran)] == first.splitlines()
    with attack("ordinary") as place:
        prepare(place, name, collector)
        ran = place.msh("--prompt=stdin", "run.sh", stdin=b"no\n" * 20)
        assert list(dict.fromkeys(asked_lines(ran))) == "".join(questions).splitlines()
        assert harm(place, collector) == []


@pytest.mark.parametrize("name", names())
def test_it_is_an_attack(name: str, collector: Collector) -> None:
    """Under bash, with a home and a collector made for it, the harm is done: else the other test would show nothing."""
    if missing(name):
        pytest.skip(f"needs {missing(name)}")
    with attack("ordinary") as place:
        prepare(place, name, collector)
        ran = bash(place)
        patience = time.monotonic() + 10
        while not harm(place, collector) and time.monotonic() < patience:
            time.sleep(0.05)
        assert harm(place, collector), ran.output.decode()


def bash(place: Attack) -> Ran:
    done = subprocess.run(  # type: ignore[call-overload]  # the arguments of `as_user` are not known to the stubs
        ["bash", "run.sh"],
        cwd=place.directory,
        env=place.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
        **place.as_user(),
    )
    return Ran(done.returncode, done.stdout, done.stderr)
