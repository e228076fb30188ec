"""Layers: which entry of a name counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from msh.catalog import Catalog, CommandSpec, load_catalog
from msh.config import Settings
from msh.diagnostics import MshError
from msh.effects import effects_of


def load(tmp_path: Path, text: str, **layers: str) -> Catalog:
    """A catalog with `text` as a `--catalog` file; `user` and `project` give those layers."""
    (tmp_path / "extra.toml").write_text(text)
    (tmp_path / "home/.config/msh/catalog").mkdir(parents=True)
    (tmp_path / "project").mkdir()
    if "user" in layers:
        (tmp_path / "home/.config/msh/catalog/mine.toml").write_text(layers["user"])
    if "project" in layers:
        (tmp_path / "project/msh.toml").write_text(layers["project"])
    settings = Settings(str(tmp_path / "project"), catalogs=(str(tmp_path / "extra.toml"),), trust=True)
    return load_catalog(settings, str(tmp_path / "project"), {"HOME": str(tmp_path / "home")})


def spec(catalog: Catalog, name: str) -> CommandSpec:
    found = catalog.lookup(name)
    assert found is not None
    return found


def test_later_layers_win(tmp_path: Path) -> None:
    entry = '[{}]\nsummary = "{}"\n'
    user = "".join([entry.format(name, "user") for name in "abc"])
    project = "".join([entry.format(name, "project") for name in "bc"])
    catalog = load(tmp_path, entry.format("c", "extra"), user=user, project=project)
    assert [spec(catalog, name).summary for name in "abc"] == ["user", "project", "extra"]
    assert spec(catalog, "sort").origin == "standard"
    assert {"a", "b", "c", "sort"} <= set(catalog.names())


def test_an_entry_says_where_it_stands(tmp_path: Path) -> None:
    catalog = load(tmp_path, '# two\n[first]\n\n["[second"]\nsummary = "x"\n')
    assert spec(catalog, "[second").origin == f"{tmp_path}/extra.toml:4"


def test_an_alias_puts_words_before_the_arguments(tmp_path: Path) -> None:
    catalog = load(tmp_path, '[ll]\nalias = ["lt", "-r"]\n[lt]\nalias = ["ls", "-t"]\n[ls]\nalias = ["ls", "-F"]\n')
    assert spec(catalog, "ll").arguments == ("-F", "-t", "-r")
    assert spec(catalog, "ll").run.program == "ls"
    assert [access.path for access in effects_of(spec(catalog, "ll"), ["d"]).accesses] == ["d"]


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ('[a]\nalias = ["b"]\n[b]\nalias = ["a"]\n', "a", "leads back to itself"),
        ('[a]\nlike = "b"\n[b]\nlike = "a"\n', "a", "leads back to itself"),
        ('[a]\nalias = ["nothing"]\n', "a", "is not in the catalog"),
        ('[a]\nalias = ["a"]\n', "a", "is not in the catalog"),
        ('[a]\nlike = "nothing"\n', "a", "is not in the catalog"),
    ],
)
def test_an_entry_that_leads_nowhere_is_an_error(tmp_path: Path, text: str, name: str, words: str) -> None:
    with pytest.raises(MshError, match=words) as raised:
        load(tmp_path, text).lookup(name)
    assert raised.value.diagnostics[0].code == "MSH223"


def test_like_takes_over_what_is_not_said(tmp_path: Path) -> None:
    text = '[mysort]\nlike = "sort"\nsummary = "mine"\n[sort]\nlike = "sort"\nrun = { image = "alpine:3" }\n'
    catalog = load(tmp_path, text)
    assert spec(catalog, "sort").run.image == "alpine:3"
    assert spec(catalog, "mysort").summary == "mine"
    assert [access.kind for access in effects_of(spec(catalog, "mysort"), ["-o", "x"]).accesses] == ["write"]


def test_path_maps_the_executables_of_a_directory(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "count").write_text("#!/usr/bin/python3\nprint(1)\n")
    (tools / "hello").write_text("#!/bin/sh\necho hi\n")
    (tools / "notes.txt").write_text("no program\n")
    for name in ("count", "hello"):
        (tools / name).chmod(0o755)
    catalog = load(tmp_path, '[[path]]\ndirectory = "tools"\nnetwork = "client"\n')
    count = spec(catalog, "count")
    assert (count.run.program, count.files, count.network) == (f"{tools}/count", "workspace", "client")
    assert spec(catalog, f"{tools}/count").run.program == f"{tools}/count"
    assert catalog.lookup("../tools/count", str(tools)) == count.replace(name="../tools/count")
    assert spec(catalog, "hello").shell and spec(catalog, "hello").script_path == f"{tools}/hello"
    assert catalog.lookup("notes.txt") is None
    assert "count" in catalog.names() and "notes.txt" not in catalog.names()


def test_a_program_by_its_path_is_mapped_when_its_name_is(tmp_path: Path) -> None:
    catalog = load(tmp_path, '[tool]\nrun = { image = "alpine" }\n')
    assert spec(catalog, "/usr/bin/sort").run.program == "/usr/bin/sort"
    assert spec(catalog, "/usr/bin/../bin/sort").run.program == "/usr/bin/sort"
    for path in ("/usr/bin/nonexistent", "/opt/sort", "/usr/bin/tool", f"{tmp_path}/sort"):
        assert catalog.lookup(path) is None


def test_a_shell_script_of_the_workspace_is_interpreted(tmp_path: Path) -> None:
    catalog = load(tmp_path, "")
    project = tmp_path / "project"
    texts = {
        "a.sh": "#!/bin/bash\n:\n",
        "b": "#!/usr/bin/env -S sh -e\n:\n",
        "c": ":\n",
        "d": "#!/bin/perl\n",
        "e": "\x7fELF",
    }
    for name, text in texts.items():
        (project / name).write_text(text)
        (project / name).chmod(0o755)
    found = {name: catalog.lookup(f"./{name}", str(project)) for name in texts}
    assert {name for name, each in found.items() if each is not None and each.shell} == {"a.sh", "b", "c"}
    assert found["d"] is None and found["e"] is None
    (tmp_path / "outside.sh").write_text(":\n")
    (tmp_path / "outside.sh").chmod(0o755)
    (project / "link.sh").symlink_to(tmp_path / "outside.sh")
    assert catalog.lookup("../outside.sh", str(project)) is None
    assert catalog.lookup("./link.sh", str(project)) is None


def test_a_missing_catalog_file_is_an_error(tmp_path: Path) -> None:
    settings = Settings(None, catalogs=(str(tmp_path / "none.toml"),))
    with pytest.raises(MshError, match="No such file") as raised:
        load_catalog(settings, str(tmp_path), {})
    assert raised.value.diagnostics[0].code == "MSH220"
