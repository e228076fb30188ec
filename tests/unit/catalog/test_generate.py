"""The standard catalog: complete, up to date as a module, and cheap to look into."""

from __future__ import annotations

import subprocess
import sys

from msh.catalog import Catalog
from msh.catalog.builtins import BUILTINS, SPECIAL_BUILTINS
from msh.catalog.generate import main

COREUTILS = """
arch b2sum base32 base64 basename basenc cat chcon chgrp chmod chown chroot cksum comm cp csplit cut date dd
df dir dircolors dirname du echo env expand expr factor false fmt fold groups head hostid id install join link
ln logname ls md5sum mkdir mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste pathchk pinky pr
printenv printf ptx pwd readlink realpath rm rmdir runcon seq sha1sum sha224sum sha256sum sha384sum sha512sum
shred shuf sleep sort split stat stdbuf stty sum sync tac tail tee test timeout touch tr true truncate tsort
tty uname unexpand uniq unlink users vdir wc who whoami yes ["""
ALSO = """
find xargs grep egrep fgrep sed awk mawk gawk diff cmp diff3 sdiff patch tar gzip gunzip zcat bzip2 bunzip2
bzcat xz unxz xzcat zstd unzstd zstdcat zip unzip cpio jq bc dc curl wget git python3 node perl ruby openssl
aws file column rev hexdump xxd strings iconv getopt flock ps pgrep kill top free uptime vmstat hostname which
ffmpeg convert samtools gcc make sh bash dash msh"""


def test_the_module_is_up_to_date() -> None:
    assert main(["--check"]) == 0, "run `python -m msh.catalog.generate`"


def test_all_everyday_commands_are_mapped() -> None:
    catalog = Catalog()
    assert len(catalog.names()) >= 130
    for name in [*COREUTILS.split(), *ALSO.split()]:
        spec = catalog.lookup(name)
        assert spec is not None, name
        assert spec.summary, name


def test_every_spec_can_be_built_and_sees_no_more_than_it_says() -> None:
    catalog = Catalog()
    for name in catalog.names():
        spec = catalog.lookup(name)
        assert spec is not None and spec.name == name
        assert spec.run.kind == "host"


def test_special_builtins_are_builtins() -> None:
    assert SPECIAL_BUILTINS < BUILTINS
    assert {"cd", "[", "mapfile", "getopts"} <= BUILTINS
    assert not {"bind", "fc", "history", "newgrp"} & BUILTINS


def test_a_script_of_builtins_loads_no_catalog() -> None:
    program = """
import sys
from msh.catalog import Catalog
from msh.resolve import resolve
from msh.source import Source
from msh.syntax import parse
source = Source("x", "x=1; for i in 1 2; do echo $i; done; cd /; f() { :; }; f")
resolve(parse(source), source, Catalog())
sys.exit("msh.catalog.standard_tables" in sys.modules or "tomllib" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
