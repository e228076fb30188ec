"""Steps in containers, on a real engine that the tests start."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import time
from collections.abc import Iterator

import docker
import pytest

from msh.catalog.model import CommandSpec, Run
from msh.config import Settings
from msh.diagnostics import MshError
from msh.effects import Access, Effects
from msh.sandbox import Session
from msh.sandbox.backend import Process
from msh.sandbox.policy import Limits, Outcome
from tests.support.attack import Attack, Ran, attack
from tests.support.docker_engine import IMAGE, Engine

pytestmark = pytest.mark.docker


@pytest.fixture
def place(docker_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Attack]:
    """A planted directory; the process itself is root, or there would be no engine."""
    monkeypatch.setenv("DOCKER_HOST", docker_engine.host)
    with attack("root") as made:
        (made.directory / "a").write_text("b\na\n")
        yield made


class Steps:
    """Steps of one session with the planted directory as workspace."""

    def __init__(self, session: Session, directory: str) -> None:
        self.session = session
        self.directory = directory

    def start(
        self, argv: list[str], *accesses: tuple[object, ...], fds: dict[int, int] | None = None, **changes: object
    ) -> Process:
        """A started step."""
        spec = CommandSpec(argv[0], Run("image", f"/bin/{argv[0]}", str(changes.pop("image", IMAGE))))
        effects = Effects(tuple([Access(*access) for access in accesses]))
        policy = self.session.policy(spec, effects, argv, {"PATH": "/bin", "X": "y z"}, self.directory)
        return self.session.start(policy.replace(**changes), {0: 0, 1: 1, 2: 2} if fds is None else fds, spec=spec)

    def run(self, argv: list[str], *accesses: tuple[object, ...], stdin: bytes = b"", **changes: object) -> Ran:
        """A step to its end, with what it printed."""
        read, write = os.memfd_create("in"), os.memfd_create("out")
        errors = os.memfd_create("err")
        os.write(read, stdin)
        os.lseek(read, 0, os.SEEK_SET)
        process = self.start(argv, *accesses, fds={0: read, 1: write, 2: errors}, **changes)
        status = process.wait().status
        out, err = (os.pread(number, 1 << 20, 0) for number in (write, errors))
        for number in (read, write, errors):
            os.close(number)
        return Ran(status, out, err)


@pytest.fixture
def steps(place: Attack, docker_engine: Engine) -> Iterator[Steps]:
    """A session; afterwards no container may be left."""
    settings = Settings(str(place.directory), allow_weaker=("paths",))
    with Session(settings, str(place.directory), str(place.home)) as session:
        yield Steps(session, str(place.directory))
    client = docker.APIClient(base_url=docker_engine.host, version="auto")
    end = time.monotonic() + 10
    while client.containers(all=True) and time.monotonic() < end:
        time.sleep(0.1)
    left = client.containers(all=True)
    client.close()
    assert left == []


def test_streams_and_status(steps: Steps) -> None:
    ran = steps.run(["sh", "-c", "cat; echo error >&2; exit 7"], stdin=b"\0\xff text\n" * 50000)
    assert (ran.status, ran.stderr) == (7, b"error\n")
    assert ran.stdout == b"\0\xff text\n" * 50000


def test_grants(steps: Steps, place: Attack) -> None:
    assert steps.run(["sort", "a"], ("read", "a")).stdout == b"a\nb\n"
    assert steps.run(["sort", "-o", "new", "a"], ("read", "a"), ("write", "new", True)).status == 0
    assert (place.directory / "new").read_text() == "a\nb\n"
    (place.directory / "link").symlink_to("a")
    assert steps.run(["cat", "link"], ("read", "link")).stdout == b"b\na\n"
    assert steps.run(["cat", "secret"]).status != 0


@pytest.mark.escape(1, 13, 14, 17, 28, 30, 35, backend="docker", user="root")
def test_what_is_not_granted(steps: Steps, place: Attack) -> None:
    """The same attacks as on any backend."""
    script = """
        cat /etc/shadow secret ../outside /proc/1/environ /proc/*/environ /proc/*/cmdline
        ls /dev/sda /dev/mem; echo x > a; echo x > b; touch /x /usr; mount -t tmpfs x /tmp; cat /proc/self/status; env
    """
    ran = steps.run(["sh", "-c", script], ("read", "a"))
    assert place.secret.encode() not in ran.output
    assert sorted(os.listdir(place.directory)) == ["a", "secret"]
    assert (place.directory / "a").read_text() == "b\na\n"
    status = dict(line.split(":\t") for line in ran.stdout.decode().splitlines() if ":\t" in line)
    assert [int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")] == [0, 0, 0]
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


@pytest.mark.escape(65, backend="docker", user="root")
def test_no_network(steps: Steps) -> None:
    ran = steps.run(["sh", "-c", "ls /sys/class/net; wget -T 2 -O - http://127.0.0.1:9/"])
    assert ran.stdout == b"lo\n"
    assert ran.status != 0


def test_the_callers_uid_and_variables(steps: Steps) -> None:
    ran = steps.run(["sh", "-c", 'id -u; echo "$X"; pwd'])
    assert ran.stdout.decode().splitlines() == [str(os.geteuid()), "y z", steps.directory]


def test_the_runs_tmp_is_shared(steps: Steps) -> None:
    steps.run(["touch", "/tmp/left"])
    assert b"left" in steps.run(["ls", "/tmp"]).stdout
    assert not os.path.exists("/tmp/left")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_reach_the_program(steps: Steps, number: int) -> None:
    read, write = os.pipe()
    name = signal.Signals(number).name.removeprefix("SIG")
    script = f"trap 'echo caught; exit 5' {name}; echo ready; while :; do sleep 0.1; done"
    process = steps.start(["sh", "-c", script], fds={1: write, 2: 2})
    os.close(write)
    with open(read, "rb", 0) as output:
        assert output.readline() == b"ready\n"
        process.signal(number)
        assert output.readline() == b"caught\n"
    assert process.wait().status == 5


@pytest.mark.parametrize("how", ["kill", "killed"])
def test_nothing_is_left_of_a_killed_step(steps: Steps, how: str) -> None:
    """Also when the process that stands for the container is killed from outside; the fixture looks for containers."""
    read, write = os.pipe()
    process = steps.start(["sh", "-c", "echo ready; sleep 100"], fds={1: write, 2: 2})
    os.close(write)
    with open(read, "rb", 0) as output:
        assert output.readline() == b"ready\n"
        if how == "kill":
            process.kill()
        else:
            os.kill(process.pid, signal.SIGKILL)
        assert process.wait().status == 128 + signal.SIGKILL


def test_a_reader_that_has_gone(steps: Steps) -> None:
    read, write = os.pipe()
    os.close(read)
    process = steps.start(["sh", "-c", "while :; do echo y; done"], fds={1: write, 2: 2})
    os.close(write)
    assert process.wait().status == 128 + signal.SIGPIPE


def test_limits(steps: Steps) -> None:
    limits = Limits(pids=7, files=33)
    assert steps.run(["sh", "-c", "ulimit -n"], limits=limits).stdout == b"33\n"
    script = "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1 & done; echo all; wait"
    assert b"all" not in steps.run(["sh", "-c", script], limits=limits).stdout


def test_what_an_engine_holds(steps: Steps) -> None:
    ran = steps.run(
        ["sh", "-c", "ulimit -t; ulimit -f; cat /dev/zero > /tmp/x; wc -c < /tmp/x"], limits=Limits(disk=1 << 20)
    )
    assert ran.stdout == b"unlimited\n2048\n1048576\n", ran.output
    spin = steps.start(["sh", "-c", "while :; do :; done"], limits=Limits(time=1.0))
    assert spin.wait().replace(usage=None) == Outcome("timeout", 124, tier="docker")
    fill = steps.start(["sh", "-c", "x=aaaaaaaaaa; while :; do x=$x$x; done"], limits=Limits(memory=8 << 20))
    assert fill.wait().kind == "oom"


@pytest.mark.parametrize("name", ["cpu", "throughput"])
def test_what_no_engine_holds(steps: Steps, name: str) -> None:
    with pytest.raises(MshError) as caught:
        steps.run(["true"], limits=Limits(**{name: 1 << 20}))
    assert caught.value.diagnostics[0].code == "MSH456"


def test_an_image_that_is_not_there(steps: Steps) -> None:
    ran = steps.run(["true"], image="msh-test/none:1")
    assert ran.status == 126
    assert b"MSH449" in ran.stderr
    assert b"docker pull msh-test/none:1" in ran.stderr


def test_no_engine(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/socket")
    ran = steps.run(["true"])
    assert ran.status == 126
    assert b"MSH448" in ran.stderr


CALLS = """
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
/* Each argument is a call: number,first,second,third; printed is errno, 0 when it succeeds. */
int main(int argc, char **argv)
{
    for (int at = 1; at < argc; at++) {
        long words[4] = {0}; char *text = argv[at];
        for (int i = 0; i < 4 && *text; i++) { words[i] = strtoul(text, &text, 0); if (*text) text++; }
        errno = 0;
        long result = syscall(words[0], words[1], words[2], words[3], 0, 0, 0);
        if (words[0] == SYS_clone && result == 0) _exit(0);
        printf("%d\\n", result < 0 ? errno : 0);
    }
    return 0;
}
"""


@pytest.mark.escape(36, 37, 38, 40, 41, backend="docker", user="root")
def test_the_same_filter_as_on_any_backend(steps: Steps, place: Attack) -> None:
    from msh.sandbox import seccomp

    column = tuple(seccomp.ARCHITECTURES).index(os.uname().machine)
    (place.directory / "calls.c").write_text(CALLS)
    subprocess.run(["cc", "-static", "-o", "calls", "calls.c"], cwd=place.directory, check=True)
    ioctl, clone, personality, socket = (
        both[column] for both in (seccomp.IOCTL, seccomp.CLONE, seccomp.PERSONALITY, seccomp.SOCKET)
    )
    denied = [numbers[column] for numbers in seccomp.DENIED.values() if numbers[column] is not None]
    absent = [numbers[column] for numbers in seccomp.ABSENT.values() if numbers[column] is not None]
    wanted = {str(number): errno.EPERM for number in denied} | {str(number): errno.ENOSYS for number in absent}
    for request in seccomp.TERMINAL_REQUESTS.values():
        wanted |= {f"{ioctl},0,{request}": errno.EPERM, f"{ioctl},0,{request | 1 << 32}": errno.EPERM}
    for flag in (0x10000000, 0x20000, 0x40000000):  # user, mount and network namespaces
        wanted[f"{clone},{flag | signal.SIGCHLD}"] = errno.EPERM
    wanted |= {f"{personality},0": 0, f"{personality},0x40000": errno.EPERM}
    for family, kind, protocol, code in ((1, 1, 0, 0), (2, 1, 0, 0), (16, 3, 0, 0), (16, 3, 12, 97), (40, 1, 0, 97)):
        wanted[f"{socket},{family},{kind},{protocol}"] = code
    ran = steps.run(["sh", "-c", "./calls " + " ".join(wanted)], ("read", "calls"))
    assert dict(zip(wanted, map(int, ran.stdout.split()), strict=True)) == wanted
