"""The two questions through the real command line: files and connections, as root and as an ordinary user."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.attack import USERS, Attack, Ran, attack, unavailable

QUESTION = "!!! Script is attempting to {kind} {path}, is this expected? [yes/no]"
CREDENTIALS = QUESTION.format(kind="read", path="~/.aws/credentials")


@pytest.fixture(params=[(user, backend) for backend in ("bubblewrap", "native") for user in USERS], ids="-".join)
def place(request: pytest.FixtureRequest) -> Iterator[Attack]:
    """A directory to start in and a home with secrets, for each kind of user and backend."""
    user, backend = request.param
    reason = unavailable(user)
    if reason:
        pytest.skip(reason)
    with attack(user, "/var/tmp") as made:
        made.more = {"MSH_BACKEND": backend}
        yield made


def asked(place: Attack, answers: str, script: str, *options: str) -> Ran:
    """A run whose questions are answered by these lines."""
    return place.msh("--prompt=stdin", *options, "-c", script, stdin=answers.encode())


def questions(ran: Ran) -> list[str]:
    """What was asked, in order."""
    return re.findall(r"^(?:!!! |Allow |Forward ).*\]", ran.stderr.decode(), re.MULTILINE)


# ---- files ----------------------------------------------------------------------------------


@pytest.mark.escape(3)
def test_yes_reads_the_file(place: Attack) -> None:
    ran = asked(place, "yes\n", "cat ~/.aws/credentials")
    assert (ran.status, ran.stdout.decode()) == (0, f"{place.secret}\n"), ran.stderr.decode()
    lines = ran.stderr.decode().splitlines()
    assert re.fullmatch(r"msh [0-9a-f]{4}: step `cat`; also `always` or `never`, for the whole run", lines[0])
    assert lines[1] == f"{CREDENTIALS} "


@pytest.mark.escape(2)
@pytest.mark.parametrize("answers", ["no\n", "", "maybe\nperhaps\nhm\nyes\n", "NO\n"])
def test_anything_but_yes_denies(place: Attack, answers: str) -> None:
    ran = asked(place, answers, "cat ~/.aws/credentials")
    assert ran.status == 1
    assert ran.stdout == b""
    assert b"Permission denied" in ran.stderr


@pytest.mark.escape(4)
def test_without_a_terminal_nothing_is_asked(place: Attack) -> None:
    ran = place.msh("-c", "cat ~/.aws/credentials")
    assert ran.status == 126
    assert b"MSH401" in ran.stderr
    ran = place.msh("--prompt=tty", "-c", "cat ~/.aws/credentials")
    assert (ran.status, questions(ran)) == (1, [])


@pytest.mark.escape(5, 9)
@pytest.mark.parametrize(
    "script",
    [
        "cp ~/.aws/credentials out; cat out",
        'python3 -Ic \'import os; print(open(os.environ["HOME"] + "/.aws/credentials").read(), end="")\'',
        "cat < ~/.aws/credentials",
        "x=$(<~/.aws/credentials); echo $x",
        "[ -f ~/.aws/credentials ] && read x < ~/.aws/credentials; echo $x",
        "head -n 1 ~/.aws/../.aws/credentials",
        "ln -s ~/.aws/credentials a; cat a",
        "ln -s ~/.aws d; cat d/credentials",
        "cd /; cat ${HOME#/}/.aws/credentials",
    ],
)
def test_who_asks_and_how_it_is_named(place: Attack, script: str) -> None:
    """The question shows the real path, and one yes is enough."""
    if script.startswith("cd"):
        script = f"cat {os.path.relpath(place.home, place.directory)}/.aws/credentials"
    ran = asked(place, "yes\n", script)
    assert questions(ran) == [CREDENTIALS], ran.stderr.decode()
    assert ran.stdout.decode() == f"{place.secret}\n"


@pytest.mark.escape(3)
def test_an_answer_is_for_one_file_one_mode_and_one_step(place: Attack) -> None:
    script = "cat ~/.aws/credentials ~/.aws/credentials ~/.ssh/id_rsa; cat ~/.aws/credentials"
    ran = asked(place, "yes\nno\nno\n", script)
    assert questions(ran) == [CREDENTIALS, QUESTION.format(kind="read", path="~/.ssh/id_rsa"), CREDENTIALS]
    assert ran.stdout.decode() == f"{place.secret}\n" * 2
    ran = asked(place, "yes\nno\n", "exec 3< ~/.ssh/id_rsa; echo x >> ~/.ssh/id_rsa")
    assert questions(ran) == [QUESTION.format(kind=kind, path="~/.ssh/id_rsa") for kind in ("read", "write")]
    assert (place.home / ".ssh/id_rsa").read_text() == f"{place.secret}\n"


@pytest.mark.parametrize(("answer", "status"), [("always", 0), ("never", 1)])
def test_an_answer_for_the_whole_run(place: Attack, answer: str, status: int) -> None:
    ran = asked(place, f"{answer}\n", "for i in 1 2 3; do cat ~/.aws/credentials; done")
    assert (len(questions(ran)), ran.status) == (1, status)


def test_writing_is_a_question_of_its_own(place: Attack) -> None:
    (place.home / ".rc").write_text("old\n")
    os.chown(place.home / ".rc", place.uid, place.uid)
    write = QUESTION.format(kind="write", path="~/.rc")
    assert questions(asked(place, "no\n", "echo x >> ~/.rc")) == [write]
    assert (place.home / ".rc").read_text() == "old\n"
    assert questions(asked(place, "yes\n", "echo x >> ~/.rc")) == [write]
    assert questions(asked(place, "yes\n", "echo y | tee -a ~/.rc > /dev/null")) == [write]
    assert (place.home / ".rc").read_text() == "old\nx\ny\n"
    both = 'python3 -Ic \'import os; f = open(os.environ["HOME"] + "/.rc", "r+"); f.write("new")\''
    assert questions(asked(place, "yes\n", both)) == [QUESTION.format(kind="read and write", path="~/.rc")]


def test_what_may_be_read_cannot_be_changed_through_its_descriptor(place: Attack) -> None:
    program = (
        "import os; f = open(os.environ['HOME'] + '/.aws/credentials')\n"
        "for act in (lambda: os.fchmod(f.fileno(), 0o777), lambda: open(f'/proc/self/fd/{f.fileno()}', 'w')):\n"
        "    try: act(); print('changed')\n"
        "    except OSError: pass"
    )
    (place.directory / "p.py").write_text(program)
    ran = asked(place, "yes\nno\n", "python3 -I p.py")
    assert ran.stdout == b"", ran.stderr.decode()
    assert (place.home / ".aws/credentials").read_text() == f"{place.secret}\n"


@pytest.mark.escape(20)
def test_what_is_missing_or_no_file_is_not_asked_for(place: Attack) -> None:
    os.mkfifo(place.home / "fifo")
    ran = asked(place, "yes\n" * 9, "cat ~/nothing; cat ~/fifo; ls ~/.aws/nothing; cat /dev/mem; cat /proc/1/environ")
    assert questions(ran) == []
    assert place.secret.encode() not in ran.output


@pytest.mark.escape(22)
def test_names_are_shown_on_one_line(place: Attack) -> None:
    name = "x\n[yes]\x1b[2Jy"
    (place.home / name).write_text("x\n")
    os.chown(place.home / name, place.uid, place.uid)
    ran = asked(place, "no\n", "cat ~/x*; cat \"$HOME\"/$'x\\n[yes]\\e[2Jy'")
    assert questions(ran) == [QUESTION.format(kind="read", path="~/x\\n[yes]\\x1b[2Jy")]
    assert b"\x1b[2J" not in ran.stderr


@pytest.mark.escape(46)
def test_a_flood_of_questions_is_cut(place: Attack) -> None:
    for number in range(60):
        (place.home / f"f{number}").write_text("x")
    audit = place.directory / "audit"
    (place.directory / "p.py").write_text(
        "import os\nfor i in range(60):\n try: open(os.environ['HOME'] + f'/f{i}')\n except OSError: pass"
    )
    script = "python3 -I p.py"
    ran = asked(place, "no\n" * 100, script, "--audit", "audit")
    assert len(questions(ran)) == 20
    decided = [json.loads(line) for line in audit.read_text().splitlines()]
    assert [one["by"] for one in decided if one["event"] == "decision"] == ["user"] * 20 + ["flood"]


@pytest.mark.escape(82)
def test_two_stages_ask_one_after_the_other(place: Attack) -> None:
    ran = asked(place, "yes\nno\n", "cat ~/.aws/credentials | cat - ~/.ssh/id_rsa")
    assert sorted(questions(ran)) == sorted([CREDENTIALS, QUESTION.format(kind="read", path="~/.ssh/id_rsa")])


def test_answers_are_recorded_and_taken(place: Attack) -> None:
    for name in ("p.toml", "p.json"):
        script = "cat ~/.aws/credentials; cat ~/.ssh/id_rsa"
        first = asked(place, "yes\nno\n", script, "--record-policy", name)
        second = place.msh("--policy", name, "-c", script)
        assert second.stdout == first.stdout == f"{place.secret}\n".encode()
        assert (second.status, questions(second)) == (1, [])
        other = place.msh("--policy", name, "-c", "head ~/.aws/credentials")
        assert place.secret.encode() not in other.output  # the answer was for `cat`
        ran = place.msh("--policy", name, "-c", f"echo version=1 > {name}")
        assert ran.status != 0  # what says what may be done is not for the script to write


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "MSH410"),
        ("version = 2\n", "MSH412"),
        ("nonsense", "MSH411"),
        ("version = true\n", "MSH411"),
        ("version = 1\nmore = 1\n", "MSH411"),
        ("version = 1\nrules = [{answer = 'allow', kind = 'read', host = 'x'}]\n", "MSH411"),
        ("version = 1\nrules = [{answer = 'perhaps', kind = 'read', path = '/x'}]\n", "MSH411"),
        ("version = 1\nrules = [{answer = 'allow', kind = 'connect', host = 'x', port = 99999}]\n", "MSH411"),
        ("version = 1\nrules = [{answer = 'allow', kind = 'read', path = 'relative'}]\n", "MSH411"),
    ],
)
def test_a_policy_that_is_wrong(tmp_path: Path, place: Attack, text: str | None, code: str) -> None:
    if text is not None:
        (place.directory / "p.toml").write_text(text)
    ran = place.msh("--policy", "p.toml", "-c", "cat /dev/null")
    assert (ran.status != 0, code.encode() in ran.stderr) == (True, True), ran.stderr.decode()


def test_files_that_cannot_be_written(place: Attack) -> None:
    for flag in ("--audit", "--record-policy"):
        ran = asked(place, "", "cat /dev/null", flag, "/proc/nothing/file")
        assert b"MSH413" in ran.stderr


@pytest.mark.escape(83)
def test_the_audit_log_is_one_record_a_line(place: Attack) -> None:
    name = "a\nGRANT ~ .ssh"
    (place.home / name).write_text("x\n")
    asked(place, "yes\n", "cat \"$HOME\"/$'a\\nGRANT ~ .ssh'", "--audit", "log")
    records = [json.loads(line) for line in (place.directory / "log").read_text().splitlines()]
    assert [one["event"] for one in records] == ["grant", "decision"]
    assert records[1]["target"] == f"{place.home}/{name}"
    assert (records[1]["allowed"], records[1]["by"], records[1]["step"]) == (True, "user", "cat")


def test_what_is_denied_is_not_asked(place: Attack) -> None:
    (place.directory / "d").mkdir()
    (place.directory / "d/f").write_text("x\n")
    (place.directory / "g").write_text("y\n")
    ran = asked(place, "yes\n" * 9, "cat ~/.aws/credentials", "--deny-read", f"{place.home}/.aws")
    assert (questions(ran), ran.stdout) == ([], b"")
    script = "cat d/f; cat g; ls d; python3 -Ic 'print(open(\"g\").read())'; echo z > w"
    (place.directory / "w").write_text("w\n")
    ran = asked(place, "yes\n" * 9, script, "--deny-read", "d", "--deny-read", "g", "--deny-write", "w")
    assert (questions(ran), ran.stdout.strip()) == ([], b""), ran.stderr.decode()
    assert (place.directory / "w").read_text() == "w\n"


@pytest.mark.escape(47)
def test_when_the_broker_is_killed_nothing_is_allowed(place: Attack) -> None:
    """What waits for it and what comes later fails, and no question is answered by itself."""
    script = (
        'python3 -Ic \'import os, time\nprint(os.path.exists(os.environ["HOME"] + "/.ssh/id_rsa"))\ntime.sleep(1)\n'
    )
    script += 'try: print(open(os.environ["HOME"] + "/.aws/credentials").read())\nexcept OSError as e: print(e.errno)\''
    killer = threading.Timer(0, lambda: None)
    killer.start()
    with kill_broker(place):
        ran = asked(place, "yes\nyes\n", script)
    assert place.secret.encode() not in ran.output
    assert ran.stdout.splitlines()[-1:] in ([b"38"], []), ran.output.decode()


@contextmanager
def kill_broker(place: Attack) -> Iterator[None]:
    """Kill the broker of the run in this place as soon as it has asked something."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    command = Path(f"/proc/{pid}/cmdline").read_bytes()
                    links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
                    here = os.readlink(f"/proc/{pid}/cwd") == str(place.directory)
                except OSError:
                    continue
                if here and b"--prompt=stdin" in command and "anon_inode:seccomp notify" in links:
                    if done.wait(0.6):
                        return
                    os.kill(int(pid), 9)
                    return

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


