"""A proxy of msh's own (`proxy = "msh"` in a catalog entry) through the real command line, with real clients."""

from __future__ import annotations

import shutil
import socket

import pytest

from tests.support.asking import Host, allow, asked, host, place, questions
from tests.support.attack import Attack
from tests.support.proxy import RunningProxy

__all__ = ["host", "place"]  # fixtures

CATALOG = "".join([f'[{name}]\nlike = "{name}"\nproxy = "msh"\n' for name in ("curl", "node", "python3")])
OWN = ("--catalog", "own.toml")


@pytest.fixture(autouse=True)
def catalog(place: Attack) -> None:
    (place.directory / "own.toml").write_text(CATALOG)


FETCH = "import os, urllib.request as r; del os.environ['no_proxy'], os.environ['NO_PROXY']; print(r.urlopen('http://{}').read())"
NODE = """
const http = require("http")
const proxy = new URL(process.env.HTTP_PROXY)
const target = process.argv[2]
http.request({host: proxy.hostname, port: proxy.port, method: "CONNECT", path: target, headers: {host: target}})
  .on("connect", (response, socket) => {
    if (response.statusCode != 200) { console.log(response.statusCode); return socket.end() }
    http.get({createConnection: () => socket, headers: {host: target}},
             (answer) => answer.on("data", (data) => process.stdout.write(data)))
  }).end()
"""


@pytest.mark.parametrize("client", ["curl", "curl -p", "python3", "node"])
def test_clients(place: Attack, host: Host, client: str) -> None:
    """The same question as for any connection: about the name, then about where it leads if that is no public host."""
    if client == "node" and shutil.which("node") is None:
        pytest.skip("no node here")
    target = f"localhost:{host.port}"
    (place.directory / "p.py").write_text(FETCH.format(target))
    (place.directory / "p.js").write_text(NODE)
    script = {"python3": "python3 -I p.py", "node": f"node p.js {target}"}.get(
        client, f"{client} -sS --noproxy nothing http://{target}/"
    )
    ran = place.msh(*OWN, "--allow-net", "localhost", "-c", script)
    assert (b"hello" in ran.stdout, host.count) == (True, 1), ran.output.decode()
    ran = asked(place, "w\nb\nb\n", script, *OWN, "--net=ask")
    assert questions(ran)[:2] in ([allow("localhost"), allow(one)] for one in ("::1", "127.0.0.1"))
    assert (b"hello" in ran.stdout, host.count) == (False, 1), ran.output.decode()
    ran = asked(place, "b\n", script, *OWN, "--net=ask")
    assert (questions(ran), host.count) == ([allow("localhost")], 1), ran.output.decode()


def test_an_address(place: Attack, host: Host) -> None:
    script = f"curl -sS --noproxy nothing http://127.0.0.1:{host.port}/"
    ran = asked(place, "w\n", f"{script}; {script}", *OWN, "--net=ask")
    assert (ran.stdout, questions(ran)) == (b"hello\n" * 2, [allow("127.0.0.1")]), ran.stderr.decode()
    ran = place.msh(*OWN, "--net=ask", "-c", f"{script} -w '%{{http_code}}'")
    assert (b"403" in ran.stdout, host.count) == (True, 2)


def test_connections_past_it_are_asked_as_ever(place: Attack, host: Host) -> None:
    ran = asked(place, "b\n", f"curl -sS http://127.0.0.1:{host.port}/", *OWN, "--net=ask")
    assert (ran.status, questions(ran), host.count) == (7, [allow("127.0.0.1")], 0)


def test_it_leads_on_to_the_proxy_of_the_run(place: Attack, host: Host) -> None:
    proxy = RunningProxy("socks5")
    script = f"curl -sS http://a.test:{host.port}/"
    ran = place.msh(*OWN, "--allow-net", "a.test", "--proxy", proxy.url, "-c", script)
    assert (ran.stdout, proxy.asked) == (b"hello\n", [f"a.test:{host.port}"]), ran.stderr.decode()
    proxy.close()


SMUGGLED = r"""
import socket, ssl, sys
port = sys.argv[1]
heads = [
    "CONNECT 0x7f000001:{port} HTTP/1.1\r\n\r\n",
    "CONNECT 2130706433:{port} HTTP/1.1\r\n\r\n",
    "CONNECT 127.1:{port} HTTP/1.1\r\n\r\n",
    "CONNECT 127.0.0.1:{other} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
    "CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: evil.test:{port}\r\n\r\n",
    "CONNECT 127.0.0.1:{other} HTTP/1.1\r\n\r\n",
    "CONNECT 127.0.0.1\r\nX: :{port} HTTP/1.1\r\n\r\n",
    "CONNECT evil.test%0d%0aX:{port} HTTP/1.1\r\n\r\n",
    "CONNECT allowed@evil.test:{port} HTTP/1.1\r\n\r\n",
    "GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    "GET http://127.0.0.1:{port}@evil.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    "GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n" + "X: y\r\n" * 4000 + "\r\n",
    "CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\nGET / HTTP/1.1\r\nHost: evil.test\r\n\r\n",
]
def hello(name):
    outgoing = ssl.MemoryBIO()
    try: ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError: return outgoing.read().decode("latin-1")
heads.append("CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n" + hello("evil.test"))
for head in heads:
    one = socket.create_connection(("127.0.0.1", 3128))
    one.sendall(head.replace("{port}", port).replace("{other}", str(int(port) - 1)).encode("latin-1"))
    answer = b""
    while data := one.recv(9999):
        answer += data
    print([part.split()[1].decode() for part in answer.split(b"\r\n\r\n") if part.startswith(b"HTTP/1.1")])
"""


