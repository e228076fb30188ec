"""A session in a fresh workspace, and the steps that tests ask it about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from msh.catalog.model import CommandSpec, Run
from msh.config import Settings
from msh.effects import Access, Effects
from msh.sandbox import Session
from msh.sandbox.policy import Policy


class Place:
    """A workspace with something outside it, and a session made when first asked for."""

    def __init__(self, top: Path) -> None:
        self.workspace = top / "ws"
        self.outside = top / "outside"
        self.workspace.mkdir()
        self.outside.mkdir()
        (self.outside / "secret").write_text("secret\n")
        (self.workspace / "a").write_text("a\n")
        (self.workspace / "d").mkdir()
        (self.workspace / "d/f").write_text("f\n")
        self.sessions: list[Session] = []
        self.backend = "bubblewrap"

    def session(self, workspace: bool = True, **settings: object) -> Session:
        """A session with these settings."""
        given = Settings(str(self.workspace) if workspace else None, backend=self.backend).replace(**settings)
        self.sessions.append(Session(given, str(self.workspace), "/home/nobody-here"))
        return self.sessions[-1]

    def policy(self, *accesses: tuple[object, ...], session: Session | None = None, **effects: object) -> Policy:
        """What `cat` would be allowed with these accesses."""
        session = session or self.session()
        touched = Effects(tuple([Access(*access) for access in accesses])).replace(**effects)
        argv = ["cat", *[str(access[1]) for access in accesses]]
        return session.policy(CommandSpec("cat", Run("host", "cat")), touched, argv, {}, str(self.workspace))

    def shown(self, policy: Policy) -> dict[str, str]:
        """Mounts inside the workspace: path → `ro` or `rw`."""
        top = f"{self.workspace}/"
        return {
            mount.target.removeprefix(top): "rw" if mount.writable else "ro"
            for mount in policy.mounts
            if mount.source and (mount.target + "/").startswith(top)
        }


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place whose sessions are closed at the end."""
    made = Place(tmp_path)
    yield made
    for session in made.sessions:
        session.close()
