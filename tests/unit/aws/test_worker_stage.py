"""Manifests on disk: hostile ones stay in the workspace, and what has not changed is never stored again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from msh.aws.commit import Entry
from msh.aws.stage import Root, changes, select, stage
from msh.aws.store import read
from msh.diagnostics import MshError
from tests.support.desk import Desk, desk

if TYPE_CHECKING:
    pass

__all__ = ["desk"]  # a fixture


def refusal(error: pytest.ExceptionInfo[MshError]) -> str:
    [diagnostic] = error.value.diagnostics
    return diagnostic.code


def test_everything_comes_back_as_it_was(desk: Desk) -> None:
    staged = desk.stage()
    work = desk.work
    (work / "empty").touch()
    (work / "d/deep").mkdir(parents=True)
    (work / "d/deep/run.sh").write_bytes(b"\0binary\xff" * 1000)
    (work / "d/deep/run.sh").chmod(0o751)
    os.utime(work / "d/deep/run.sh", ns=(1, 1234567890123456789))
    os.symlink("../nowhere \udcff", work / "d/link")
    os.mkfifo(work / "pipe", 0o600)
    with open(os.fsencode(work) + b"/caf\xe9", "w") as file:
        file.write("latin")
    os.chmod(work / "d/deep", 0o555)
    os.utime(work / "d", ns=(5, 5))
    found = desk.changes(staged)
    assert (
        list(found.changed)
        == sorted(found.files)
        == ["caf\udce9", "d", "d/deep", "d/deep/run.sh", "d/link", "empty", "pipe"]
    )
    desk.fresh()
    again = desk.stage()
    assert (desk.work / "d/deep/run.sh").read_bytes() == b"\0binary\xff" * 1000
    assert (desk.work / "d/deep/run.sh").stat().st_mode & 0o7777 == 0o751
    assert (desk.work / "d/deep/run.sh").stat().st_mtime_ns == 1234567890123456789
    assert (desk.work / "d").stat().st_mtime_ns == 5
    assert os.readlink(desk.work / "d/link") == "../nowhere \udcff"
    assert desk.changes(again).changed == ()


def test_only_what_has_another_content_is_stored_again(desk: Desk) -> None:
    desk.manifest = {name: desk.put(f"content of {name}") for name in ("a", "b", "c", "d", "e")}
    staged = desk.stage()
    before = set(desk.store.keys(""))
    work = desk.work
    (work / "a").touch()
    (work / "b").chmod(0o777)
    (work / "c").write_text("content of C")
    with open(work / "d", "r+") as file:  # the same bytes, as `sort -o d d` of a sorted file
        file.write("content of d")
    os.utime(work / "c", ns=(10**18, 10**18))  # a script can set this time, and not the time of the change
    os.unlink(work / "e")
    found = desk.changes(staged)
    assert found.changed == ("a", "b", "c", "d", "e")
    assert [key for key in desk.store.keys("") if key not in before] == [found.files["c"].key]
    assert read(desk.store, found.files["c"].key) == b"content of C"
    assert found.files["a"].key == "in/0" and found.files["a"].mtime_ns != 10**18
    assert found.files["b"].mode == 0o777 and "e" not in found.files


def test_what_is_not_staged_stays(desk: Desk) -> None:
    desk.manifest = {
        "a": desk.put("a"),
        "big": Entry("file", 0o644, 1, "nobody/has/it", 10**12, "00"),
        "d": Entry("directory", 0o755, 1),
        "d/x": desk.put("x"),
        "d/y": desk.put("y"),
    }
    staged = desk.stage(["a", "d/x"])
    assert sorted(os.listdir(desk.work)) == ["a", "d"] and os.listdir(desk.work / "d") == ["x"]
    (desk.work / "new").write_text("n")
    found = desk.changes(staged)
    assert found.changed == ("new",)
    assert sorted(found.files) == ["a", "big", "d", "d/x", "d/y", "new"]
    desk.fresh()
    staged = desk.stage(["d"])
    assert sorted(os.listdir(desk.work / "d")) == ["x", "y"]
    for name in ("x", "y"):
        os.unlink(desk.work / "d" / name)
    os.rmdir(desk.work / "d")
    (desk.work / "big").write_text("written without being read")
    found = desk.changes(staged)
    assert found.changed == ("big", "d", "d/x", "d/y")
    assert sorted(found.files) == ["a", "big", "new"] and found.files["big"].size == 26


def test_a_directory_that_became_a_file_takes_its_files_with_it(desk: Desk) -> None:
    desk.manifest = {"d": Entry("directory", 0o755, 1), "d/x": desk.put("x"), "d2": desk.put("2")}
    staged = desk.stage([])
    os.rmdir(desk.work / "d")
    (desk.work / "d").write_text("file")
    assert sorted(desk.changes(staged).files) == ["d", "d2"]


@pytest.mark.parametrize(
    ("wanted", "staged"),
    [
        ([], []),
        (["a"], ["a"]),
        (["./a", "d//x"], ["a", "d/x"]),
        (["d"], ["d/x", "d/s/y"]),
        (["d/"], ["d/x", "d/s/y"]),
        (["."], ["a", "d/x", "d/s/y", "t", "/tmp/x"]),
        (["../a", "/etc/passwd"], []),
        (["d/../a"], ["a"]),
        (["to-a"], ["a"]),
        (["to-d/x"], ["d/x"]),
        (["to-to-d/s"], ["d/s/y"]),
        (["/tmp/x"], ["/tmp/x"]),
        (["/tmp"], ["/tmp/x"]),
        (["to-tmp"], ["/tmp/x"]),
        (["round/x"], ["a", "d/x", "d/s/y", "t", "/tmp/x"]),
    ],
    ids=str,
)
def test_what_is_wanted_is_found_also_behind_links(wanted: list[str], staged: list[str]) -> None:
    links = {"to-a": "a", "to-d": "d", "to-to-d": "./to-d", "to-tmp": "/tmp/x", "round": "round/more"}
    files = {name: Entry("file", size=1) for name in ("a", "d/x", "d/s/y", "t", "/tmp/x")}
    manifest = {**files, **{name: Entry("link", target=target) for name, target in links.items()}}
    chosen = select(manifest, wanted)
    assert sorted(set(chosen) - links.keys()) == sorted(staged)
    assert links.keys() <= chosen.keys()


@pytest.mark.parametrize(
    "hostile",
    [
        {"../out": "file"},
        {"a/../../out": "file"},
        {"/out": "file"},
        {"a//b": "file"},
        {"./a": "file"},
        {"": "directory"},
        {".": "directory"},
        {"..": "directory"},
        {"a\0b": "file"},
        {"a": "file", "a/b": "file"},
        {"a": "file", "a/b": "directory"},
        {"l/out": "file", "l": "link"},
        {"l/out": "directory", "l": "link"},
        {"l/out/x": "link", "l": "link"},
        {"/tmp/x": "file"},
        {"x" * 300: "file"},
    ],
    ids=str,
)
def test_a_manifest_cannot_write_elsewhere(desk: Desk, hostile: dict[str, str]) -> None:
    """A link is made last, so a file below it finds a directory there, and the link finds its place taken."""
    entries = {"file": desk.put("evil"), "directory": Entry("directory", 0o777), "link": Entry("link", target="..")}
    desk.manifest = {path: entries[kind] for path, kind in hostile.items()}
    with pytest.raises(MshError) as error:
        desk.stage()
    assert refusal(error) == "MSH509"
    assert os.listdir(desk.work.parent) == [desk.work.name]
    assert sorted(os.listdir(desk.path)) == ["outer", "store"]


def test_a_link_in_the_workspace_is_not_followed_back(desk: Desk) -> None:
    """The script turns a directory into a link to elsewhere; what lies there is not taken for the workspace's."""
    desk.manifest = {"d": Entry("directory", 0o755, 1), "d/x": desk.put("x")}
    staged = desk.stage()
    secret = desk.path / "secret"
    secret.mkdir()
    (secret / "key").write_text("key")
    os.unlink(desk.work / "d/x")
    os.rmdir(desk.work / "d")
    os.symlink(secret, desk.work / "d")
    found = desk.changes(staged)
    assert {path: entry.kind for path, entry in found.files.items()} == {"d": "link"}
    assert (secret / "key").read_text() == "key"


