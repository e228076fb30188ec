"""The process that stands for a container: a child of msh with the step's kernel pipes as 0, 1 and 2.

It is forked, so it keeps to itself: every other descriptor is closed first (a pipe's write end that stays open here
would keep its reader waiting). A second process watches it and removes the container if this one is killed.
"""

from __future__ import annotations

import os
import select
import signal
import sys

from msh.diagnostics import Diagnostic
from msh.sandbox.descriptors import keep
from msh.sandbox.docker import tmpfs_options
from msh.sandbox.docker_filter import profile

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from typing import NoReturn

    from docker import APIClient

    from msh.sandbox.docker import ContainerPlan

FORWARDED = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
)
_CHUNK = 65536
_PATIENCE = 60 * 60 * 24 * 365  # seconds: a request that waits for the container's end has no deadline of its own
_HEADER = 8  # of a frame of the attach stream: stream number, three zero bytes, length (Engine API, ContainerAttach)


def stand_for(plan: ContainerPlan, fds: Mapping[int, int], report: int, parent: int) -> NoReturn:
    """Run the container to its end and exit with its status; never returns into the caller's frames."""
    status = 126
    try:
        os.setpgid(0, 0)
        report = _take_over(fds, report)
        status = _run(plan, report, parent)
    except _Refused as refusal:
        from msh.render import report as show

        show((refusal.diagnostic,))
        os.write(report, b"invalid")
    except BrokenPipeError:
        status = 128 + signal.SIGPIPE
    finally:
        if status == 126 and sys.exc_info()[0] is not None:
            sys.excepthook(*sys.exc_info())
        os._exit(status)


class _Refused(Exception):
    """The Engine is not there, or will not make this container."""

    def __init__(self, code: str, message: str, cure: str) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, help=cure)


def _take_over(fds: Mapping[int, int], report: int) -> int:
    """Make 0, 1 and 2 the step's and close all the rest; the report pipe's new number."""
    report = keep(report)
    sources = {number: keep(os.dup(ours)) if ours >= 0 else -1 for number, ours in fds.items()}
    for number, source in sources.items():
        if source >= 0:
            os.dup2(source, number)
        else:
            closed = os.open("/dev/null", os.O_WRONLY if number == 0 else os.O_RDONLY)
            os.dup2(closed, number)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) != report:
            try:
                os.close(int(name))
            except OSError:
                continue  # the listing's own
    return report


