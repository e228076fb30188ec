"""A Docker Engine of the tests' own: a socket, data and state in a temporary directory, no bridge, no firewall rules.

`engine()` starts `dockerd` and builds one small image from a static busybox. Where that cannot be, `Unavailable`
says why. As root on Debian or Ubuntu, what is missing is installed (`docker.io`, `busybox-static`).
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGES = {"dockerd": "docker.io", "busybox": "busybox-static"}
IMAGE = "msh-test/busybox:1"
APPLETS = "cat echo env false head id kill ls mount sh sleep sort touch true wc wget".split()
SECONDS = 60


class Unavailable(Exception):
    """Why no engine can be started here."""


@dataclass(frozen=True)
class Engine:
    """A running engine. `host` is for `DOCKER_HOST`."""

    host: str
    log: Path


@contextmanager
def engine() -> Iterator[Engine]:
    """A fresh engine with the image `IMAGE`; stopped at the end."""
    if os.geteuid() != 0:
        raise Unavailable("an engine needs root")
    for program, package in PACKAGES.items():
        _install(program, package)
    # Not below pytest's directory: a socket's name must be short.
    top = Path(tempfile.mkdtemp(prefix="msh-engine-"))
    process = None
    try:
        process = _start(top)
        _import_image(f"unix://{top}/socket")
        yield Engine(f"unix://{top}/socket", top / "log")
    finally:
        if process is not None:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        _unmount(top)
        shutil.rmtree(top, ignore_errors=True)


def _install(program: str, package: str) -> None:
    if shutil.which(program) is None and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-qq", "--no-install-recommends", package], capture_output=True)
    if shutil.which(program) is None:
        raise Unavailable(f"`{program}` is not installed (Debian: `apt install {package}`)")


def _start(top: Path) -> subprocess.Popen[bytes]:
    """dockerd until it answers. The vfs driver needs nothing of the file system below it."""
    log = (top / "log").open("wb")
    options = {"data-root": "data", "exec-root": "exec", "pidfile": "pid"}
    argv = ["dockerd", *[f"--{name}={top}/{path}" for name, path in options.items()], f"--host=unix://{top}/socket"]
    argv += ["--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=vfs"]
    with log:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        if _answers(top / "socket"):
            return process
        time.sleep(0.2)
    process.kill()
    process.wait()
    last = (top / "log").read_text(errors="replace").strip().splitlines()[-1:]
    raise Unavailable(f"dockerd does not start: {''.join(last)}")


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        if client.connect_ex(str(path)) != 0:
            return False
        client.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
        return b" 200 " in client.recv(100)


def _import_image(host: str) -> None:
    """An image of one file: a static busybox and its applets as links."""
    import docker

    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        directory = tarfile.TarInfo("bin")
        directory.type, directory.mode = tarfile.DIRTYPE, 0o755  # one that is only implied would be root's alone
        archive.addfile(directory)
        archive.add(shutil.which("busybox") or "", "bin/busybox")
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    client = docker.APIClient(base_url=host, version="auto", timeout=SECONDS)
    repository, _, tag = IMAGE.rpartition(":")
    client.import_image_from_data(data.getvalue(), repository=repository, tag=tag)
    client.close()


def _unmount(top: Path) -> None:
    """What the engine left mounted below its directory, innermost first."""
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for path in sorted([path for path in mounts if path.startswith(f"{top}/")], key=len, reverse=True):
        subprocess.run(["umount", "--lazy", path], capture_output=True)
