"""Which ports are taken in a step's network namespace (proc_net(5))."""

from __future__ import annotations

_LISTEN = "0A"


def listens(thread: int, port: int) -> bool:
    """Whether something listens on a port for streams."""
    return _has(thread, ("tcp", "tcp6"), port, _LISTEN)


def is_bound(thread: int, port: int) -> bool:
    """Whether something takes datagrams at a port."""
    return _has(thread, ("udp", "udp6"), port, "")


def _has(thread: int, tables: tuple[str, str], port: int, state: str) -> bool:
    wanted = f":{port:04X}"
    for name in tables:
        try:
            with open(f"/proc/{thread}/net/{name}") as file:
                next(file)
                for line in file:
                    words = line.split()
                    if words[1].endswith(wanted) and state in ("", words[3]):
                        return True
        except OSError:
            continue
    return False
