"""Questions about connections through the real command line, as root and as an ordinary user."""

from __future__ import annotations

import ipaddress
import shutil
import socket
import threading

import pytest

from tests.support.asking import PROGRAM, Host, allow, asked, host, place, questions
from tests.support.attack import Attack

__all__ = ["host", "place"]  # fixtures


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


@pytest.mark.escape(72)
def test_a_name_that_leads_to_an_inner_address(place: Attack) -> None:
    """Allowed by name, asked again by address: a name decides nothing about this host and private networks."""
    name = socket.gethostname()
    try:
        address = socket.gethostbyname(name)
    except OSError:
        pytest.skip("this host has no name")
    if ipaddress.ip_address(address).is_global:
        pytest.skip("this host's name is public")
    with socket.create_server(("", 0)) as server:
        server.settimeout(0)
        script = f"curl -4 -sS -m 5 http://{name}:{server.getsockname()[1]}/"
        ran = asked(place, "w\nb\nb\n", script, "--net=ask")
        assert (ran.status, questions(ran)[:2]) == (7, [allow(name.lower()), allow(address)]), ran.output.decode()
        ran = place.msh("--allow-net", name, "-c", script)
        assert ran.status == 7
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.skipif(shutil.which("node") is None, reason="no node here")
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6], ids=["ipv4", "ipv6"])
def test_node(place: Attack, family: int) -> None:
    """It waits by epoll, in a thread that is not the one that connects, and tries several times."""
    host = Host(family)
    address = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    url = f"http://[{address}]:{host.port}" if ":" in address else f"http://{address}:{host.port}"
    (place.directory / "p.mjs").write_text(
        f"for (const _ of [1, 2, 3]) process.stdout.write(await (await fetch('{url}')).text())\n"
        f"await fetch('{url[:-1]}').catch(() => console.log('refused'))\n"
    )
    ran = asked(place, "w\nb\n", "node p.mjs", "--net=ask")
    assert (ran.stdout, questions(ran)) == (b"hello\n" * 3 + b"refused\n", [allow(address)] * 2), ran.output.decode()
    host.server.close()
