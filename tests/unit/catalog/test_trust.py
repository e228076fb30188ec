"""What a project's author controls counts only after its user said so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from msh.catalog import Catalog, load_catalog
from msh.catalog.trust import distrust, fault, is_trusted, read, trust
from msh.config import Settings
from msh.diagnostics import MshError

MAPS_DEPLOY = '[deploy]\nrun = { host = "true" }\n'


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    directory = tmp_path / "home"
    directory.mkdir()
    return {"HOME": str(directory)}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    directory = tmp_path / "project"
    (directory / "scripts").mkdir(parents=True)
    (directory / "msh.toml").write_text(MAPS_DEPLOY)
    return directory


def catalog(project: Path, home: dict[str, str], **settings: object) -> Catalog:
    """The catalog of a script in a directory of the project."""
    return load_catalog(Settings(str(project)).replace(**settings), str(project / "scripts"), home)


def test_a_project_file_counts_only_when_trusted(project: Path, home: dict[str, str]) -> None:
    before = catalog(project, home)
    assert before.lookup("deploy") is None
    assert [found.code for found in before.diagnostics] == ["MSH224"]
    assert "msh trust" in before.note("deploy")
    assert before.note("other") == ""
    trust(str(project / "msh.toml"), home)
    after = catalog(project, home)
    assert after.lookup("deploy") is not None
    assert after.diagnostics == ()


def test_a_changed_file_is_trusted_again(project: Path, home: dict[str, str]) -> None:
    trust(str(project / "msh.toml"), home)
    (project / "msh.toml").write_text(MAPS_DEPLOY + "\n")
    assert catalog(project, home).lookup("deploy") is None


def test_the_same_content_elsewhere_is_not_trusted(project: Path, home: dict[str, str], tmp_path: Path) -> None:
    trust(str(project / "msh.toml"), home)
    other = tmp_path / "other.toml"
    other.write_text(MAPS_DEPLOY)
    assert is_trusted(read(str(project / "msh.toml")), home)
    assert not is_trusted(read(str(other)), home)


def test_trust_can_be_given_for_one_run_and_taken_back(project: Path, home: dict[str, str]) -> None:
    assert catalog(project, home, trust=True).lookup("deploy") is not None
    trust(str(project / "msh.toml"), home)
    assert distrust(str(project / "msh.toml"), home)
    assert not distrust(str(project / "msh.toml"), home)
    assert catalog(project, home).lookup("deploy") is None


def test_a_file_that_anybody_can_write_never_counts(project: Path, home: dict[str, str]) -> None:
    trust(str(project / "msh.toml"), home)
    (project / "msh.toml").chmod(0o666)
    found = catalog(project, home, trust=True)
    assert found.lookup("deploy") is None
    assert [diagnostic.code for diagnostic in found.diagnostics] == ["MSH225"]
    with pytest.raises(MshError, match="everybody can write it"):
        trust(str(project / "msh.toml"), home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file somebody else's")
def test_a_file_of_somebody_else_never_counts(project: Path, home: dict[str, str]) -> None:
    os.chown(project / "msh.toml", 12345, 12345)
    assert fault(read(str(project / "msh.toml"))) == "it belongs to somebody else"
    assert catalog(project, home, trust=True).lookup("deploy") is None


def test_a_record_is_the_users_alone(project: Path, home: dict[str, str]) -> None:
    trust(str(project / "msh.toml"), home)
    directory = Path(home["HOME"]) / ".local/state/msh/trust"
    (record,) = directory.iterdir()
    assert record.stat().st_mode & 0o777 == 0o600
    assert directory.stat().st_mode & 0o777 == 0o700
    record.chmod(0o666)
    assert not is_trusted(read(str(project / "msh.toml")), home)


def test_without_a_home_there_is_nowhere_to_keep_trust(project: Path) -> None:
    with pytest.raises(MshError) as raised:
        trust(str(project / "msh.toml"), {})
    assert raised.value.diagnostics[0].code == "MSH226"


def test_a_store_that_cannot_be_written_is_an_error(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MshError) as raised:
        trust(str(project / "msh.toml"), {"XDG_STATE_HOME": str(tmp_path / "file")})
    assert raised.value.diagnostics[0].code == "MSH226"


@pytest.mark.parametrize("kind", ["fifo", "directory", "huge"])
def test_what_is_no_catalog_file_is_not_read(project: Path, home: dict[str, str], kind: str) -> None:
    path = project / "msh.toml"
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.write_bytes(b"#" * (1 << 21))
    found = catalog(project, home)
    assert [diagnostic.code for diagnostic in found.diagnostics] == ["MSH225"]


def test_a_command_file_outside_projects_counts_and_inside_is_to_be_trusted(
    project: Path, home: dict[str, str], tmp_path: Path
) -> None:
    text = '#!/usr/bin/env msh\nsummary = "greets"\nrun = { host = "echo" }\n'
    for directory in (tmp_path / "bin", project / "bin"):
        directory.mkdir()
        (directory / "greet").write_text(text)
    mine = catalog(project, {**home, "PATH": f"{tmp_path}/bin:/usr/bin"}).lookup("greet")
    assert mine is not None and mine.summary == "greets" and mine.origin == f"{tmp_path}/bin/greet"
    theirs = {**home, "PATH": f"{project}/bin:relative:/usr/bin"}
    before = catalog(project, theirs)
    assert before.lookup("greet") is None
    assert "msh trust" in before.note("greet")
    trust(f"{project}/bin/greet", home)
    assert catalog(project, theirs).lookup("greet") is not None