def _run(plan: ContainerPlan, report: int, parent: int) -> int:
    if os.getresuid()[2] == 0 and os.geteuid() != 0:
        os.seteuid(0)  # the run became the workspace's owner; the Engine's socket is root's
    client = _connect()
    name = f"msh-{os.urandom(8).hex()}"
    watch = os.pidfd_open(parent)
    lifeline = _guard(client, name)
    _create(client, name, plan)
    pending: list[int] = []
    for forwarded in FORWARDED:
        signal.signal(forwarded, lambda got, _frame: pending.append(got))
    stream = client.attach_socket(name, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
    client.start(name)
    pump = _Pump(client, name, getattr(stream, "_sock", stream), watch, pending)
    pump.run()
    status = int(client.wait(name)["StatusCode"])
    if client.inspect_container(name)["State"].get("OOMKilled"):
        os.write(report, b"oom")
    client.remove_container(name, force=True)
    os.write(lifeline, b"done")
    return 128 + signal.SIGPIPE if pump.broken else status


def _connect() -> APIClient:
    import docker
    from docker.errors import DockerException

    host = os.environ.get("DOCKER_HOST")
    try:
        client = docker.APIClient(base_url=host, version="auto", timeout=_PATIENCE)
    except DockerException as error:
        cure = "start the Docker Engine, or set `DOCKER_HOST`"
        raise _Refused("MSH448", f"no Docker Engine answers: {error}", cure) from None
    return client


def _guard(client: APIClient, name: str) -> int:
    """Fork a process that removes the container when this one ends without saying `done`; the pipe to say it."""
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            os.setsid()
            for ignored in (*FORWARDED, signal.SIGPIPE):
                signal.signal(ignored, signal.SIG_IGN)
            os.close(write)
            for number in (0, 1, 2):
                os.close(number)
            if os.read(read, 4) != b"done":
                client.close()  # the parent's connection
                _connect().remove_container(name, force=True, v=True)
        finally:
            os._exit(0)
    os.close(read)
    return write


def _create(client: APIClient, name: str, plan: ContainerPlan) -> None:
    from docker.errors import APIError, ImageNotFound
    from docker.types import LogConfig, Mount, Ulimit

    mounts = [Mount(m.target, m.source, type="bind", read_only=not m.writable) for m in plan.binds]
    host = client.create_host_config(
        mounts=mounts,
        tmpfs={m.target: f"nosuid,nodev,{tmpfs_options(m, plan.disk)}" for m in plan.scratch},
        read_only=True,
        network_mode="bridge" if plan.network else "none",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges", f"seccomp={profile(network=plan.network)}"],
        init=True,
        log_config=LogConfig(type="none"),
        mem_limit=plan.memory,
        memswap_limit=plan.memory,
        pids_limit=plan.pids,
        nano_cpus=None if plan.cpus is None else int(plan.cpus * 1e9),
        ulimits=[Ulimit(name=name, soft=value, hard=value) for name, value in plan.ulimits.items()],
    )
    try:
        client.create_container(
            plan.image,
            entrypoint=[plan.arguments[0]],
            command=list(plan.arguments[1:]),
            name=name,
            user=plan.user,
            hostname="msh",
            environment=dict(plan.environment),
            working_dir=plan.directory,
            stdin_open=True,
            labels={"msh": "step"},
            host_config={**host, "StdinOnce": True},
        )
    except ImageNotFound:
        raise _Refused("MSH449", f"the image `{plan.image}` is not here", f"`docker pull {plan.image}`") from None
    except APIError as error:
        raise _Refused(
            "MSH449", f"the Docker Engine refuses: {error.explanation}", "`docker info` may say more"
        ) from None


class _Pump:
    """Moves bytes both ways until the container's output ends."""

    def __init__(self, client: APIClient, name: str, stream: socket.socket, watch: int, pending: list[int]) -> None:
        self.client = client
        self.name = name
        self.stream = stream
        self.watch = watch
        self.pending = pending
        self.input = b""  # read from our standard input, not yet taken by the Engine
        self.input_open = True
        self.output = b""  # frames not yet complete
        self.broken = False

    def run(self) -> None:
        """Until end of file from the Engine."""
        self.stream.setblocking(False)
        while True:
            while self.pending:
                self.client.kill(self.name, self.pending.pop(0))
            ready = self._wait()
            if self.watch in ready:
                self.client.kill(self.name, signal.SIGKILL)  # msh itself is gone
            if 0 in ready:
                self._read_input()
            number = self.stream.fileno()
            if ready.get(number, 0) & select.POLLOUT:
                self._send()
            if ready.get(number, 0) & ~select.POLLOUT and not self._receive():
                return

    def _wait(self) -> dict[int, int]:
        poll = select.poll()
        poll.register(self.watch, select.POLLIN)
        poll.register(self.stream.fileno(), select.POLLIN | (select.POLLOUT if self.input else 0))
        if self.input_open and not self.input:
            poll.register(0, select.POLLIN)
        return dict(poll.poll(200))  # a signal that comes just before must not wait for long

    def _read_input(self) -> None:
        try:
            self.input = os.read(0, _CHUNK)
        except OSError:
            self.input = b""
        if not self.input:
            self.input_open = False
            self._end_input()

    def _send(self) -> None:
        try:
            self.input = self.input[self.stream.send(self.input) :]
        except BlockingIOError:
            return
        except OSError:  # the container has closed its standard input
            self.input, self.input_open = b"", False

    def _end_input(self) -> None:
        import socket

        try:
            self.stream.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def _receive(self) -> bool:
        try:
            data = self.stream.recv(_CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.output += data
        while len(self.output) >= _HEADER:
            length = int.from_bytes(self.output[4:_HEADER], "big")
            if len(self.output) < _HEADER + length:
                break
            self._write(self.output[0], self.output[_HEADER : _HEADER + length])
            self.output = self.output[_HEADER + length :]
        return bool(data)

    def _write(self, number: int, data: bytes) -> None:
        view = memoryview(data)
        while view and not self.broken:
            try:
                view = view[os.write(2 if number == 2 else 1, view) :]
            except BrokenPipeError:
                self.broken = True
                self.client.kill(self.name, signal.SIGKILL)