# ---- connections ------------------------------------------------------------------------------


class Host:
    """A server on the host's loopback interface that says hello and counts."""

    def __init__(self, family: int = socket.AF_INET) -> None:
        self.server = socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family)
        self.port = self.server.getsockname()[1]
        self.count = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            self.count += 1
            with client:
                client.recv(1000)
                client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")


@pytest.fixture
def host() -> Iterator[Host]:
    """One server for a test."""
    made = Host()
    yield made
    made.server.close()


def allow(address: str) -> str:
    """The question about a host."""
    return f"Allow connection from {address}? [w/b]"


@pytest.mark.escape(65)
def test_off_by_default(place: Attack, host: Host) -> None:
    ran = place.msh("-c", f"curl -s http://127.0.0.1:{host.port}")
    assert (ran.status != 0, host.count) == (True, 0)


def test_whitelisted_once_for_the_run(place: Attack, host: Host) -> None:
    script = f"curl -s http://127.0.0.1:{host.port}; curl -s http://127.0.0.1:{host.port}"
    ran = asked(place, "w\n", script, "--net=ask")
    assert (ran.stdout, questions(ran)) == (b"hello\nhello\n", [allow("127.0.0.1")]), ran.stderr.decode()
    assert f"step `curl` connects to `127.0.0.1`, port {host.port};" in ran.stderr.decode()


