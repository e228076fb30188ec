"""The regions of a run: the base view, devices, what the user granted, the workspace, less what the user denied."""

from __future__ import annotations

import os
import stat

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.objects import is_object
from msh.sandbox.refusal import Denial, quoted
from msh.sandbox.view import Region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from msh.config import Settings
    from msh.sandbox.backend import Base
    from msh.sandbox.runtime import Runtime

_DEVICES = ("null", "zero", "full", "random", "urandom")
_STANDARD = (("/dev/stdin", 0), ("/dev/stdout", 1), ("/dev/stderr", 2))


def links_of(base: Base) -> tuple[tuple[str, str], ...]:
    """The symbolic links of a run's tree."""
    descriptors = [("/dev/fd", "/proc/self/fd"), *[(path, f"/proc/self/fd/{n}") for path, n in _STANDARD]]
    return (*base.links, *descriptors)


def regions_of(
    settings: Settings, base: Base, runtime: Runtime, directory: str, workspace: str | None
) -> tuple[Region, ...]:
    """The regions of a run that was started in `directory`. Raises MshError MSH404: a path is not there."""
    return _Regions(settings, base, directory).all(runtime, workspace)


def denials_of(settings: Settings, directory: str) -> tuple[Denial, ...]:
    """What stays refused whatever is granted, of a run that was started in `directory`."""
    found = []
    for option, paths in (("--deny-write", settings.deny_write), ("--deny-read", settings.deny_read)):
        for path in filter(_is_path, paths):
            real = os.path.realpath(os.path.join(directory, path))
            words = f"`{option} {quoted(path)}` forbids it whatever grants it: only a run without that may"
            found.append(Denial(real, option == "--deny-read", words))
    for option, path in (
        ("--policy", settings.policy),
        ("--record-policy", settings.record_policy),
        ("--audit", settings.audit),
    ):
        if path:
            found.append(Denial(os.path.realpath(path), False, f"no run may write what its own `{option}` names"))
    return tuple(found)


class _Regions:
    def __init__(self, settings: Settings, base: Base, directory: str) -> None:
        self._settings = settings
        self._base = base
        self._directory = directory
        self._found: dict[str, Region] = {}

    def all(self, runtime: Runtime, workspace: str | None) -> tuple[Region, ...]:
        self._add_base()
        shown = dict(self._found)
        for path in filter(_is_path, self._settings.allow_read):
            real = self._granted(path, "--allow-read")
            self._found[real] = Region(real, real, "granted")
        for path in filter(_is_path, self._settings.allow_write):
            real = self._granted(path, "--allow-write")
            self._found[real] = Region(real, real, "granted", True)
        if workspace is not None:
            self._found[workspace] = Region(workspace, workspace, "workspace", True)
        self._forget(shown)
        self._deny()
        own = runtime.base  # runs share it: what one script wrote there would be the next one's /etc
        if any(own.startswith(path.rstrip("/") + "/") for path in self._found):
            self._found[own] = Region(own, runtime.empty, "base")
        return tuple(self._found.values())

    def _add_base(self) -> None:
        kinds = {"/etc": "etc", "/tmp": "shared" if self._settings.backend == "task" else "scratch"}
        for mount in self._base.mounts:
            kind = kinds.get(mount.target, "base")
            self._found[mount.target] = Region(mount.target, mount.source, kind, mount.writable)
        for name in _DEVICES:
            self._found[f"/dev/{name}"] = Region(f"/dev/{name}", f"/dev/{name}", "device", True)

    def _forget(self, base: Mapping[str, Region]) -> None:
        """Take out grants to read what every step sees anyway: they would show programs that are hidden from a step."""
        for path, region in sorted(self._found.items()):
            if region.kind == "granted" and not region.writable:
                outer = base.get(path) or _holding(self._found, os.path.dirname(path))
                if outer is not None and _is_hosts(outer):
                    del self._found[path]
                    if path in base:
                        self._found[path] = base[path]

    def _deny(self) -> None:
        """Take out what is denied, and the files that say what may be done from what may be written."""
        settings = self._settings
        for path in filter(_is_path, settings.deny_write):
            self._keep(self._real(path), path)
        for path in filter(None, (settings.policy, settings.record_policy, settings.audit)):
            if path != settings.policy:
                _make_empty(path)
            if os.path.exists(path):
                self._keep(os.path.realpath(path), path)
        for path in filter(_is_path, settings.deny_read):
            real = self._real(path)
            region = _holding(self._found, real)
            if region is not None and (region.kind in ("workspace", "granted") or _is_hosts(region)):
                self._granted(path, "--deny-read")
                if _is_hosts(region) and region.target == real:
                    message, help_ = f"`--deny-read {path}`: every command needs it", "name what is in it"
                    raise MshError(Diagnostic("MSH404", message, help=help_))
                for inner in [target for target in self._found if target.startswith(f"{real}/")]:
                    del self._found[inner]
                self._found[real] = Region(real, self._base.empty, "denied")

    def _keep(self, real: str, path: str) -> None:
        """Let nobody write what lies in a region that may be written."""
        region = _holding(self._found, real)
        if region is not None and region.writable and region.kind in ("workspace", "granted"):
            self._granted(path, "--deny-write")
            self._found[real] = Region(real, real, "granted")

    def _granted(self, path: str, flag: str) -> str:
        real = self._real(path)
        try:
            mode = os.stat(real).st_mode
        except OSError as error:
            message = f"`{flag} {path}`: {(error.strerror or '').lower()}"
            help_ = "make it first, or name the directory that is to hold it"
            raise MshError(Diagnostic("MSH404", message, help=help_)) from None
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISFIFO(mode)) or real == "/":
            what = "the whole file system" if real == "/" else "a device or a socket"
            raise MshError(
                Diagnostic("MSH404", f"`{flag} {path}`: {what} cannot be granted", help="name files or directories")
            )
        return real

    def _real(self, path: str) -> str:
        return os.path.realpath(os.path.join(self._directory, path))


def _make_empty(path: str) -> None:
    """A file to be written later, so that it can be kept from the steps before; whoever opens it says what is wrong."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK, 0o600))
    except OSError:
        return


def _holding(regions: Mapping[str, Region], path: str) -> Region | None:
    """The innermost region that holds a path."""
    while path not in regions and path != "/":
        path = path.rpartition("/")[0] or "/"
    return regions.get(path)


def _is_hosts(region: Region) -> bool:
    """Whether it is a part of the host that every step sees as it is."""
    return region.kind == "base" and region.source == region.target


def _is_path(text: str) -> bool:
    """Whether what was granted is a path, not a prefix of objects."""
    return not is_object(text)
