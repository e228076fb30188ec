"""Where the catalog's entries come from besides the standard ones: which files exist, and which of them count.

The user's own files count as they are. Those of a project (`msh.toml`, command files in it) count when they are
trusted, and not at all when somebody else could have written them. A file named by `--catalog` was chosen by who
typed it.
"""

from __future__ import annotations

import os

from msh.catalog.layers import SYSTEM, CommandFileLayer
from msh.diagnostics import Diagnostic, MshError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from msh.catalog.layers import Layer, Table
    from msh.catalog.trust import Content
    from msh.config import Settings

PROJECT_FILE = "msh.toml"


class Sources:
    """Collects the layers of one run, lowest first."""

    def __init__(self, settings: Settings, directory: str, environment: Mapping[str, str]) -> None:
        self.settings = settings
        self.directory = directory
        self.environment = environment
        self.layers: list[Layer] = []
        self.hidden: list[tuple[Layer, str]] = []
        self.diagnostics: list[Diagnostic] = []
        self._project: str | None = None

    def collect(self) -> None:
        """Fill `layers`, `hidden` and `diagnostics`."""
        for path in self._user_files():
            self._file(path)
        project = project_file(self.directory)
        if project is not None:
            self._project = os.path.dirname(project)
            self._project_layer(project)
        self._command_files()
        for path in self.settings.catalogs:
            self._file(path)

    def _user_files(self) -> list[str]:
        from msh.config import user_file

        configuration = user_file(self.environment)
        if configuration is None:
            return []
        directory = os.path.join(os.path.dirname(configuration), "catalog")
        try:
            names = sorted(os.listdir(directory))
        except OSError:
            return []
        return [os.path.join(directory, name) for name in names if name.endswith(".toml")]

    # ---- files that count as they are -----------------------------------------

    def _file(self, path: str) -> None:
        from msh.catalog.files import layers_of
        from msh.catalog.trust import read

        try:
            content = read(path)
        except OSError as error:
            raise MshError(Diagnostic("MSH220", f"cannot read the catalog file `{path}`: {error.strerror}")) from None
        self.layers += layers_of(path, content.data)

    # ---- files of a project -----------------------------------------------------

    def _project_layer(self, path: str) -> None:
        from msh.catalog.files import layers_of
        from msh.catalog.trust import ignored

        shown = self._shown(path)
        content = self._content(path)
        if content is None:
            return
        reason = self._distrust(content)
        if reason == "untrusted":
            help = f"read it, then `msh trust {shown}`"
            message = f"`{shown}` is not trusted, so the commands it maps are not there"
            self.diagnostics.append(Diagnostic("MSH224", message, help=help, severity="warning"))
            self._hide(path, content, f"`{shown}` would map it: read that file, then `msh trust {shown}`")
        elif reason:
            self.diagnostics.append(ignored(shown, reason))
        else:
            self.layers += layers_of(path, content.data)

    def _content(self, path: str) -> Content | None:
        from msh.catalog.trust import ignored, read

        try:
            return read(path)
        except OSError as error:
            self.diagnostics.append(ignored(self._shown(path), f"it cannot be read: {error.strerror}"))
            return None

    def _distrust(self, content: Content) -> str:
        """Why a project's file does not count; `untrusted` when only its user's word is missing."""
        from msh.catalog.trust import fault, is_trusted

        reason = fault(content)
        if reason or self.settings.trust or is_trusted(content, self.environment):
            return reason
        return "untrusted"

    def _hide(self, path: str, content: Content, words: str) -> None:
        """Keep what an untrusted file would map, for the help of messages only."""
        from msh.catalog.files import layers_of

        try:
            self.hidden += [(layer, words) for layer in layers_of(path, content.data)]
        except MshError:
            return  # what is wrong in it is said once it is trusted

    # ---- command files on PATH --------------------------------------------------

    def _command_files(self) -> None:
        directories = [
            directory
            for directory in dict.fromkeys(self.environment.get("PATH", "").split(":"))
            if directory.startswith("/") and directory not in SYSTEM
        ]
        if directories:
            self.layers.append(CommandFileLayer(tuple(directories), self._command_file))
            self.hidden.append((CommandFileLayer(tuple(directories), self._hidden_command), self._hidden_words()))

    def _command_file(self, path: str) -> Table | None:
        """The entry of a command file that counts."""
        from msh.catalog.files import command_table

        content = self._content(path)
        if content is None or self._faulty(path, content) or self._is_strange(content):
            return None
        return command_table(path, content.data)

    def _hidden_command(self, path: str) -> Table | None:
        content = self._content(path)
        return {} if content is not None and not self._faulty(path, content) else None

    def _hidden_words(self) -> str:
        return "a command file of this project would map it: read that file, then `msh trust FILE`"

    def _faulty(self, path: str, content: Content) -> bool:
        from msh.catalog.trust import fault, ignored

        reason = fault(content)
        if reason:
            self.diagnostics.append(ignored(self._shown(path), reason))
        return bool(reason)

    def _is_strange(self, content: Content) -> bool:
        """Whether a command file is a project's and not trusted. Those outside every project are the user's own."""
        roots = [root for root in (self._project, self.directory, self.settings.workspace) if root is not None]
        inside = any(content.path.startswith(os.path.realpath(root).rstrip("/") + "/") for root in roots)
        return inside and bool(self._distrust(content))

    def _shown(self, path: str) -> str:
        """A path as the user would type it."""
        relative = os.path.relpath(path)
        return path if relative.startswith("..") else relative


def project_file(directory: str) -> str | None:
    """The nearest `msh.toml` in a directory or above it."""
    while True:
        path = os.path.join(directory, PROJECT_FILE)
        if os.path.lexists(path):
            return path
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent
