"""Calls of the broker to the kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from msh.sandbox.broker.kernel import find_in_root

RENAMES = """
import os, sys
while True:
    os.rename(sys.argv[1] + "/one/d", sys.argv[1] + "/other/d")
    os.rename(sys.argv[1] + "/other/d", sys.argv[1] + "/one/d")
"""


def test_a_path_that_goes_up_is_found_while_others_rename(tmp_path: Path) -> None:
    """openat2(2) gives up with EAGAIN then, which is no answer to whether something is there."""
    for name in ("one/d", "other", "in/here"):
        (tmp_path / name).mkdir(parents=True)
    root = os.open(tmp_path, os.O_PATH)
    with subprocess.Popen([sys.executable, "-c", RENAMES, tmp_path]) as renaming:
        try:
            for _ in range(20_000):
                os.close(find_in_root(root, "/in/../in/here/../here"))
        finally:
            renaming.kill()
            os.close(root)
