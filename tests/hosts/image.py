"""What a machine starts from: Debian packages, and this project, as archives that a kernel unpacks into memory.

Everything is in memory, so a machine needs no disk, no driver and no share, and nothing of it outlives it. Packages are
fetched once (`mmdebstrap`, which verifies them) and kept in `.cache/hosts`; the project is packed for each start.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests.support.attack import ROOT

CACHE = ROOT / ".cache/hosts"
SUITE = "bookworm"
#: What is needed to run msh and its tests; kept small, since all of it lies in memory. What Debian takes for granted is
#: named too: where packages are only unpacked, nothing is.
PACKAGES = (
    "bash bubblewrap busybox coreutils dash diffutils findutils gawk grep gzip hostname iproute2 kmod libc-bin login "
    "mount ncurses-base netcat-openbsd passwd perl-base procps python3 python3-hypothesis sed tar util-linux"
).split()
SERVICES = ["dbus", "dbus-user-session", "libpam-systemd", "systemd", "systemd-sysv"]
LEFT_OUT = (
    "boot/",
    "var/cache/",
    "var/lib/apt/",
    *[f"usr/share/{name}/" for name in ("doc", "info", "locale", "man", "zoneinfo")],
)
MERGED = (
    "bin",
    "lib",
    "lib64",
    "sbin",
)  # links to /usr; packages that are only unpacked still have them as directories
#: Python packages that the tests import besides, all of them without machine code.
PURE = (
    "_pytest iniconfig lark packaging pexpect pluggy ptyprocess py.py pygments pyte pytest pytest_timeout.py wcwidth"
).split()
#: Of the kernel's, what a disk, a file system on it, and layers need.
MODULES = tuple(
    f"/{name}.ko"
    for name in "overlay virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk crc16 "
    "crc32c_generic crc32c-intel libcrc32c mbcache jbd2 ext4".split()
)
CLOUD = {"amd64": "linux-image-cloud-amd64", "arm64": "linux-image-cloud-arm64"}


@dataclass(frozen=True)
class Kernel:
    """A kernel and what of its modules is needed."""

    image: Path
    modules: Path


def packages(architecture: str) -> Path:
    """The archive of a system's packages. On another architecture they are unpacked and not configured."""
    archive = CACHE / f"{SUITE}-{architecture}.cpio"
    if not archive.exists():
        own = subprocess.run(
            ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
        ).stdout.strip()
        variant, more = ("apt", SERVICES) if architecture == own else ("extract", [])
        tarball = _fetch(SUITE, architecture, variant, [*PACKAGES, *more])
        with tarfile.open(tarball) as source, _written(archive) as target:
            links = [Entry(name, stat.S_IFLNK | 0o777, f"usr/{name}".encode()) for name in MERGED]
            found = [entry for entry in _entries(source) if not entry.name.startswith(LEFT_OUT)]
            found.sort(
                key=lambda entry: (not stat.S_ISDIR(entry.mode), entry.name)
            )  # directories before what is in them
            write_archive(target, [*found, *links])
        tarball.unlink()
    return archive


def kernel(suite: str, architecture: str) -> Kernel:
    """Debian's kernel for virtual machines of a release."""
    found = Kernel(CACHE / f"linux-{suite}-{architecture}", CACHE / f"modules-{suite}-{architecture}.cpio")
    if not found.modules.exists():
        tarball = _fetch(suite, architecture, "extract", [CLOUD[architecture]])
        with tarfile.open(tarball) as source:
            entries = list(_entries(source))
            found.image.write_bytes(next(entry.data for entry in entries if entry.name.startswith("boot/vmlinuz-")))
            with _written(found.modules) as target:
                write_archive(target, [*directories(["modules"]), *_modules(entries)])
        tarball.unlink()
    return found


