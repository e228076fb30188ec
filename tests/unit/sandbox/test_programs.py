"""Which programs are in a step's view: the mapped one, what its spec says it runs, and no other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from msh.catalog import Catalog
from msh.resolve import resolve_argv
from msh.sandbox.policy import Policy
from msh.sandbox.programs import Programs, find_program
from tests.unit.sandbox.conftest import Place


def policy(place: Place, *argv: str) -> Policy:
    """What the standard catalog's entry gives."""
    spec, effects = resolve_argv(Catalog(), list(argv), frozenset(), str(place.workspace))
    return place.session().policy(spec, effects, argv, {}, str(place.workspace))


def shown(found: Policy) -> set[str]:
    """Names of programs in the view."""
    return {os.path.basename(path) for path in found.executables}


@pytest.mark.parametrize(
    ("argv", "names"),
    [
        (["cat", "a"], {"cat"}),
        (["sed", "p", "a"], {"sed"}),
        (["awk", "{ print }", "a"], {"awk", "sort", "sh"}),
        (["env", "X=1", "sort", "a"], {"env", "sort", "sh"}),
        (["find", ".", "-exec", "sh", "-c", "wc -l | tr a b", "{}", ";"], {"find", "sh", "wc", "tr"}),
        (["timeout", "1", "xargs", "cat"], {"timeout", "xargs", "cat", "sh"}),
        (["tar", "czf", "x.tgz", "a"], {"tar", "gzip", "sh"}),
        (["make"], set()),
    ],
)
def test_own_programs(place: Place, argv: list[str], names: set[str]) -> None:
    if not find_program(argv[0]):
        pytest.skip(f"{argv[0]} is not installed")
    assert shown(policy(place, *argv)) - {"dash", "bash"} == names


def test_the_others_are_hidden(place: Place) -> None:
    found = policy(place, "cat", "a")
    assert found.mounts[0].source == ""
    assert "/usr/bin" in [mount.target for mount in found.mounts if not mount.source]
    assert [mount.target for mount in found.mounts if mount.source.startswith("/usr/bin/")] == ["/usr/bin/cat"]


def test_what_a_step_names_is_there(place: Place) -> None:
    """As a file to be read; and a directory whose names it lists is there as a whole."""
    assert "/usr/bin/cat" in [mount.target for mount in policy(place, "md5sum", "/bin/cat").mounts]
    assert "/usr/bin" not in [mount.target for mount in policy(place, "ls", "/usr/bin").mounts]
    assert "/usr/bin" in [mount.target for mount in policy(place, "ls", "/usr/lib").mounts]


def test_interpreters_of_scripts(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/usr/bin/env python3\n")
    mounts, links, programs = Programs().view(str(script), ())
    assert {os.path.basename(path) for path in programs} == {"script", "env", "python3"}
    targets = {mount.target for mount in mounts} | {link.path for link in links}
    assert {"/usr/bin/env", "/usr/bin/python3"} <= targets


@pytest.mark.parametrize("backend", ["bubblewrap", "native"])
def test_nothing_else_can_be_executed(place: Place, backend: str) -> None:
    """Neither by its name, nor by its path, nor through the loader."""
    place.backend = backend
    program = """
import glob, os, subprocess
for argv in (["ls"], ["/usr/bin/ls"], ["/bin/sh", "-c", ":"], [*glob.glob("/lib64/ld-linux*"), "/usr/bin/ls"]):
    try:
        print(subprocess.run(argv, capture_output=True).returncode)
    except OSError as error:
        print(error.strerror)
"""
    spec, effects = resolve_argv(Catalog(), ["python3", "-c", program], frozenset(), str(place.workspace))
    session = place.session()
    found = session.policy(spec, effects, ["python3", "-IS", "-c", program], {"PATH": "/usr/bin"}, "/")
    read, write = os.pipe()
    assert session.start(found, {1: write, 2: 2}).wait().status == 0
    os.close(write)
    with open(read) as file:
        *missing, loader = file.read().splitlines()
    assert missing == ["No such file or directory"] * 3
    assert loader in ("127", "No such file or directory")
