"""Every fault of a catalog file is said, with its place."""

from __future__ import annotations

import pytest

from msh.catalog.files import layers_of
from msh.diagnostics import MshError

FAULTS = {
    "key": ('[a]\nopperands = "read"\n', "MSH221", 2, "`opperands` is not a key of this table", "`operands`"),
    "option key": ('[a]\n[a.options]\nflag = "x"\n', "MSH221", 3, "`flag` is not a key", "`flags`"),
    "role": ('[a]\noperands = ["text", "reed..."]\n', "MSH222", 2, "`reed` is not a role", "`read`"),
    "option role": ('[a]\noptions.values = "o"\noption.o = "rite"\n', "MSH222", 3, "`rite` is not a role", "`write`"),
    "no such option": (
        '[a]\noptions.values = "o"\noption.x = "write"\n',
        "MSH222",
        3,
        "`x` is not an option",
        "options",
    ),
    "no such long name": ('[a]\noptions.long = "file:"\noption.fiel = "read"\n', "MSH222", 3, "`fiel`", "`file`"),
    "no such rule option": ('[a]\nwhen = [{ given = "x" }]\n', "MSH222", 2, "`x` is not an option", ""),
    "rule without condition": ('[a]\nwhen = [{ files = "workspace" }]\n', "MSH222", 2, "a rule has `given`", ""),
    "type": ('[a]\nsummary = "x"\nshell = "yes"\n', "MSH222", 3, "expected true or false, this is `yes`", ""),
    "run": ('[a]\nrun = { hots = "a" }\n', "MSH222", 2, "`run` has one of", "host"),
    "image": ('[a]\nrun = { image = "--privileged" }\n', "MSH222", 2, "expected the name of an image", ""),
    "programs": ('[a]\nprograms = ["x y"]\n', "MSH222", 2, "expected `own`, `any` or a list of names", ""),
    "network": ('[a]\nnetwork = "all"\n', "MSH222", 2, "expected one of `none`, `client`", ""),
    "dataflow": ('[a]\ndataflow = "pur"\n', "MSH222", 2, "expected one of `stateless`", ""),
    "pattern": ('[a]\nscript = "("\n', "MSH222", 2, "expected a regular expression", ""),
    "group": ('[a]\noptions.values = "d"\noption.d = { read = "^@" }\n', "MSH222", 3, "no group", ""),
    "two repeating": ('[a]\noperands = ["read...", "text..."]\n', "MSH222", 2, "only one operand", ""),
    "alias": ('[a]\nalias = "ls -l"\n', "MSH222", 2, "expected a list of words", ""),
    "alias and more": ('[a]\nalias = ["ls"]\nnetwork = "none"\n', "MSH222", 3, "an alias has no `network`", "`like`"),
    "path": ("[[path]]\nfiles = 'workspace'\n", "MSH222", 1, "needs a `directory`", ""),
    "name": ('["a/b"]\nsummary = "x"\n', "MSH222", 1, "is not a command's name", ""),
    "subcommand": ('[a]\n[a.subcommand.b]\nopperands = "read"\n', "MSH221", 3, "`opperands`", ""),
    "TOML": ('[a]\nsummary "x"\n', "MSH220", 2, "this is not TOML", ""),
}


@pytest.mark.parametrize("text, code, line, words, help", FAULTS.values(), ids=FAULTS)
def test_a_fault_has_its_code_and_place(text: str, code: str, line: int, words: str, help: str) -> None:
    with pytest.raises(MshError) as raised:
        layers_of("x.toml", text.encode())
    (found,) = raised.value.diagnostics
    assert found.code == code
    assert words in found.message
    assert help in found.help
    assert found.source is not None
    assert found.source.position(found.labels[0].start)[0] == line


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "9" * 100_000])
def test_a_hostile_text_is_a_fault_and_no_crash(text: str) -> None:
    with pytest.raises(MshError) as raised:
        layers_of("x.toml", text.encode())
    assert raised.value.diagnostics[0].code == "MSH220"


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(MshError) as raised:
        layers_of("x.toml", b'[a]\nx = 1\n[b]\ny = 2\nnetwork = "no"\n')
    assert len(raised.value.diagnostics) == 3


def test_a_table_named_path_is_a_command() -> None:
    (layer,) = layers_of("x.toml", b'[path]\nsummary = "x"\n')
    assert list(layer.names()) == ["path"]


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a = 1", b"a = [1]", b"path = 3", b"[a]\noptions = 1\n", b"[a.when]\n"])
def test_odd_files_end_in_diagnostics(data: bytes) -> None:
    with pytest.raises(MshError):
        layers_of("x.toml", data)