@pytest.mark.parametrize(
    ("content", "size", "digest"),
    [("short", 100, ""), ("longer than it should be", 5, ""), ("12345", 5, "00" * 32)],
    ids=["truncated", "longer", "other"],
)
def test_content_that_is_not_what_the_manifest_says(desk: Desk, content: str, size: int, digest: str) -> None:
    desk.manifest = {"f": desk.put(content).replace(size=size, sha256=digest)}
    before = os.listdir("/proc/self/fd")
    with pytest.raises(MshError) as error:
        desk.stage()
    assert refusal(error) == "MSH504"
    assert os.listdir("/proc/self/fd") == before, "a descriptor would hold its file's room on the disk"


def test_an_object_that_is_not_there(desk: Desk) -> None:
    desk.manifest = {"f": desk.put("x").replace(key="in/none")}
    with pytest.raises(MshError) as error:
        desk.stage()
    assert refusal(error) == "MSH506"


def test_scratch_travels_beside_the_workspace(desk: Desk) -> None:
    scratch = desk.path / "scratch"
    (scratch / "own").mkdir(parents=True)
    (scratch / "own/secret").write_text("the worker's")
    roots = [Root(str(desk.work)), Root(str(scratch), "/tmp/", ("own",))]
    staged = stage(desk.store, roots, {"a": desk.put("a"), "/tmp/t.1": desk.put("t")}, None)
    assert (scratch / "t.1").read_text() == "t"
    (scratch / "t.2").write_text("made by mktemp")
    (scratch / "t.3").write_text("made by mktemp, too")
    os.unlink(scratch / "t.1")
    for name in ("a", "b", "c"):
        (desk.work / name).write_text(f"{name} of the workspace")
    found = changes(desk.store, roots, staged, "r/1")
    assert found.changed == ("/tmp/t.1", "/tmp/t.2", "/tmp/t.3", "a", "b", "c")
    contents = {path: read(desk.store, entry.key) for path, entry in found.files.items()}
    assert contents == {
        **{"/tmp/t.2": b"made by mktemp", "/tmp/t.3": b"made by mktemp, too"},
        **{"a": b"a of the workspace", "b": b"b of the workspace", "c": b"c of the workspace"},
    }
    with pytest.raises(MshError) as error:
        stage(desk.store, roots, {"/tmp/own/x": desk.put("evil")}, None)
    assert refusal(error) == "MSH509"


def test_many_files_need_few_descriptors(desk: Desk) -> None:
    import resource

    desk.manifest = {f"d{n % 10}/f{n}": desk.put(str(n)) for n in range(400)}
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 120, hard))
    try:
        staged = desk.stage()
        for n in range(400):
            (desk.work / f"d{n % 10}/f{n}").write_text("changed")
        found = desk.changes(staged)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len([path for path in found.changed if "/" in path]) == 400
