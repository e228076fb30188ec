"""The synthetic `/etc`: what programs need to work, and nothing that tells about the host's users.

Built once a user and kept beside the runs (`/tmp/msh-<uid>/etc-<key>`), because every mount costs a step about 0.25 ms
and one directory is one mount. The key holds the age of what was copied, so a change on the host makes a new one.
"""

from __future__ import annotations

import fcntl
import os
import time

from msh.sandbox.descriptors import keep
from msh.sandbox.runtime import remove_tree

#: Copied when the host has them. Larger ones than `_LARGEST` are left out.
_FILES = (
    "debian_version",
    "gai.conf",
    "host.conf",
    "ld.so.cache",
    "localtime",
    "magic",
    "mime.types",
    "os-release",
    "protocols",
    "services",
    "ssl/openssl.cnf",
    "timezone",
)
_LARGEST = 4 << 20
_FORM = 3  # counts up when something else is made: one of another form is another directory
_LINKS = ("alternatives",)  # directories of symbolic links, copied as they are


_KEPT = 600.0  # seconds that one stays after its last use


def etc_directory(base: str, own: str, home: str, *, network: bool) -> tuple[str, int]:
    """The path of an `/etc` for steps of this user, made if there is none yet, and a descriptor that holds it.

    While that is open, no other run removes the directory as unused. It is made in `own`, a directory of this run, and
    moved to `base` when it is complete.
    """
    path = os.path.join(base, f"etc-{_key(home, network)}")
    while True:
        if os.path.isdir(path):
            held = _hold(path)
        else:
            remove_unused(base)
            held = _make(path, os.path.join(own, "etc"), home, network)
        if held >= 0:
            return path, keep(held)


def _hold(path: str) -> int:
    """A descriptor with a shared lock, -1 when the directory was removed as unused meanwhile."""
    try:
        held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return -1
    fcntl.flock(held, fcntl.LOCK_SH)
    try:
        os.utime(path)
        if os.path.samestat(os.fstat(held), os.stat(path)):
            return held
    except FileNotFoundError:
        pass
    os.close(held)
    return -1


def _make(path: str, temporary: str, home: str, network: bool) -> int:
    """As `_hold`, of one that is held before others can see it, and find it unused; -1 when another run was first."""
    os.mkdir(temporary, 0o755)
    _fill(temporary, home, network)
    held = os.open(temporary, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(held, fcntl.LOCK_SH)
    try:
        os.rename(temporary, path)
    except OSError:
        os.close(held)
        remove_tree(temporary)
        return -1
    return held


def remove_unused(base: str) -> None:
    """Remove those that no run holds and that were not used for ten minutes."""
    for name in os.listdir(base):
        if name.startswith("etc-"):
            _remove_if_unused(os.path.join(base, name))


def _remove_if_unused(path: str) -> None:
    """Other runs do the same at the same time, so what is looked at may be gone at every step."""
    try:
        held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if time.time() - os.fstat(held).st_mtime >= _KEPT:
            gone = f"{path}.{os.urandom(4).hex()}"
            os.rename(path, gone)  # at once, so that nobody finds half of it
            remove_tree(gone)
    except OSError:
        return  # in use
    finally:
        os.close(held)


def _key(home: str, network: bool) -> str:
    facts: list[object] = [_FORM, os.getuid(), os.getgid(), home, network]
    for name in (
        "alternatives",
        "ld.so.cache",
        "localtime",
        "services",
        "os-release",
        *(("resolv.conf",) if network else ()),
    ):
        try:
            facts.append(os.stat(f"/etc/{name}").st_mtime_ns)
        except OSError:
            facts.append(None)
    from zlib import crc32

    text = repr(facts).encode("utf-8", "surrogateescape")
    return f"{crc32(text):08x}{crc32(text[::-1]):08x}"


def _fill(path: str, home: str, network: bool) -> None:
    for name, text in _synthetic(home, network).items():
        _write(os.path.join(path, name), text.encode("utf-8", "surrogateescape"))
    for name in (*_FILES, *(("resolv.conf",) if network else ())):
        _copy(f"/etc/{name}", os.path.join(path, name))
    for name in _LINKS:
        _copy_links(f"/etc/{name}", os.path.join(path, name))
    os.makedirs(os.path.join(path, "ssl/certs"), exist_ok=True)
    os.symlink("/proc/self/mounts", os.path.join(path, "mtab"))


def _synthetic(home: str, network: bool) -> dict[str, str]:
    import grp
    import pwd

    uid, gid = os.getuid(), os.getgid()
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = "user"
    try:
        group = grp.getgrgid(gid).gr_name
    except KeyError:
        group = "users"
    home = home.replace(":", "_").replace("\n", "_") or "/"
    passwd = {0: "root:x:0:0:root:/root:/bin/sh", 65534: "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin"}
    passwd[uid] = f"{user}:x:{uid}:{gid}:{user}:{home}:/bin/sh"
    groups = {0: "root:x:0:", 65534: "nogroup:x:65534:"}
    groups[gid] = f"{group}:x:{gid}:"
    return {
        "passwd": "".join([f"{line}\n" for _, line in sorted(passwd.items())]),
        "group": "".join([f"{line}\n" for _, line in sorted(groups.items())]),
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
        "hosts": "127.0.0.1 localhost msh\n::1 localhost msh\n",
        "hostname": "msh\n",
        **(
            {} if network else {"resolv.conf": "nameserver 127.0.0.1\n"}
        ),  # the broker's; else programs ask for the host's
        "shells": "/bin/sh\n",
        "gitconfig": "",  # every git reads it, so each would ask for the host's, in which tokens may stand
    }


def _copy(source: str, target: str) -> None:
    """Copy a small file; a link into /usr stays a link, since /usr is the same inside."""
    try:
        if os.path.islink(source):
            real = os.path.realpath(source)
            if real.startswith("/usr/"):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.symlink(real, target)
                return
        with open(source, "rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError:
        return
    if len(data) <= _LARGEST:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        _write(target, data)


def _copy_links(source: str, target: str) -> None:
    os.mkdir(target)
    try:
        names = os.listdir(source)
    except OSError:
        return
    for name in names:
        path = os.path.join(source, name)
        if os.path.islink(path):
            os.symlink(os.readlink(path), os.path.join(target, name))


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
