"""Whose run it is: the directory that it works in, the user's home, and, for root, the rights that it goes on with."""

from __future__ import annotations

import os

from msh.diagnostics import Diagnostic, MshError

#: Workspaces that would grant the whole machine, or stand where the base view stands.
_NO_WORKSPACE = ("/", "/usr", "/etc", "/proc", "/dev", "/sys", "/bin", "/lib", "/sbin", "/boot")


def real_workspace(path: str | None) -> str | None:
    """The real path of a workspace; None when there is none, or it would be the machine."""
    real = None if path is None else os.path.realpath(path)
    return None if real in _NO_WORKSPACE else real


def plain_home(path: str) -> str:
    """HOME when it is a plain absolute path, else nothing to care for."""
    return path if path.startswith("/") and os.path.normpath(path) == path and path != "/" else ""


def become_owner(workspace: str | None) -> None:
    """As root, become the owner of the workspace for the run.

    Whatever the steps and redirections do is then done with that user's rights. The saved uid stays 0, only so that
    the docker backend can reach its socket; it does not survive an exec.
    """
    if os.geteuid() != 0 or workspace is None:
        return
    owner = os.stat(workspace)
    if owner.st_uid == 0:
        return
    import pwd

    try:
        groups = os.getgrouplist(pwd.getpwuid(owner.st_uid).pw_name, owner.st_gid)
    except KeyError:
        groups = [owner.st_gid]
    _check_readable(owner.st_uid, owner.st_gid)
    os.setgroups(groups)
    os.setresgid(owner.st_gid, owner.st_gid, owner.st_gid)
    os.setresuid(owner.st_uid, owner.st_uid, 0)


def _check_readable(uid: int, gid: int) -> None:
    """Refuse when the workspace's owner cannot read msh's own files: parts of it are loaded when they are needed."""
    directory = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    while directory != "/":
        found = os.stat(directory)
        shift = 6 if found.st_uid == uid else 3 if found.st_gid == gid else 0
        if not found.st_mode >> shift & 0o1:
            message = f"the workspace belongs to uid {uid}, who cannot read msh itself: `{directory}`"
            help_ = "install msh where everybody can read it, or run it as the workspace's owner"
            raise MshError(Diagnostic("MSH405", message, help=help_))
        directory = os.path.dirname(directory)
