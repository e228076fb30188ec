"""`--proxy`: connections of steps leave through a real proxy and by no other way, as root and as an ordinary user."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.support.asking import PROGRAM, Host, allow, asked, host, place, questions
from tests.support.attack import Attack
from tests.support.proxy import RunningProxy

__all__ = ["host", "place"]  # fixtures


@pytest.fixture(params=["http", "socks5"])
def proxy(request: pytest.FixtureRequest) -> Iterator[RunningProxy]:
    """One for a test."""
    made = RunningProxy(request.param)
    yield made
    made.close()


def test_a_name_is_the_proxys_to_look_up(place: Attack, host: Host, proxy: RunningProxy) -> None:
    script = f"curl -s http://a.test:{host.port}/"
    ran = asked(place, "w\n", script, "--net=ask", "--proxy", proxy.url)
    assert (ran.stdout, questions(ran)) == (b"hello\n", [allow("a.test")]), ran.stderr.decode()
    assert proxy.asked == [f"a.test:{host.port}"]
    ran = place.msh(
        "--allow-net", "*.test", "--proxy", proxy.url, "-c", f"{script}; curl -s http://b.c.test:{host.port}"
    )
    assert (ran.stdout, proxy.asked[1:]) == (b"hello\n" * 2, [f"a.test:{host.port}", f"b.c.test:{host.port}"])


def test_an_address_goes_through_it_too(place: Attack, host: Host, proxy: RunningProxy) -> None:
    place.more = {**place.more, "MSH_PROXY": proxy.url}
    for form in ("127.0.0.1", "[::ffff:127.0.0.1]"):
        ran = place.msh("--allow-net", "127.0.0.1", "-c", f"curl -s 'http://{form}:{host.port}/'")
        assert (ran.stdout, proxy.asked.pop()) == (b"hello\n", f"127.0.0.1:{host.port}"), ran.stderr.decode()


def test_what_is_not_granted_does_not_reach_it(place: Attack, host: Host, proxy: RunningProxy) -> None:
    itself = proxy.url.replace("socks5", "http")
    script = f"curl -sS http://127.0.0.1:{host.port}/; curl -sS http://evil.test/; curl -sS {itself}"
    assert place.msh("--proxy", proxy.url, "-c", script).status != 0
    ran = asked(place, "b\n" * 9, script, "--net=ask", "--proxy", proxy.url)
    assert (ran.status != 0, len(questions(ran)), proxy.asked, host.count) == (True, 3, [], 0)


def test_a_rule_for_one_port_of_a_name_is_for_that_port(place: Attack, host: Host, proxy: RunningProxy) -> None:
    """Looking a name up covers the first port only when it was asked about, and never one that is denied."""
    script = f"curl -sS http://a.test:{host.port}/"
    ran = place.msh("--allow-net", "a.test:1", "--proxy", proxy.url, "-c", script)
    assert (ran.status, proxy.asked) == (7, []), ran.stderr.decode()
    ran = asked(place, "w\n" * 9, script, "--net=ask", "--deny-net", f"a.test:{host.port}", "--proxy", proxy.url)
    assert (ran.status, proxy.asked, host.count) == (7, [], 0), ran.stderr.decode()
    ran = place.msh("--allow-net", f"a.test:{host.port}", "--proxy", proxy.url, "-c", script)
    assert ran.stdout == b"hello\n", ran.stderr.decode()


def test_recorded_answers_cover_the_same_ports(place: Attack, host: Host, proxy: RunningProxy) -> None:
    other = Host()
    script = f"curl -sS http://a.test:{host.port}/; curl -sS http://a.test:{other.port}/"
    ran = asked(place, "w\nw\n", script, "--net=ask", "--record-policy=p.toml", "--proxy", proxy.url)
    assert (ran.stdout, len(questions(ran))) == (b"hello\n" * 2, 2), ran.stderr.decode()
    ran = place.msh("--policy=p.toml", "--proxy", proxy.url, "-c", script)
    assert ran.stdout == b"hello\n" * 2, ran.stderr.decode()
    other.server.close()


@pytest.mark.parametrize("kind", ["http", "socks5"])
def test_refused_by_the_proxy(place: Attack, host: Host, kind: str) -> None:
    proxy = RunningProxy(kind, refuses=True)
    (place.directory / "p.py").write_text(
        f"import socket\nfor _ in range(2): print(socket.socket().connect_ex(('127.0.0.1', {host.port})))"
    )
    ran = place.msh("--net=ask", "--allow-net=127.0.0.1", "--proxy", proxy.url, "-c", "python3 -I p.py")
    assert (ran.stdout, host.count, len(proxy.asked)) == (b"111\n111\n", 0, 2), ran.stderr.decode()
    reason = "403 Not from here" if kind == "http" else "its rules forbid it"
    assert ran.stderr.decode().count("MSH414") == 1
    assert f"made no connection to `127.0.0.1`, port {host.port}: {reason}" in ran.stderr.decode()
    proxy.close()


def test_without_the_proxy_nothing_leaves(place: Attack, host: Host, proxy: RunningProxy) -> None:
    proxy.close()
    ran = place.msh("--allow-net=127.0.0.1", "--proxy", proxy.url, "-c", f"curl -sS http://127.0.0.1:{host.port}")
    assert (ran.status, host.count) == (7, 0)
    assert b"it cannot be reached: Connection refused" in ran.stderr
    ran = place.msh("--allow-net=127.0.0.1", "--proxy", "http://nowhere.invalid:1", "-c", "cat /dev/null && echo ran")
    assert (ran.stdout, b"MSH414" in ran.stderr) == (b"", True)
    ran = place.msh("--net=host", "--proxy", proxy.url, "-c", "echo ran")
    assert (ran.stdout, b"MSH461" in ran.stderr) == (b"", True)


@pytest.mark.parametrize("how", ["blocking", "epoll"])
def test_the_socket_is_as_the_program_made_it(place: Attack, host: Host, proxy: RunningProxy, how: str) -> None:
    """But for the address at its other end, which is the proxy's."""
    (place.directory / "p.py").write_text(PROGRAM)
    ran = asked(place, "w\n", f"python3 -I p.py {host.port} {how}", "--net=ask", "--proxy", proxy.url)
    first = ["0", "True", "True"] if how == "epoll" else []
    blocks = "False" if how == "epoll" else "True"
    assert ran.stdout.decode().splitlines() == [*first, f"False {blocks} False", "1 1", "b'HTTP/1.0'"], ran.output


