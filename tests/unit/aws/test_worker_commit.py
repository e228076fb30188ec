"""Commits: their form, their order, and what turns that ran side by side add up to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from msh.aws.commit import (
    Commit,
    Entry,
    Piece,
    Situation,
    from_json,
    in_order,
    manifest_from_json,
    manifest_to_json,
    situation,
    to_json,
)
from msh.diagnostics import MshError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from msh.aws.commit import State

FILE = Entry("file", 0o644, 5, "r/a/files/0", 3, "ab" * 32)


def code_of(error: pytest.ExceptionInfo[MshError]) -> str:
    [diagnostic] = error.value.diagnostics
    return diagnostic.code


def made(parents: State, changed: Mapping[str, Entry | None], before: Mapping[str, Entry] | None = None) -> Commit:
    """A commit that has changed these paths; its output is their names."""
    after: dict[str, Entry | None] = {**(before or {}), **changed}
    files = {path: entry for path, entry in after.items() if entry is not None}
    text = " ".join(changed).encode()
    return Commit(parents, 0, (Piece(len(text), data=text),), (), files, tuple(changed), {"n": len(files)})


def loader(commits: Mapping[str, Commit]) -> Callable[[str], Commit]:
    return lambda key: from_json(to_json(commits[key]), key)


def words(commits: list[Commit]) -> list[str]:
    return [piece.data.decode() for commit in commits for piece in commit.stdout]


@pytest.mark.parametrize("data", [b"", b"text", b'quo"te\n', b"\xff\0\xfe", "ü€😀".encode()])
def test_a_commit_comes_back_as_it_was(data: bytes) -> None:
    files = {
        "a b": FILE,
        "d": Entry("directory", 0o700, -1),
        "l": Entry("link", 0o777, target="../\udcff"),
        "\udcff": FILE,
    }
    commit = Commit(
        {"base": None, "turns": ["x"]}, 3, (Piece(len(data), data=data), Piece(7, "k")), (), files, ("a b",)
    )
    assert from_json(to_json(commit), "k") == commit
    assert manifest_from_json(manifest_to_json(files), "k") == files


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"version": 2}',
        b'{"version": 1, "parents": null}',
        b"[" * 100_000,
        b'{"version":1,"parents":null,"status":"x","stdout":[],"stderr":[],"files":{},"changed":[],"shell":{}}',
        b'{"version":1,"parents":null,"status":0,"stdout":[{}],"stderr":[],"files":{},"changed":[],"shell":{}}',
        b'{"version":1,"parents":null,"status":0,"stdout":[],"stderr":[],"files":{"a":{"kind":"device"}},"changed":[],'
        b'"shell":{}}',
        b'{"version":1,"parents":null,"status":0,"stdout":[{"key":"k","size":-1}],"stderr":[],"files":{},"changed":[],'
        b'"shell":{}}',
    ],
    ids=lambda data: data[:40].decode(),
)
def test_what_is_no_commit_is_refused(data: bytes) -> None:
    with pytest.raises(MshError) as error:
        from_json(data, "r/commit.json")
    assert code_of(error) == "MSH507"
    assert "r/commit.json" in str(error.value)


def test_a_newer_version_is_named() -> None:
    with pytest.raises(MshError, match="version 2, and this msh reads version 1"):
        from_json(json.dumps({"version": 2}).encode(), "k")


def test_a_chain_is_read_in_program_order_however_long() -> None:
    commits = {str(n): made(str(n - 1) if n else None, {f"f{n}": FILE}) for n in range(5000)}
    assert words(in_order("4999", commits.__getitem__)) == [f"f{n}" for n in range(5000)]
    assert in_order(None, commits.__getitem__) == []


def test_turns_stand_between_what_was_before_and_after() -> None:
    base = {"0": FILE}
    commits = {
        "a": made(None, base),
        "b1": made("a", {"b1": FILE}, base),
        "b2": made("b1", {"b2": FILE}, {**base, "b1": FILE}),
        "c": made("a", {"c": FILE}, base),
    }
    state: State = {"base": "a", "turns": ["b2", "a", "c"]}
    commits["d"] = made(state, {"d": FILE})
    assert words(in_order("d", loader(commits))) == ["0", "b1", "b2", "c", "d"]
    assert situation(state, loader(commits)).files == {"0": FILE, "b1": FILE, "b2": FILE, "c": FILE}
    nested: State = {"base": "a", "turns": [{"base": "b1", "turns": ["b2"]}, "c"]}
    assert words(in_order(nested, loader(commits))) == ["0", "b1", "b2", "c"]
    assert sorted(situation(nested, loader(commits)).files) == ["0", "b1", "b2", "c"]
    assert situation({"base": None, "turns": []}, loader(commits)) == Situation()


def test_what_a_turn_removed_is_gone_and_what_no_turn_touched_stays() -> None:
    base = {"x": FILE, "y": FILE, "z": FILE}
    commits = {
        "a": made(None, base),
        "b": made("a", {"x": None}, base),
        "c": made("a", {"y": FILE.replace(mode=0o755)}, base),
    }
    assert situation({"base": "a", "turns": ["b", "c"]}, loader(commits)).files == {
        "y": FILE.replace(mode=0o755),
        "z": FILE,
    }


def test_a_subshell_leaves_its_files_and_its_status() -> None:
    commits = {
        "a": Commit(None, 0, shell={"status": 0, "pipestatus": [0], "stdin": 1, "directory": "."}),
        "b": Commit("a", 3, files={"f": Entry("file")}, shell={"status": 3, "stdin": 9, "directory": "/tmp"}),
        "c": Commit({"base": "a", "within": "b"}, 0),
    }
    found = situation({"base": "a", "within": "b"}, loader(commits))
    assert found.files == {"f": Entry("file")}
    assert found.status == 3
    assert found.shell == {"status": 3, "pipestatus": [3], "stdin": 9, "directory": "."}
    assert situation({"base": None, "within": "b"}, loader(commits)).shell is None
    assert in_order("c", loader(commits)) == [commits["a"], commits["b"], commits["c"]]


def test_two_turns_may_make_the_same_and_nothing_else_of_one_path() -> None:
    directory = Entry("directory", 0o755, 1)
    other = FILE.replace(sha256="cd" * 32)
    commits = {
        "a": made(None, {}),
        "b": made("a", {"d": directory, "same": FILE}),
        "c": made("a", {"d": directory.replace(mtime_ns=9), "same": FILE.replace(key="other/key", mtime_ns=8)}),
        "e": made("a", {"same": other}),
        "f": made("a", {"same": None}),
    }
    assert situation({"base": "a", "turns": ["b", "c"]}, loader(commits)).files["d"].mtime_ns == 9
    for turns in (["b", "e"], ["b", "f"], ["f", "b"]):
        with pytest.raises(MshError) as error:
            situation({"base": "a", "turns": turns}, loader(commits))
        assert code_of(error) == "MSH508"
        assert "turns 1 and 2 have both changed `same`" in str(error.value)


def test_the_shell_after_turns_has_what_each_has_changed() -> None:
    commits = {
        "a": Commit(None, 0, shell={"x": 0, "y": 0, "z": 0}),
        "b": Commit("a", 1, shell={"x": 1, "y": 1, "z": 0}),
        "c": Commit("a", 2, shell={"x": 0, "y": 2, "z": 0}),
    }
    found = situation({"base": "a", "turns": ["b", "c"]}, loader(commits))
    assert (found.shell, found.status) == ({"x": 1, "y": 2, "z": 0}, 2)


@pytest.mark.parametrize(
    "state",
    [
        "loop",
        {"base": "a", "turns": ["other"]},
        {"base": "a"},
        {"base": "a", "turns": "b"},
        7,
        ["a"],
        {"base": {"base": "loop", "turns": []}, "turns": []},
    ],
    ids=str,
)
def test_a_state_that_leads_nowhere_is_refused(state: State) -> None:
    commits = {
        "a": made(None, {}),
        "other": made(None, {}),
        "loop": made("loop2", {}),
        "loop2": made("loop", {}),
    }
    with pytest.raises(MshError) as error:
        in_order(state, loader(commits))
    assert code_of(error) == "MSH507"
