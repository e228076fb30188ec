"""What all shells of one run share: settings, catalog, sandbox session. Each is made when it is first needed."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from msh.catalog import Catalog, Lookup
    from msh.catalog.model import CommandSpec
    from msh.config import Settings
    from msh.diagnostics import Diagnostic, MshError
    from msh.sandbox.object_files import Upload
    from msh.sandbox.session import Session

SEARCH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin")


class Commands:
    """The catalog, read when the first name is looked up: a script of builtins needs none."""

    def __init__(self, settings: Settings, directory: str) -> None:
        self._settings = settings
        self._directory = directory
        self._catalog: Catalog | None = None
        self._told = 0

    def load(self) -> Catalog:
        """The catalog itself. Raises MshError when a file of it is wrong."""
        if self._catalog is None:
            from msh.catalog import load_catalog

            self._catalog = load_catalog(self._settings, self._directory)
            self._tell()
        return self._catalog

    @property
    def read(self) -> bool:
        """Whether a name was looked up."""
        return self._catalog is not None

    def _tell(self) -> None:
        """What is wrong with catalog files; a command file on PATH is looked at when its name is looked up."""
        found = self._catalog.diagnostics if self._catalog is not None else ()
        if len(found) > self._told:
            from msh.render import report

            report(found[self._told :], count=False)
            self._told = len(found)

    def lookup(self, name: str, directory: str | None = None) -> CommandSpec | None:
        found = self.load().lookup(name, directory)
        self._tell()
        return found

    def names(self) -> list[str]:
        return self.load().names()

    def note(self, name: str) -> str:
        return self.load().note(name)

    def script_text(self, path: str, directory: str | None = None) -> str | None:
        return self.load().script_text(path, directory)


def _commands(settings: Settings, directory: str) -> Commands:
    commands = Commands(settings, directory)
    if settings.catalogs:
        commands.load()  # what somebody names must be right, needed or not
    return commands


def _warn(diagnostic: Diagnostic) -> None:
    """A test or a glob has looked at what is not granted: it sees nothing there, and the user is told once."""
    from msh.render import report

    report((diagnostic,), count=False)


class Resources:
    """Made once a run; forks inherit it."""

    def __init__(self, settings: Settings, directory: str, catalog: Lookup | None = None) -> None:
        self.settings = settings
        self.directory = directory  # where msh was started
        self.standard_error: tuple[int, int] | None = None  # what it was then, when errors are shown there in full
        if settings.errors == "full":
            from msh.run.explain import identity

            self.standard_error = identity(2)
        self.pid = os.getpid()  # of the first shell
        self.level = 0  # how many forks this process lies below it
        self.hidden: set[str] = set()  # names of inherited variables that the run does not see
        self.catalog: Lookup = catalog if catalog is not None else _commands(settings, directory)
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The run's private directories, view and grants."""
        if self._session is None:
            from msh.sandbox import Session

            mask = os.umask(0o022)  # the script's own mask is not for msh's directories
            try:
                self._session = Session(self.settings, self.directory)
            finally:
                os.umask(mask)
            self._session.gate.warn = _warn
        return self._session

    @property
    def uploads(self) -> Sequence[Upload]:
        """Redirections to objects that are still open."""
        return self._session.uploads if self._session is not None else ()

    def finish_uploads(self, mark: int = 0) -> list[MshError]:
        """Send what was opened since there were `mark` uploads, but for what `exec` keeps; what failed."""
        if len(self.uploads) == mark:
            return []
        return self.session.objects.finish(mark)

    def keep_uploads(self) -> None:
        """What is open now outlasts its command."""
        for upload in self.uploads:
            upload.kept = True

    def finish_closed_uploads(self, numbers: Iterable[int] = ()) -> list[MshError]:
        """Send what was kept and that none of these descriptors leads to any more; what failed."""
        return self.session.objects.finish_closed(numbers) if self.uploads else []

    def prepare_fork(self) -> None:
        """Make what forks must share, not make again: the session with its private /tmp, and what starts its steps."""
        session = self.session
        if not isinstance(self.catalog, Commands) or self.catalog.read:  # else there is nothing but builtins
            session.prepare_fork()

    def program_path(self, spec: CommandSpec, name: str) -> str:
        """Where a mapped host command lies; empty when it is not installed."""
        if spec.run.kind != "host":
            return name
        program = spec.run.program
        if "/" in program:
            return program if os.access(program, os.X_OK) else ""
        return next((f"{d}/{program}" for d in SEARCH if os.access(f"{d}/{program}", os.X_OK)), "")

    def close(self) -> None:
        """End what still runs, remove the private directories."""
        if self._session is not None:
            self._session.close()