ODD = """
import socket
for name in (b"a\\r\\nX: y", b"a b", b"0x7f", b"a:1"):
    query = bytes(2) + b"\\1\\0\\0\\1" + bytes(6) + bytes([len(name)]) + name + b"\\0\\0\\1\\0\\1"
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.settimeout(5)
    one.connect(("127.0.0.1", 53))
    one.send(query)
    print(one.recv(999)[3] & 15)
"""


def test_odd_names_are_neither_asked_nor_told(place: Attack, proxy: RunningProxy) -> None:
    (place.directory / "p.py").write_text(ODD)
    for options in (("--proxy", proxy.url), ()):
        ran = asked(place, "w\n" * 9, "python3 -I p.py", "--net=ask", *options)
        assert (ran.stdout.split(), questions(ran), proxy.asked) == ([b"3"] * 4, [], []), ran.stderr.decode()


def test_a_proxy_that_says_nothing_holds_up_nobody_else(place: Attack, host: Host) -> None:
    """A step that is ended while it waits takes its connection with it; another step goes on meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hold() -> None:
            client, _ = server.accept()
            (place.directory / "held").touch()
            with client:
                while client.recv(999):
                    continue
            (place.directory / "gone").touch()

        threading.Thread(target=hold, daemon=True).start()
        wait = "until [ -e {} ]; do :; done"
        script = f"curl -s http://127.0.0.1:9/ & {wait.format('held')}; kill $!; wait; {wait.format('gone')}; echo on"
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        ran = place.msh("--allow-net=127.0.0.1", "--proxy", url, "-c", script)
        assert ran.stdout == b"on\n", ran.stderr.decode()