@pytest.mark.escape(66)
@pytest.mark.parametrize("answer", ["b", "no", ""])
def test_blocked(place: Attack, host: Host, answer: str) -> None:
    ran = asked(place, f"{answer}\n", f"curl -sS http://127.0.0.1:{host.port}", "--net=ask")
    assert (ran.status, host.count) == (7, 0)
    assert set(questions(ran)) == {allow("127.0.0.1")}


@pytest.mark.escape(67)
def test_an_allowance_is_for_one_port(place: Attack, host: Host) -> None:
    other = Host()
    script = f"curl -s http://127.0.0.1:{host.port}; curl -s http://127.0.0.1:{other.port}"
    ran = asked(place, "w\nb\n", script, "--net=ask")
    assert (len(questions(ran)), host.count, other.count) == (2, 1, 0)
    other.server.close()


def test_by_rule_without_a_question(place: Attack, host: Host) -> None:
    script = f"curl -s http://127.0.0.1:{host.port}"
    ran = place.msh("--allow-net", f"127.0.0.1:{host.port}", "-c", script)
    assert (ran.stdout, questions(ran)) == (b"hello\n", [])
    ran = place.msh("--allow-net", "127.0.0.1", "--deny-net", f"127.0.0.1:{host.port}", "-c", script)
    assert (ran.stdout, host.count) == (b"", 1)
    ran = place.msh("--allow-net", f"127.0.0.1:{host.port + 1 & 0xFFFF}", "-c", script)
    assert (ran.stdout, host.count) == (b"", 1)
    ran = place.msh("--allow-net", "localhost", "-c", f"curl -s http://localhost:{host.port}")
    assert ran.stdout == b"hello\n"
    ran = asked(place, "w\n", script, "--net=none")
    assert (ran.stdout, questions(ran)) == (b"", [])


