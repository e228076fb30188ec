"""From accesses to mounts, or a refusal."""

from __future__ import annotations

import os
import socket

import pytest

from msh.diagnostics import MshError
from msh.effects import Unknown
from tests.unit.sandbox.conftest import Place


def refusal(place: Place, *accesses: tuple[object, ...], **settings: object) -> tuple[str, str, str]:
    """Code, message and help, with the workspace's path taken out."""
    with pytest.raises(MshError) as caught:
        place.policy(*accesses, session=place.session(**settings))
    (found,) = caught.value.diagnostics
    top = str(place.workspace.parent)
    return found.code, found.message.replace(top, "…"), found.help.replace(top, "…")


@pytest.mark.parametrize(
    ("accesses", "shown"),
    [
        ([("read", "a")], {"a": "ro"}),
        ([("read", "d/../a")], {"a": "ro"}),
        ([("read", "missing")], {}),
        ([("read", "missing/deeper")], {}),
        ([("read", "a/deeper")], {}),
        ([("read", "d")], {}),
        ([("list", "d")], {"d": "ro"}),
        ([("list", "a")], {"a": "ro"}),
        ([("write", "a")], {"a": "rw"}),
        ([("write", "new", True)], {"new": "rw"}),
        ([("write", "d/new")], {"d": "rw"}),
        ([("write", "d")], {"d": "rw"}),
        ([("entries", "d")], {"d": "rw"}),
        ([("entries", "d/f")], {"d": "rw"}),
        ([("entries", "d/x/y/z")], {"d": "rw"}),
        ([("read", "d/f"), ("list", "d")], {"d": "ro"}),
        ([("write", "d/f"), ("list", "d")], {"d": "ro", "d/f": "rw"}),
        ([("read", "d/f"), ("entries", "d")], {"d": "rw"}),
        ([("read", "a"), ("write", "a")], {"a": "rw"}),
        ([("read", "link")], {"a": "ro"}),
        ([("read", "dlink/f")], {"d/f": "ro"}),
        ([("read", "/dev/null"), ("read", "/dev/stdin"), ("read", "/proc/self/status")], {}),
        ([("read", "/usr/bin/env"), ("read", "/etc/passwd"), ("write", "/tmp/x", True)], {}),
        ([("read", Unknown())], {"": "ro"}),
        ([("entries", Unknown())], {"": "rw"}),
    ],
)
def test_what_is_mounted(place: Place, accesses: list[tuple[object, ...]], shown: dict[str, str]) -> None:
    (place.workspace / "link").symlink_to("a")
    (place.workspace / "dlink").symlink_to("d")
    expected = {(str(place.workspace) if name == "" else name): mode for name, mode in shown.items()}
    assert place.shown(place.policy(*accesses)) == expected


def test_links_on_the_way_are_in_the_view(place: Place) -> None:
    (place.workspace / "one").symlink_to("two")
    (place.workspace / "two").symlink_to("d/f")
    policy = place.policy(("read", "one"))
    names = {link.path.rpartition("/")[2]: link.target for link in policy.links}
    assert names == {"one": "two", "two": "d/f"}


def test_a_directory_left_again_exists(place: Place) -> None:
    policy = place.policy(("read", "d/../a"))
    assert policy.directories == (str(place.workspace / "d"),)


@pytest.mark.parametrize(
    ("access", "message", "flag"),
    [
        (("read", "../outside/secret"), "`cat` may not read `../outside/secret`", "--allow-read …/outside/secret"),
        (("read", "/etc/shadow"), "`cat` may not read `/etc/shadow`", "--allow-read /etc/shadow"),
        (("list", "/root"), "`cat` may not list `/root`", "--allow-read /root"),
        (("write", "../x", True), "`cat` may not write `../x`", "--allow-write …/x"),
        (("entries", ".."), "`cat` may not change names in `..`", "--allow-write …"),
        (("read", "out"), "`cat` may not read `out`, which the symbolic link `…/ws/out` leads to `…/outside/secret`",
            "--allow-read …/outside/secret"),
        (("read", "dout/secret"), "`cat` may not read `dout/secret`, which the symbolic link `…/ws/dout` leads to "
            "`…/outside/secret`", "--allow-read …/outside/secret"),
        (("read", "d/../../outside/x/../secret"), "`cat` may not read `d/../../outside/x/../secret`",
            "--allow-read …/outside/secret"),
        (("read", "to-etc"), "`cat` may not read `to-etc`, which the symbolic link `…/ws/to-etc` leads to "
            "`/etc/gshadow`", "--allow-read /etc/gshadow"),
    ],
)  # fmt: skip
def test_what_is_refused(place: Place, access: tuple[object, ...], message: str, flag: str) -> None:
    (place.workspace / "out").symlink_to(place.outside / "secret")
    (place.workspace / "dout").symlink_to("../outside")
    (place.workspace / "to-etc").symlink_to("/etc/gshadow")
    assert refusal(place, access) == ("MSH401", message, f"`{flag}` would grant it")


def test_sockets_are_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.workspace)  # a socket's name must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert refusal(place, ("read", "socket"))[:2] == ("MSH402", "`cat` may not open `socket`: it is a socket")


def test_an_absolute_link_means_the_same_inside(place: Place) -> None:
    """`/etc/passwd` is the synthetic one, also through a link."""
    (place.workspace / "p").symlink_to("/etc/passwd")
    policy = place.policy(("read", "p"))
    assert place.shown(policy) == {}
    assert [link.target for link in policy.links] == ["/etc/passwd"]


