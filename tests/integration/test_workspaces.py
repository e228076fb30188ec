"""A workspace may lie anywhere: in the host's /tmp (where the run has its own), below it, elsewhere, oddly named."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.attack import USERS, attack, unavailable

SCRIPT = """
set -e
echo 1 > f; cp f g; mv g h; rm f; mkdir -p q/r; sed -i s/1/2/ h; cat h; touch q/n; mv q/n q/r/n; ls -R; rm -r h q; ls
echo own > /tmp/x; cat /tmp/x
"""
LEFT = "2\n.:\nh\nq\n\n./q:\nr\n\n./q/r:\nn\nown\n"


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", [".", "below", "a b/ü'\"\\x"])
@pytest.mark.parametrize("top", ["/tmp", "/var/tmp"])
def test_a_workspace_anywhere(top: str, name: str, user: str) -> None:
    if reason := unavailable(user):
        pytest.skip(reason)
    made = Path(tempfile.mkdtemp(prefix="msh-workspace-", dir=top))
    try:
        with attack(user) as place:
            workspace = made / name
            workspace.mkdir(parents=True, exist_ok=True)
            for path in (made, *made.rglob("*")):
                os.chown(path, place.uid, place.uid)
            ran = replace(place, directory=workspace).msh("-c", SCRIPT)
        assert (ran.status, ran.stdout.decode()) == (0, LEFT), ran.output.decode()
        assert os.listdir(workspace) == []
    finally:
        shutil.rmtree(made)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("backend", ["bubblewrap", "native"])
@pytest.mark.parametrize("top", ["/tmp", "/var/tmp"])
def test_directories_have_their_own_permissions(top: str, backend: str, user: str) -> None:
    """Also those that a step only looks at, which stand empty in its tree."""
    if reason := unavailable(user):
        pytest.skip(reason)
    with attack(user, top) as place:
        script = (
            "mkdir -m 711 d d/f; mkdir -m 700 e; chmod 710 .; echo x > d/x; stat -c '%a %n' . d e d/f d/x; ls -ld d e"
        )
        ran = replace(place, more={"MSH_BACKEND": backend}).msh("-c", f"umask 022; {script}")
        assert ran.status == 0, ran.output.decode()
        lines = ran.stdout.decode().splitlines()
        assert lines[:5] == ["710 .", "711 d", "700 e", "711 d/f", "644 d/x"]
        assert [line.split()[0] for line in lines[5:]] == ["drwx--x--x", "drwx------"]
