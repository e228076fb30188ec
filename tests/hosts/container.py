"""A host that is a container: the same packages and project as a machine's, in an Engine that the tests start."""

from __future__ import annotations

import io
import stat
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.hosts.image import Entry, packages, project
from tests.support.docker_engine import Engine, engine

IMAGE = "msh-hosts/debian:1"


def run(commands: Iterable[tuple[str, tuple[str, ...], str, str]], log: Path) -> Iterator[tuple[str, int]]:
    """Each (name, options of `docker run`, user, command for sh) in a container; its name and status."""
    with engine() as made, log.open("wb") as target:
        _import(made)
        for name, options, user, command in commands:
            argv = ["docker", "--host", made.host, "run", "--rm", "--network=none", f"--user={user}", *options]
            argv += ["--env=PYTHONPATH=/project:/packages", "--env=HOME=/tmp", "--workdir=/project", IMAGE, "sh", "-c"]
            target.write(f"\n==== begin {name}\n".encode())
            target.flush()
            done = subprocess.run([*argv, command], stdin=subprocess.DEVNULL, stdout=target, stderr=target, check=False)
            target.write(f"\n==== end {name}: status {done.returncode}\n".encode())
            yield name, done.returncode


def _import(made: Engine) -> None:
    with subprocess.Popen(["docker", "--host", made.host, "import", "-", IMAGE], stdin=subprocess.PIPE) as importing:
        assert importing.stdin is not None
        with tarfile.open(fileobj=importing.stdin, mode="w|") as archive:
            entries = {entry.name: entry for entry in (*_read(packages("amd64")), *project())}  # each name once
            for entry in entries.values():
                _add(archive, entry)
        importing.stdin.close()
    assert importing.returncode == 0


def _add(archive: tarfile.TarFile, entry: Entry) -> None:
    kinds = {stat.S_IFDIR: tarfile.DIRTYPE, stat.S_IFLNK: tarfile.SYMTYPE, stat.S_IFREG: tarfile.REGTYPE}
    found = tarfile.TarInfo(entry.name)
    found.type, found.mode = kinds[stat.S_IFMT(entry.mode)], stat.S_IMODE(entry.mode)
    found.uid, found.gid, found.mtime = entry.uid, entry.gid, entry.time
    if found.issym():
        found.linkname = entry.data.decode()
        archive.addfile(found)
    else:
        found.size = len(entry.data)
        archive.addfile(found, io.BytesIO(entry.data))


def _read(path: Path) -> Iterator[Entry]:
    """The entries of an archive that `write_archive` wrote."""
    with path.open("rb") as file:
        while head := file.read(110):
            fields = [int(head[6 + 8 * at : 14 + 8 * at], 16) for at in range(13)]
            _, mode, uid, gid, _, time, size, *_, length, _ = fields
            name = file.read(-(-(110 + length) // 4) * 4 - 110)[: length - 1].decode()
            data = file.read(-(-size // 4) * 4)[:size]
            if name == "TRAILER!!!":
                return
            yield Entry(name, mode, data, uid, gid, time)
