"""What every step of a run sees before its own grants: the host's programs, a made-up /etc, a /tmp of the run's own."""

from __future__ import annotations

import os

from msh.sandbox.backend import Base
from msh.sandbox.etc import etc_directory
from msh.sandbox.policy import Mount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.sandbox.runtime import Runtime

_TOP_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_CERTIFICATES = ("/etc/ssl/certs", "/etc/pki/tls/certs")


def host_base(runtime: Runtime, home: str, *, network: bool) -> tuple[Base, int]:
    """The base of a run on this host, and a descriptor that holds its /etc against removal."""
    etc, held = etc_directory(runtime.base, runtime.path, home, network=network)
    mounts = [Mount("/usr", "/usr"), Mount(etc, "/etc"), Mount(runtime.tmp, "/tmp", True)]
    links = []
    for name in _TOP_LINKS:
        path = f"/{name}"
        if os.path.islink(path):
            links.append((path, os.readlink(path)))
        elif os.path.isdir(path):
            mounts.append(Mount(path, path))
    certificates = tuple([Mount(path, path) for path in _CERTIFICATES if os.path.isdir(path)])
    return Base(tuple(mounts), tuple(links), certificates, runtime.empty), held