@pytest.mark.escape(76)
def test_smuggling(place: Attack, host: Host) -> None:
    """Another spelling, another host in a header or in what is sent, and requests that are none."""
    (place.directory / "p.py").write_text(SMUGGLED)
    rule = f"127.0.0.1:{host.port}"
    ran = place.msh(*OWN, "--net=ask", "--allow-net", rule, "-c", f"python3 -I p.py {host.port}")
    statuses = ["403"] * 6 + ["400"] * 3 + ["403", "400", "431"]
    assert ran.stdout.decode().splitlines() == [
        *[f"['{one}']" for one in statuses],
        "['200', '403']",
        "['200', '403']",
    ], ran.output
    assert host.heard == [], ran.output


SLOW = """
import socket, threading
held = [socket.create_connection(("127.0.0.1", 3128)) for _ in range(200)]
for one in held: one.sendall(b"CONNECT a.test:1 HTTP/1.1\\r\\nX: ")
print("held", flush=True)
held[0].recv(99)
"""


@pytest.mark.escape(76)
def test_slow_requests_hold_up_nobody_else(place: Attack, host: Host) -> None:
    """Another step's connections go on while one step fills its own proxy with requests that do not end."""
    (place.directory / "p.py").write_text(SLOW)
    curl = f"curl -sS --noproxy nothing http://127.0.0.1:{host.port}/"
    script = f'coproc python3 -I p.py; read -r held <&"${{COPROC[0]}}"; {curl}; echo $held; kill $COPROC_PID'
    ran = place.msh(*OWN, "--net=ask", "--allow-net=127.0.0.1", "-c", script)
    assert ran.stdout == b"hello\nheld\n", ran.output


@pytest.mark.escape(72)
def test_a_name_never_covers_an_inner_address(place: Attack, host: Host) -> None:
    """What a rule allows by name is asked again, by address, when the name leads to this host."""
    (place.directory / "p.toml").write_text(
        'version = 1\n[[rules]]\nanswer = "allow"\nkind = "connect"\nhost = "localhost"\n'
    )
    script = f"curl -sS --noproxy nothing -w '%{{http_code}}' http://localhost:{host.port}/"
    ran = place.msh(*OWN, "--policy=p.toml", "-c", script)
    assert (ran.stdout[-3:], host.count) == (b"403", 0), ran.output
    ran = asked(place, "w\n", script, *OWN, "--policy=p.toml", "--deny-net=::1", "--net=ask")
    assert (questions(ran), ran.stdout) == ([allow("127.0.0.1")], b"hello\n200"), ran.output


def test_an_entry_names_a_proxy(place: Attack, host: Host) -> None:
    """Whatever else the run says, and also in what another command runs; where that cannot be held, nothing runs."""
    proxy = RunningProxy("http")
    (place.directory / "own.toml").write_text(f'[curl]\nlike = "curl"\nproxy = "{proxy.url}/"\n')
    script = f"curl -sS http://a.test:{host.port}/; env curl -sS http://a.test:{host.port}/"
    ran = place.msh(*OWN, "--allow-net", "a.test", "--proxy", "socks5://127.0.0.1:1", "-c", script)
    assert (ran.stdout, proxy.asked) == (b"hello\n" * 2, [f"a.test:{host.port}"] * 2), ran.stderr.decode()
    (place.directory / "s.sh").write_text(script)
    ran = place.msh("check", "--grants", *OWN, "s.sh")
    assert ran.stdout.decode().count(f"  proxy    {proxy.url}\n") == 2, ran.output.decode()
    ran = place.msh(*OWN, "--net=host", "-c", f"curl -sS http://127.0.0.1:{host.port}/")
    assert (ran.stdout, host.count, b"MSH458" in ran.stderr) == (b"", 2, True), ran.output
    proxy.close()


def test_it_ends_with_the_step(place: Attack, host: Host) -> None:
    """Nothing of it is left, and another step has one of its own."""
    script = f"curl -sS --noproxy nothing http://127.0.0.1:{host.port}/;" * 3
    ran = place.msh(*OWN, "--allow-net=127.0.0.1", "-c", script)
    assert ran.stdout == b"hello\n" * 3
    with socket.socket() as one:
        assert one.connect_ex(("127.0.0.1", 3128)) != 0  # never on the host
