"""msh: ordinary shell scripts, refused unless every command is mapped, each command run in a sandbox of its own."""

from __future__ import annotations

__version__ = "0.1.0"
