"""What a launcher is asked to start and what it says about it, as values, and their form on a socket."""

from __future__ import annotations

import errno
import os
from marshal import dumps, loads

from msh.record import Record
from msh.sandbox.backend import Notify
from msh.sandbox.descriptors import memory_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Mapping

MOST_BYTES = 60_000  # of a message; what is longer travels in a memory file
MOST_DESCRIPTORS = 250  # of a message (SCM_MAX_FD is 253)


class View(Record):
    """What a sandbox of the server shows beyond what all show.

    `granted` are host paths and whether they can be written to; `operations` are carried out in their order, each
    (what, path, text, number): `mount` what was granted with that number, `scratch` an empty directory (1: for
    writing), `dir`, `link` to the text, `seal` what was made there. `narrow`: directories of programs are empty, and
    only the main one can be filled. `standing`: so are the places of the base that are.
    """

    network: bool
    directory: str
    granted: tuple[tuple[str, bool], ...] = ()
    operations: tuple[tuple[str, str, str, int], ...] = ()
    narrow: bool = False
    standing: bool = False


class Start(Record):
    """A process to start. Descriptors are numbers of whoever asks: `fds` maps the new process's numbers to them.

    `ignored` are the signals that it ignores; all others are at their default and none is blocked. It gets a process
    group of its own. With a `view` it is put in a sandbox of the server's own; else `program` makes one, or needs none.
    """

    program: str
    argv: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    fds: Mapping[int, int]
    ignored: frozenset[int] = frozenset()
    mask: int = 0o022
    limits: tuple[tuple[int, int, int], ...] = ()
    cgroups: tuple[int, ...] = ()  # descriptors of `cgroup.procs`, open for writing
    notify: Notify | None = None
    view: View | None = None

    @property
    def plain(self) -> bool:
        """Whether posix_spawn(3) can do it all."""
        return not (self.limits or self.cgroups or self.notify)


def pack(start: Start) -> tuple[bytes, list[int]]:
    """A request as bytes and the descriptors that go with them. In the bytes, they are places in that list."""
    descriptors: list[int] = []

    def place(number: int) -> int:
        descriptors.append(number)
        return len(descriptors) - 1

    notify = start.notify
    fields = (
        start.program,
        start.argv,
        start.environment,
        tuple([(number, place(ours)) for number, ours in start.fds.items()]),
        tuple([int(number) for number in start.ignored]),  # marshal takes no enum
        start.mask,
        start.limits,
        tuple([place(number) for number in start.cgroups]),
        None if notify is None else (notify.program, place(notify.socket), notify.tag),
        None if (view := start.view) is None else (*[getattr(view, name) for name in View.__match_args__],),
    )
    return dumps(fields), descriptors


def unpack(data: bytes, descriptors: list[int]) -> Start:
    """The request again, with the numbers that the descriptors have here."""
    program, argv, environment, fds, ignored, mask, limits, cgroups, notify, view = loads(data)
    return Start(
        program,
        argv,
        environment,
        {number: descriptors[place] for number, place in fds},
        frozenset(ignored),
        mask,
        limits,
        tuple([descriptors[place] for place in cgroups]),
        None if notify is None else Notify(notify[0], descriptors[notify[1]], notify[2]),
        None if view is None else View(*view),
    )


def send_request(channel: socket, control: int, start: Start) -> None:
    """Send a request whose control socket is `control`. Raises OSError: EMFILE for more descriptors than fit."""
    data, descriptors = pack(start)
    if len(descriptors) >= MOST_DESCRIPTORS:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    stored = -1
    try:
        if len(data) > MOST_BYTES:
            stored = memory_file(data)
            descriptors.append(stored)
            data = b""
        send(channel, data or b"memory", [control, *descriptors])
    finally:
        if stored >= 0:
            os.close(stored)


def receive_request(channel: socket) -> tuple[int, Start] | None:
    """The next request's control socket and what to start; None when nobody is left who could ask."""
    data, descriptors = receive(channel)
    if not descriptors:
        return None
    control, *rest = descriptors
    if data == b"memory":
        stored = rest.pop()
        data = os.pread(stored, os.fstat(stored).st_size, 0)
        os.close(stored)
    return control, unpack(data, rest)


def send(channel: socket, data: bytes, descriptors: list[int], flags: int = 0) -> None:
    """One message with descriptors."""
    from array import array

    channel.sendmsg([data], [(_SOL_SOCKET, _SCM_RIGHTS, array("i", descriptors))], flags)


def receive(channel: socket, flags: int = 0) -> tuple[bytes, list[int]]:
    """One message and its descriptors, which are closed by exec; nothing at the end."""
    from array import array

    data, ancillary, _, _ = channel.recvmsg(MOST_BYTES + 1, 4 * (MOST_DESCRIPTORS + 3) + 64, flags | _CLOEXEC)
    numbers = array("i")
    for level, kind, payload in ancillary:
        if level == _SOL_SOCKET and kind == _SCM_RIGHTS:
            numbers.frombytes(payload[: len(payload) - len(payload) % numbers.itemsize])
    return data, list(numbers)


_SOL_SOCKET, _SCM_RIGHTS, _CLOEXEC = 1, 1, 0x40000000  # the same on every Linux machine
