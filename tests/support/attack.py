"""A place to attack from: secrets planted on the host, a directory to start in, and msh run there as root or as
another user.

Nothing that a hostile script can reach may contain `secret`. Each attack gets a directory of its own, outside pytest's
private ones, which an ordinary user could not enter.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ORDINARY = 54321  # a uid without an account: only the kernel's rules count
SECONDS = 60
USERS = ("root", "ordinary")


@dataclass
class Ran:
    """What a process left behind."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def output(self) -> bytes:
        """Both streams."""
        return self.stdout + self.stderr


@dataclass
class Attack:
    """`directory` is where msh is started, `home` the user's home with credentials in it."""

    directory: Path
    home: Path
    secret: str
    uid: int
    more: Mapping[str, str] = field(default_factory=dict)  # variables of msh's environment besides
    backend: str = "bubblewrap"  # of single steps

    def as_user(self) -> dict[str, object]:
        """Arguments of `subprocess` that make a child this user."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.uid, "extra_groups": []}

    def environment(self) -> dict[str, str]:
        """What the user's shell would hand to msh, a secret among it."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "GITHUB_TOKEN": self.secret,
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.more,
        }

    def shell(self, script: str, *, privileged: bool = False) -> Ran:
        """Plain /bin/sh on the host: to prepare, or to look at what an attack did."""
        user = {} if privileged else self.as_user()
        return self._run(["/bin/sh", "-c", script], user, {**self.environment(), "S": self.secret})

    def msh(
        self, *arguments: str, stdin: bytes = b"", fds: Sequence[int] = (), module: str = "msh", before: str = ":"
    ) -> Ran:
        """The real command line, started by a shell that does something `before`."""
        argv = ["/bin/sh", "-c", f'{before}; exec "$@"', "sh", sys.executable, "-m", module, *arguments]
        return self._run(argv, self.as_user(), self.environment(), stdin, fds)

    def step(
        self,
        argv: Sequence[str],
        accesses: Sequence[Sequence[object]] = (),
        fds: Sequence[int] = (),
        **settings: object,
    ) -> Ran:
        """One step straight through `Session`, without an interpreter; see `tests/support/step.py`."""
        request = {
            "argv": list(argv),
            "accesses": [list(access) for access in accesses],
            "backend": self.backend,
            **settings,
        }
        return self.msh(json.dumps(request), fds=fds, module="tests.support.step")

    def _run(
        self,
        argv: list[str],
        user: dict[str, object],
        environment: Mapping[str, str],
        stdin: bytes = b"",
        fds: Sequence[int] = (),
    ) -> Ran:
        done = subprocess.run(  # type: ignore[call-overload]  # the arguments of `as_user` are not known to the stubs
            argv,
            input=stdin,
            capture_output=True,
            cwd=self.directory,
            env=dict(environment),
            timeout=SECONDS,
            pass_fds=fds,
            **user,
        )
        return Ran(done.returncode, done.stdout, done.stderr)


@contextmanager
def attack(user: str, within: str | None = None) -> Iterator[Attack]:
    """A planted directory for `root` or an `ordinary` user; `within` a directory that all may enter."""
    uid = 0 if user == "root" else ORDINARY if os.geteuid() == 0 else os.geteuid()
    top = Path(tempfile.mkdtemp(prefix="msh-attack-", dir=within))
    secret = f"secret-{secrets.token_hex(8)}"
    place = Attack(top / "start", top / "home", secret, uid)
    try:
        for path in (place.directory, place.home, place.home / ".aws", place.home / ".ssh"):
            path.mkdir()
        for path in (
            place.directory / "secret",
            place.home / ".aws/credentials",
            place.home / ".ssh/id_rsa",
            top / "outside",
        ):
            path.write_text(f"{secret}\n")
        if uid != os.geteuid():
            for path in (top, *top.rglob("*")):
                os.chown(path, uid, uid)
        yield place
    finally:
        shutil.rmtree(top)


def unavailable(user: str) -> str:
    """Why this kind of user cannot be tried here, else empty."""
    return "only root can try what root may do" if user == "root" and os.geteuid() != 0 else ""
