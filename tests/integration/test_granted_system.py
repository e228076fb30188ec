"""Grants of directories that every step has anyway."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.support.attack import USERS, attack

BACKENDS = pytest.mark.parametrize("backend", ["bubblewrap", "native"])


@BACKENDS
def test_a_program_that_is_a_link_runs_when_its_directory_is_granted(backend: str) -> None:
    """`awk` is a link through /etc/alternatives."""
    with attack("root") as place:
        ran = place.msh("--backend", backend, "--allow-read", "/usr", "-c", "awk 'BEGIN { print 6 * 7 }'; ls /usr")
    assert (ran.stdout[:3], b"bin\n" in ran.stdout, ran.status) == (b"42\n", True, 0), ran.output


@BACKENDS
@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize(
    ("flag", "path", "others"),
    [
        ("--allow-read", "/usr", False),
        ("--allow-read", "/usr/bin", False),
        ("--allow-write", "/usr/local", False),
        ("--allow-write", "/usr", True),
    ],
)
def test_what_a_grant_of_programs_shows(backend: str, user: str, flag: str, path: str, others: bool) -> None:
    """One to read shows what is shown anyway; one to write shows all of them, since they are to be changed."""
    script = "awk 'BEGIN { system(\"ls -d /usr\") }'"
    with attack(user) as place:
        ran = place.msh("--backend", backend, flag, path, "-c", script)
    assert (ran.stdout, b"ls: not found" in ran.stderr) == (b"/usr\n" if others else b"", not others), ran.output


@BACKENDS
def test_what_is_only_for_reading_in_the_workspace_stays_so(backend: str) -> None:
    with tempfile.TemporaryDirectory(dir="/usr/local") as workspace:
        Path(workspace, "kept").write_text("old")
        with attack("root") as place:
            options = ("--backend", backend, "--workspace", workspace, "--allow-read", f"{workspace}/kept")
            script = f"cd {workspace}; tee made < kept; tee kept < made; cat kept"
            ran = place.msh(*options, "-c", script)
        assert Path(workspace, "kept").read_text() == "old", ran.output
        assert Path(workspace, "made").read_text() == "old", ran.output


@BACKENDS
@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("options", [(), ("--allow-read", "/usr")])
def test_what_all_steps_see_can_be_denied(backend: str, user: str, options: tuple[str, ...]) -> None:
    """A file that awk opens by itself, and one that the script's own redirection names."""
    denied = "/usr/lib/os-release"
    script = (
        f'awk \'BEGIN {{ while ((getline line < "{denied}") > 0) print line; print "end" }}\'; read -r x < {denied}'
    )
    with attack(user) as place:
        ran = place.msh("--backend", backend, *options, "--deny-read", denied, "-c", script)
    assert (ran.stdout, b"MSH401" in ran.stderr) == (b"end\n", True), ran.output


def test_what_no_command_can_do_without_cannot_be_denied() -> None:
    with attack("root") as place:
        ran = place.msh("--deny-read", "/usr", "-c", "ls")
    assert b"MSH404" in ran.stderr, ran.output
    assert ran.stdout == b"", ran.output
