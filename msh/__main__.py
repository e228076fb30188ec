"""`python -m msh`"""

from __future__ import annotations

from msh.cli import start

start()