def _modules(entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        if entry.name.endswith(MODULES):
            yield Entry(f"modules/{Path(entry.name).name}", entry.mode, entry.data)


def project() -> Iterator[Entry]:
    """This project as it is in the checkout, changes included, below /project; the tests' packages in /packages."""
    argv = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(argv, capture_output=True, check=True).stdout.decode().split("\0")
    yield from _tree(ROOT, [name for name in names if name and not name.startswith("examples/")], "project")
    library = Path(sysconfig.get_path("purelib"))
    for top in PURE:
        path = library / top
        files = (
            [path] if path.is_file() else [each for each in path.rglob("*") if each.suffix in (".py", ".txt", ".lark")]
        )
        yield from _tree(library, [str(each.relative_to(library)) for each in files], "packages")


# ---- archives -----------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One name: `mode` with the type, `data` a file's content or a link's target."""

    name: str
    mode: int
    data: bytes = b""
    uid: int = 0
    gid: int = 0
    time: int = 0


def write_archive(target: BinaryIO, entries: Iterable[Entry]) -> None:
    """The format `newc` of cpio(5), as the kernel reads it; archives may follow each other."""
    trailer = Entry("TRAILER!!!", 0)
    for number, entry in enumerate((*entries, trailer), 1):
        name = entry.name.encode() + b"\0"
        fields = (number, entry.mode, entry.uid, entry.gid, 1, entry.time, len(entry.data), 0, 0, 0, 0, len(name), 0)
        head = b"070701" + b"".join([b"%08x" % field for field in fields]) + name
        target.write(_padded(head) + _padded(entry.data))


def directories(names: Iterable[str]) -> list[Entry]:
    """Directories that everybody may enter."""
    return [Entry(name, stat.S_IFDIR | 0o755) for name in names]


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _entries(source: tarfile.TarFile) -> Iterator[Entry]:
    for member in source:
        name = member.name.removeprefix("./").strip("/")
        if name in ("", ".", *MERGED):
            continue
        if name.partition("/")[0] in MERGED:
            name = f"usr/{name}"
        kind, data = stat.S_IFREG, b""
        if member.isdir():
            kind = stat.S_IFDIR
        elif member.issym():
            kind, data = stat.S_IFLNK, member.linkname.encode()
        elif member.isreg() or member.islnk():
            opened = source.extractfile(member)
            data = b"" if opened is None else opened.read()
        else:
            continue  # a machine makes its own devices
        yield Entry(name, kind | member.mode, data, member.uid, member.gid, int(member.mtime))


def _tree(top: Path, names: list[str], below: str) -> Iterator[Entry]:
    """Files, and the directories that they need."""
    made = {parent for name in names for parent in Path(name).parents if str(parent) != "."}
    yield from directories([below, *[f"{below}/{parent}" for parent in sorted(made)]])
    for name in names:
        path = top / name
        if path.is_symlink():
            yield Entry(f"{below}/{name}", stat.S_IFLNK | 0o777, os.readlink(path).encode())
        elif path.is_file():
            found = path.stat()
            mode = stat.S_IFREG | 0o644 | (found.st_mode & 0o111)
            yield Entry(f"{below}/{name}", mode, path.read_bytes(), time=int(found.st_mtime))


class _written:
    """A file that has its name once it is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> BinaryIO:
        self._file = self._path.with_suffix(".new").open("wb")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if kind is None:
            self._path.with_suffix(".new").replace(self._path)


def _fetch(suite: str, architecture: str, variant: str, names: list[str]) -> Path:
    """A tarball of packages with all that they depend on."""
    CACHE.mkdir(parents=True, exist_ok=True)
    tarball = CACHE / f"{suite}-{architecture}.tar"
    options = [f"--variant={variant}", f"--architecture={architecture}", f"--include={','.join(names)}"]
    subprocess.run(["mmdebstrap", "--quiet", *options, suite, str(tarball), _mirror()], check=True)
    return tarball


def _mirror() -> str:
    """Where this host has its own packages from; releases that are past have no other place there any more."""
    argv = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"]
    found = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    return next(line.split()[0] for line in found if "-" not in line.split()[1])
