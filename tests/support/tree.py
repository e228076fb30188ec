"""A small tree of files for commands to work on: one of each kind that the everyday commands take."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path

TEXT = "pear 3\napple 1\nplum 2\napple 1\n"
FILES = {
    "a.txt": TEXT,
    "b.txt": "apple 5\nquince 4\n",
    "s1.txt": "apple 1\npear 3\n",
    "s2.txt": "apple 5\nquince 4\n",
    "d/c.txt": "cherry\n",
    "d/e/f.txt": "fig\n",
    "names": "a.txt\nb.txt\n",
    "names0": "a.txt\0b.txt\0",
    "patterns": "apple\n",
    "prog.sed": "s/apple/orange/\n",
    "prog.awk": "{ n += $2 } END { print n }\n",
    "prog.jq": ".items[]\n",
    "prog.py": "import sys; print(open(sys.argv[1]).read())\n",
    "prog.pl": "print 1;\n",
    "prog.js": "console.log(1)\n",
    "prog.c": "int main(void) { return 0; }\n",
    "prog.bc": "1 + 2\n",
    "Makefile": "out.txt: a.txt\n\tcp a.txt out.txt\n",
    "data.json": '{"items": [1, 2]}\n',
    "data.csv": "a,b\n1,2\n",
    "new.txt": TEXT.replace("plum", "prune"),
    "magic": "0 string pear pear file\n",
    "hex": "00000000: 6162 630a  abc.\n",
    "script.sh": "echo hi\n",
    "m4": "hi\n",
}


def make_tree(root: Path) -> None:
    """Fill a directory that does not exist yet."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "empty").mkdir()
    (root / "link").symlink_to("a.txt")
    (root / "in.gz").write_bytes(gzip.compress(TEXT.encode()))
    (root / "in.bz2").write_bytes(bz2.compress(TEXT.encode()))
    (root / "in.xz").write_bytes(lzma.compress(TEXT.encode()))
    (root / "in.lzma").write_bytes(lzma.compress(TEXT.encode(), lzma.FORMAT_ALONE))
    (root / "a.png").write_bytes(_png(3, 2))
    _archives(root)
    _made_by_programs(root)


def _archives(root: Path) -> None:
    for name, mode in (("in.tar", "w"), ("in.tgz", "w:gz"), ("in.tar.xz", "w:xz")):
        with tarfile.open(root / name, mode) as archive:  # type: ignore[call-overload]
            info = tarfile.TarInfo("x/packed.txt")
            info.size = len(TEXT)
            archive.addfile(info, io.BytesIO(TEXT.encode()))
    with zipfile.ZipFile(root / "in.zip", "w") as packed:
        packed.writestr("x/packed.txt", TEXT)


def _made_by_programs(root: Path) -> None:
    """What no library here makes; a command line that needs one of these runs only where the program is."""

    def run(*argv: str, given: str = "") -> None:
        if shutil.which(argv[0]):
            subprocess.run(argv, cwd=root, input=given.encode(), check=True, capture_output=True)

    run("zstd", "-q", "a.txt", "-o", "in.zst")
    run("cpio", "-o", "--quiet", "-O", "in.cpio", given="a.txt\nd/c.txt\n")
    run("sh", "-c", "diff -u a.txt new.txt > change.patch || :")
    run(
        "sh",
        "-c",
        "base64 a.txt > a.b64; md5sum a.txt > sums.md5; sha256sum a.txt > sums.sha256; cksum -a sha1 a.txt > sums",
    )
    run("ar", "rcs", "lib.a", "a.txt", "b.txt")
    run("gcc", "-c", "prog.c", "-o", "prog.o")
    run("gcc", "prog.c", "-o", "prog")
    run("openssl", "genrsa", "-out", "key.pem", "1024")
    run("openssl", "req", "-x509", "-new", "-key", "key.pem", "-subj", "/CN=x", "-out", "cert.pem")
    run("sqlite3", "data.db", "create table t (a); insert into t values (1);")
    run("git", "init", "-q", "repo")


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80\x40\x20" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
