"""Entries written down and read back are the same entries, and there are no others."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from msh.catalog import Catalog, CommandSpec, load_catalog
from msh.catalog.pinned import Pinned, pinned_to_json
from msh.catalog.validate import faults_of_entry
from msh.config import Settings
from msh.diagnostics import MshError

EXTRA = """
[ll]
alias = ["ls", "-l"]
[boxed]
run = { image = "example/tool:1", program = "/bin/tool" }
options = { flags = "ab", values = "o", optional = "i", long = "out=o two:2 exec; colour::", stop = true }
option = { o = { write = "^@(.+)" }, two = "text read", exec = "command" }
operands = ["assignment...", "text", "read...", "entries"]
assignments = { if = "read", of = "write" }
default = { read = ["a", "b"], list = "." }
runs = ["gzip -d", "sh"]
together = true
limits = { memory = "1.5g", cpu = 10, cpus = 0.5 }
when = [
    { given = "out a", unless = "b", operands = "none", default = {}, files = "", dataflow = "ordered" },
    { count = 0, turn = { read = "list" }, option = { o = "text" }, appends = false, dataflow = { pure = "sort -m" } },
]
[boxed.subcommand."get put"]
network = "client"
[boxed.subcommand.list]
options = { flags = "z" }
[packaged]
run = { nix = ["hello", "cowsay"], program = "cowsay" }
[[path]]
directory = "tools"
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    (tmp_path / "extra.toml").write_text(EXTRA)
    (tmp_path / "tools").mkdir()
    for name, first in (("script", "#!/bin/sh\n"), ("program", "#!/usr/bin/env python3\n")):
        (tmp_path / "tools" / name).write_text(first)
        (tmp_path / "tools" / name).chmod(0o755)
    settings = Settings(str(tmp_path), catalogs=(str(tmp_path / "extra.toml"),))
    return load_catalog(settings, str(tmp_path), {"HOME": str(tmp_path)})


def specs(catalog: Catalog, *names: str) -> list[CommandSpec]:
    found = [catalog.lookup(name) for name in names]
    assert None not in found
    return [spec for spec in found if spec is not None]


def written(specs: list[CommandSpec], directory: str | None = None) -> Pinned:
    return Pinned(json.loads(json.dumps(pinned_to_json(specs))), directory)


def test_every_standard_entry_comes_back_as_it_was() -> None:
    standard = Catalog()
    every = specs(standard, *standard.names())
    pinned = written(every)
    assert [pinned.lookup(spec.name) for spec in every] == every


@pytest.mark.parametrize("name", ["ll", "boxed", "packaged", "script", "program", "tools/script", "/usr/bin/sort"])
def test_an_entry_of_any_layer_comes_back_as_it_was(catalog: Catalog, name: str, tmp_path: Path) -> None:
    [spec] = specs(catalog, name) if name != "tools/script" else specs(catalog, f"{tmp_path}/tools/script")
    assert written([spec]).lookup(spec.name) == spec


def test_what_is_written_is_a_valid_entry(catalog: Catalog) -> None:
    names = [name for name in catalog.names() if name not in ("script", "program")]
    document = pinned_to_json(specs(catalog, *names))
    commands = document["commands"]
    assert isinstance(commands, dict)
    for name, entry in commands.items():
        assert faults_of_entry(name, {key: value for key, value in entry.items() if key != "origin"}) == []


def test_what_was_not_written_is_not_there() -> None:
    pinned = written(specs(Catalog(), "sort"))
    assert pinned.lookup("uniq") is None
    assert pinned.lookup("/usr/bin/sort") is None
    assert pinned.names() == ["sort"]
    assert pinned.note("uniq") == ""


def test_a_path_is_found_from_every_directory(catalog: Catalog, tmp_path: Path) -> None:
    os.makedirs(tmp_path / "below")
    found = catalog.lookup("./tools/script", str(tmp_path))
    assert found is not None
    pinned = written([found], str(tmp_path))
    for name, directory in (
        ("./tools/script", str(tmp_path)),
        ("tools/script", str(tmp_path)),
        ("../tools/script", str(tmp_path / "below")),
        (f"{tmp_path}/tools/script", "/"),
    ):
        assert pinned.lookup(name, directory) == found.replace(name=name)
    assert pinned.lookup("./tools/script", "/") is None
    assert pinned.lookup("script") is None


def test_a_script_of_the_workspace_is_found_where_it_was_made_on_the_way(tmp_path: Path) -> None:
    """msh interprets it; what it runs has to be among the entries. No other file is a command."""
    made = tmp_path / "made.sh"
    made.write_text("#!/bin/sh\necho\n")
    pinned = Pinned({"version": 1, "commands": {}}, str(tmp_path), str(tmp_path))
    assert pinned.lookup("./made.sh", str(tmp_path)) is None
    made.chmod(0o755)
    found = pinned.lookup("./made.sh", str(tmp_path))
    assert found is not None
    assert (found.shell, found.script_path) == (True, str(made))
    assert Pinned({"version": 1, "commands": {}}, str(tmp_path)).lookup("./made.sh", str(tmp_path)) is None
    made.write_text("#!/usr/bin/python3\n")
    assert pinned.lookup("./made.sh", str(tmp_path)) is None


@pytest.mark.parametrize("document", [{}, {"version": 2, "commands": {}}, {"version": 1, "commands": []}])
def test_another_version_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(MshError) as caught:
        Pinned(document)
    assert caught.value.diagnostics[0].code == "MSH470"