def test_devices_are_refused(place: Place) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a device")
    os.mknod(place.workspace / "null", 0o020666, os.makedev(1, 3))
    assert refusal(place, ("read", "null"))[0] == "MSH402"


def test_allow_read_is_not_allow_write(place: Place) -> None:
    settings = {"workspace": False, "allow_read": ("d",)}
    assert place.shown(place.policy(("read", "d/f"), session=place.session(**settings))) == {"d/f": "ro"}
    found = refusal(place, ("write", "d/f"), **settings)
    assert found[1:] == ("`cat` may not write `d/f`", "`--allow-write …/ws/d/f` would grant it")
    assert refusal(place, ("read", "d/../a"), **settings)[0] == "MSH401"
    assert refusal(place, ("read", "a"), **settings)[0] == "MSH401"


def test_allow_write_implies_read(place: Place) -> None:
    session = place.session(workspace=False, allow_write=("d",), allow_read=("d",))
    assert place.shown(place.policy(("read", "d/f"), ("write", "d/g", True), session=session)) == {
        "d/f": "ro",
        "d/g": "rw",
    }


def test_a_single_file_grant(place: Place) -> None:
    session = place.session(workspace=False, allow_write=("a",))
    assert place.shown(place.policy(("entries", "a"), session=session)) == {"a": "rw"}
    assert refusal(place, ("entries", "."), workspace=False, allow_write=("a",))[0] == "MSH401"


@pytest.mark.parametrize("flag", ["allow_read", "allow_write"])
@pytest.mark.parametrize("path", ["missing", "/dev/null", "/"])
def test_grants_that_cannot_be(place: Place, flag: str, path: str) -> None:
    with pytest.raises(MshError) as caught:
        place.session(**{flag: (path,)})
    assert [found.code for found in caught.value.diagnostics] == ["MSH404"]


def test_a_file_made_for_a_step_that_fails_is_removed(place: Place) -> None:
    session = place.session()
    policy = place.policy(("write", "new", True), session=session)
    made = place.workspace / "new"
    assert policy.created == (str(made),)
    assert made.read_bytes() == b""
    policy = policy.replace(argv=("cat", "nothing"))
    assert session.start(policy, {0: 0}).wait().status == 1
    assert not made.exists()


def test_one_mount_for_what_renames_between_directories(place: Place) -> None:
    (place.workspace / "d/x").mkdir()
    (place.workspace / "d/y").mkdir()
    accesses = [("entries", "d/x"), ("entries", "d/y")]
    assert place.shown(place.policy(*accesses)) == {"d/x": "rw", "d/y": "rw"}
    policy = place.policy(*accesses, together=True)
    assert place.shown(policy) == {"d": "rw"}
    assert policy.notes


def test_many_operands_get_their_directory(place: Place) -> None:
    for number in range(40):
        (place.workspace / f"d/{number}").touch()
    (place.workspace / "d/link").symlink_to("../a")
    accesses = [("read", f"d/{number}") for number in range(40)]
    policy = place.policy(*accesses, ("read", "d/link"))
    assert place.shown(policy) == {"d": "ro", "a": "ro"}
    assert "names 40 files" in policy.notes[0]
    assert place.shown(place.policy(*accesses, ("write", "d/7"))) == {"d": "ro", "d/7": "rw"}


def test_many_operands_do_not_hide_a_way_out(place: Place) -> None:
    (place.workspace / "d/out").symlink_to("../../outside/secret")
    accesses = [("read", f"d/{number}") for number in range(40)]
    assert refusal(place, *accesses, ("read", "d/out"))[0] == "MSH401"


def test_many_directories_are_widened_and_said(place: Place) -> None:
    for number in range(20):
        (place.workspace / f"d/{number}").mkdir()
        (place.workspace / f"d/{number}/f").touch()
    policy = place.policy(*[("read", f"d/{number}/f") for number in range(20)])
    assert place.shown(policy) == {f"d/{number}": "ro" for number in range(20)}
    assert "their directories" in policy.notes[0]


def test_the_whole_workspace(place: Place) -> None:
    session = place.session(allow_read=(str(place.outside),))
    policy = place.policy(session=session, workspace="write")
    assert place.shown(policy) == {str(place.workspace): "rw"}
    assert (str(place.outside), False) in [(mount.target, mount.writable) for mount in policy.mounts]


def test_no_network_unless_both_agree(place: Place) -> None:
    assert not place.policy(network="client").network
    session = place.session(network="host")
    assert not place.policy(session=session).network
    assert place.policy(session=session, network="client").network


def test_a_program_that_is_not_there(place: Place) -> None:
    from msh.catalog.model import CommandSpec, Run
    from msh.effects import Effects

    with pytest.raises(MshError) as caught:
        place.session().policy(CommandSpec("x", Run("host", "no-such-program")), Effects(), ["x"], {}, "/")
    assert caught.value.diagnostics[0].code == "MSH403"


@pytest.mark.parametrize("name", ["\udcff\udcfe", "new\nline", "a b'c", "-o", "*"])
def test_odd_names(place: Place, name: str) -> None:
    path = os.path.join(str(place.workspace), name)
    with open(os.fsencode(path), "w"):
        pass
    assert place.shown(place.policy(("read", name))) == {name: "ro"}
    found = refusal(place, ("read", f"/elsewhere/{name}"))
    assert all(one.isprintable() for one in found[1] + found[2])
