"""msh: ordinary shell scripts, refused unless every command is mapped, run with every command in a sandbox of its own."""

__version__ = "0.1.0"
