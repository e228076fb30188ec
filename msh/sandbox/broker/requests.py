"""What a proxy is asked, read strictly (RFC 9112): a request that two readers could take for two things is refused.

A name means the same to everybody or is refused: no other spelling of an address, no odd characters. The `Host` of a
request has to be its target. What is refused has a status: 400 for what is no request, 403 for what is not done.
"""

from __future__ import annotations

import re

from msh.hosts import host_in_url
from msh.record import Record

LONGEST = 16384  # bytes up to and with the empty line
END = b"\r\n\r\n"
_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP/1\.([01])")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*?)[ \t]*")
_ABSOLUTE = re.compile(rb"http://([^/?#@]*)([/?][!-~]*)?", re.IGNORECASE)
_AUTHORITY = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::([1-9][0-9]{0,4}))?")
#: For this connection only, not for the server (RFC 9110, 7.6.1).
_OF_THE_WAY = (b"connection", b"proxy-connection", b"proxy-authorization", b"keep-alive", b"te", b"upgrade")


class Request(Record):
    """Where to, and what the server is sent first: nothing for CONNECT. After that `left` bytes; None: nobody knows."""

    host: str
    port: int
    head: bytes = b""
    left: int | None = None

    @property
    def is_tunnel(self) -> bool:
        return not self.head


class BadRequest(Exception):
    """`status` is that of the response."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def read_request(head: bytes) -> Request:
    """A request up to and with its empty line. Raises BadRequest."""
    line, *lines = head.removesuffix(END).split(b"\r\n")
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadRequest(400, "no request of HTTP/1")
    method, target, minor = found.groups()
    fields = [_field(each) for each in lines]
    if method == b"CONNECT":
        host, port = _place(target, 0)
        _check_host(fields, host, port, port)
        return Request(host, port)
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        raise BadRequest(400, "a proxy takes CONNECT and `http://` only")
    host, port = _place(absolute[1], 80)
    _check_host(fields, host, port, 80)
    path = absolute[2] or b"/"
    first = b"%s %s HTTP/1.%s" % (method, path if path.startswith(b"/") else b"/" + path, minor)
    left = _length(fields)
    passed = [(name, value) for name, value in fields if name.lower() not in _OF_THE_WAY]
    if not any(name.lower() == b"host" for name, _ in fields):
        passed.insert(0, (b"Host", absolute[1]))
    passed.append((b"Connection", b"close"))  # a connection is for one request: the next may go elsewhere
    return Request(host, port, b"\r\n".join([first, *[b"%s: %s" % field for field in passed], b"", b""]), left)


def _field(line: bytes) -> tuple[bytes, bytes]:
    found = _FIELD.fullmatch(line)
    if found is None:
        raise BadRequest(400, "a header that is none")
    return found[1], found[2]


def _place(authority: bytes, port: int) -> tuple[str, int]:
    """Host and port; without a default port one must be there."""
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise BadRequest(400, "no host and port")
    host = host_in_url(found[1].decode("ascii"))
    if not host:
        raise BadRequest(403, "another spelling of an address, or no name")
    number = int(found[2] or port)
    if not 0 < number < 1 << 16:
        raise BadRequest(400, "no port")
    return host, number


def _check_host(fields: list[tuple[bytes, bytes]], host: str, port: int, default: int) -> None:
    """At most one `Host`, which is the target."""
    hosts = [value for name, value in fields if name.lower() == b"host"]
    if len(hosts) > 1:
        raise BadRequest(400, "more than one `Host`")
    if hosts and _place(hosts[0], default) != (host, port):
        raise BadRequest(403, "`Host` is not the target")


def _length(fields: list[tuple[bytes, bytes]]) -> int | None:
    """How many bytes follow the head; None for chunks. Raises BadRequest where it is said twice."""
    lengths = [value for name, value in fields if name.lower() == b"content-length"]
    codings = [value.lower() for name, value in fields if name.lower() == b"transfer-encoding"]
    if len(lengths) + len(codings) > 1 or codings not in ([], [b"chunked"]):
        raise BadRequest(400, "a length that can be read in two ways")
    if codings:
        return None
    if not lengths:
        return 0
    if not lengths[0].isdigit() or len(lengths[0]) > 18:
        raise BadRequest(400, "a length that is no number")
    return int(lengths[0])


def refusal(status: int, reason: str) -> bytes:
    """A response that ends the connection."""
    words = {400: "Bad Request", 403: "Forbidden", 408: "Request Timeout", 431: "Request Header Fields Too Large"}
    body = f"msh: {reason}\n".encode("ascii", "backslashreplace")
    head = f"HTTP/1.1 {status} {words.get(status, 'Bad Gateway')}\r\nContent-Type: text/plain\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode("ascii") + body
