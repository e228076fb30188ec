"""A proxy on the loopback interface that speaks CONNECT and SOCKS 5, and keeps what it was asked for."""

from __future__ import annotations

import socket
import threading


class RunningProxy:
    """Leads every name that ends with `.test` to this host; `asked` has `HOST:PORT` of each request, allowed or not."""

    def __init__(self, kind: str, refuses: bool = False) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"{kind}://127.0.0.1:{self.server.getsockname()[1]}"
        self.asked: list[str] = []
        self._refuses = refuses
        self._speak = {"http": self._connect, "socks5": self._socks}[kind]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """No more."""
        if self.server.fileno() >= 0:
            self.server.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts, which would hold it open
            self.server.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def _one(self, client: socket.socket) -> None:
        client.settimeout(20)
        with client:
            good, bad = self._speak(client)
            if self._refuses:
                client.sendall(bad)
                return
            host, _, port = self.asked[-1].rpartition(":")
            there = "127.0.0.1" if host.endswith(".test") else host
            with socket.create_connection((there, int(port)), 5) as target:
                client.sendall(good)
                other = threading.Thread(target=_pump, args=(target, client), daemon=True)
                other.start()
                _pump(client, target)
                other.join(20)

    def _connect(self, client: socket.socket) -> tuple[bytes, bytes]:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        self.asked.append(head.split()[1].decode())
        return b"HTTP/1.1 200 OK\r\nVia: test\r\n\r\n", b"HTTP/1.1 403 Not from here\r\n\r\n"

    def _socks(self, client: socket.socket) -> tuple[bytes, bytes]:
        assert client.recv(99) == b"\5\1\0"
        client.sendall(b"\5\0")
        request = client.recv(999)
        host = {1: lambda: socket.inet_ntoa(request[4:8]), 3: lambda: request[5:-2].decode()}[request[3]]()
        self.asked.append(f"{host}:{int.from_bytes(request[-2:], 'big')}")
        return b"\5\0\0\1" + bytes(6), b"\5\2\0\1" + bytes(6)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(9999):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return  # either end has gone