@pytest.mark.escape(71)
def test_mapped_addresses_are_the_same(place: Attack, host: Host) -> None:
    ran = asked(
        place,
        "b\n",
        f"curl -s 'http://[::ffff:127.0.0.1]:{host.port}'; curl -s http://127.0.0.1:{host.port}",
        "--net=ask",
    )
    assert (questions(ran), host.count) == ([allow("127.0.0.1")], 0)
    ran = asked(place, "w\n", f"curl -s 'http://[::ffff:127.0.0.1]:{host.port}'", "--net=ask")
    assert ran.stdout == b"hello\n"


@pytest.mark.escape(71)
def test_ipv6(place: Attack) -> None:
    try:
        host = Host(socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 here")
    ran = asked(place, "w\n", f"curl -s 'http://[::1]:{host.port}'", "--net=ask")
    assert (ran.stdout, questions(ran)) == (b"hello\n", [allow("::1")])
    host.server.close()


PROGRAM = """
import select, socket, sys
port = int(sys.argv[1])
one = socket.socket()
one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
if sys.argv[2] == "epoll":
    one.setblocking(False)
    poll = select.epoll()
    poll.register(one, select.EPOLLOUT | select.EPOLLET)
    poll.poll(0)
    print(one.connect_ex(("127.0.0.1", port)))
    print(poll.poll(5) == [(one.fileno(), select.EPOLLOUT)])
    poll.modify(one, select.EPOLLIN)
    one.send(b"GET")
    print(poll.poll(5) == [(one.fileno(), select.EPOLLIN)])
else:
    one.connect(("127.0.0.1", port))
    one.send(b"GET")
print(one.getpeername() == ("127.0.0.1", port), one.getblocking(), one.get_inheritable())
print(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
print(one.recv(8))
"""


@pytest.mark.parametrize("how", ["blocking", "epoll"])
def test_the_socket_is_as_the_program_made_it(place: Attack, host: Host, how: str) -> None:
    (place.directory / "p.py").write_text(PROGRAM)
    ran = asked(place, "w\n", f"python3 -I p.py {host.port} {how}", "--net=ask")
    first = ["0", "True", "True"] if how == "epoll" else []
    blocks = "False" if how == "epoll" else "True"
    assert ran.stdout.decode().splitlines() == [*first, f"True {blocks} False", "1 1", "b'HTTP/1.0'"], ran.output


HOSTILE = """
import os, socket, struct, sys, threading
allowed, other = int(sys.argv[1]), int(sys.argv[2])
one = socket.create_connection(("127.0.0.1", allowed))
def tried(name, act):
    try: act(); print(name, "worked")
    except OSError: pass
def unspecified():
    import ctypes
    if ctypes.CDLL(None, use_errno=True).connect(one.fileno(), bytes(16), 16): raise OSError
tried("unspec", unspecified)
tried("again", lambda: one.connect(("127.0.0.1", other)))
tried("listen", one.listen)
tried("fastopen", lambda: one.sendto(b"x", 0x20000000, ("127.0.0.1", other)))
one.sendall(b"GET"); tried("data", lambda: None if one.recv(99) else 1/0)
while one.recv(99): pass
import time; time.sleep(0.1)
one.shutdown(socket.SHUT_RDWR); time.sleep(0.1)
for _ in range(3): tried("ended fastopen", lambda: one.sendto(b"x", 0x20000000, ("127.0.0.1", other)))
tried("ended listen", one.listen)
tried("unconnected fastopen", lambda: socket.socket().sendto(b"x", 0x20000000, ("127.0.0.1", other)))
def udp():
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.connect(("127.0.0.1", other)); u.send(b"x")
    u.settimeout(1); u.recv(1)
tried("udp", udp)
tried("udp to", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("8.8.8.8", 53)))
tried("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
tried("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
tried("abstract", lambda: socket.socket(socket.AF_UNIX).connect("\\0msh-test-abstract"))
tried("docker", lambda: socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock"))
own = socket.socket(); own.bind(("127.0.0.1", 0)); own.listen()
tried("own", lambda: socket.create_connection(own.getsockname()))
there = socket.socket(socket.AF_UNIX); there.bind("/tmp/s"); there.listen()
tried("own unix", lambda: socket.socket(socket.AF_UNIX).connect("/tmp/s"))
"""


@pytest.mark.escape(68)
def test_a_connected_socket_leads_nowhere_else(place: Attack, host: Host) -> None:
    other = Host()
    (place.directory / "p.py").write_text(HOSTILE)
    ran = asked(place, "w\n" + "b\n" * 9, f"python3 -I p.py {host.port} {other.port}", "--net=ask")
    assert ran.stdout.decode().split("\n") == ["data worked", "own worked", "own unix worked", ""], ran.stderr.decode()
    assert other.count == 0
    other.server.close()


@pytest.mark.escape(69)
def test_a_name_is_asked_before_anything_leaves(place: Attack) -> None:
    ran = asked(place, "b\n", "getent hosts data.evil.test", "--net=ask")
    assert (ran.status, ran.stdout, questions(ran)) == (2, b"", [allow("data.evil.test")])
    ran = asked(place, "b\n", "curl -sS http://data.evil.test/", "--net=ask")
    assert (ran.status, questions(ran)) == (6, [allow("data.evil.test")])
    ran = place.msh("--net=ask", "--prompt=no", "-c", "getent hosts data.evil.test")
    assert (ran.status, questions(ran)) == (2, [])


SERVER = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
server.settimeout(20)
if sys.argv[2] == "yes":
    client, _ = server.accept()
    client.sendall(b"from inside: " + client.recv(9))
"""


@pytest.mark.escape(75)
@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_step_that_listens_is_noticed(place: Attack, answer: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (place.directory / "p.py").write_text(SERVER)
    heard: list[bytes] = []
    ended = threading.Event()

    def talk() -> None:
        while not ended.wait(0.1):
            try:
                with socket.create_connection(("127.0.0.1", port), 5) as one:
                    one.sendall(b"hello")
                    heard.append(one.recv(99))
                    return
            except OSError:
                continue

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        ran = asked(place, f"{answer}\n", f"python3 -I p.py {port} {answer}", "--net=ask")
    finally:
        ended.set()
        thread.join()
    assert questions(ran) == [f"Forward port {port} of this host to it? [yes/no]"]
    assert f"step `python3` listens on port {port}, inside its sandbox only" in ran.stderr.decode()
    assert heard == ([b"from inside: hello"] if answer == "yes" else [])


@pytest.mark.escape(33)
def test_answers_and_script_do_not_share_an_input(place: Attack) -> None:
    for options in ((), ("-s",), ("-",)):
        ran = place.msh("--prompt=stdin", *options, stdin=b"cat ~/.aws/credentials\n")
        assert b"MSH461" in ran.stderr


@pytest.mark.escape(72)
def test_a_redirect_is_judged_again(place: Attack) -> None:
    """An allowed host that sends the client to another: asked, like any."""
    target = Host()
    redirect = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = redirect.accept()
        with client:
            client.recv(1000)
            text = f"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:{target.port}/\r\nContent-Length: 0\r\n\r\n"
            client.sendall(text.encode())

    threading.Thread(target=serve, daemon=True).start()
    ran = asked(place, "w\nb\n", f"curl -sSL http://127.0.0.1:{redirect.getsockname()[1]}/", "--net=ask")
    assert (len(questions(ran)), target.count) == (2, 0)
    redirect.close()
    target.server.close()
