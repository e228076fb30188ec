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
