"""What a policy compiles to: the same words for the same policy, on any machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from msh.diagnostics import MshError
from msh.sandbox.backend import Base
from msh.sandbox.bubblewrap import Bubblewrap, find
from msh.sandbox.docker import Docker
from msh.sandbox.policy import Limits, Link, Mount, Policy

BASE = Base(
    (Mount("/usr", "/usr"), Mount("/run/etc", "/etc"), Mount("/run/tmp", "/tmp", True)),
    (("/bin", "usr/bin"),),
    (Mount("/etc/ssl/certs", "/etc/ssl/certs"),),
    "/run/empty",
)
POLICY = Policy(
    argv=("sort", "-o", "out", "in file"),
    program="/usr/bin/sort",
    environment=(("PATH", "/usr/bin"), ("X", "a b")),
    directory="/w",
    mounts=(Mount("", "/home/u", True), Mount("/w/d/in", "/w/d/in"), Mount("/w/out", "/w/out", True)),
    links=(Link("/w/in file", "d/in"),),
    directories=("/w/e",),
)


@pytest.fixture
def bubblewrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bubblewrap:
    """A backend whose bwrap has all options; it is never started. Root hides what else the host's /proc holds."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    program = tmp_path / "bwrap"
    program.write_bytes(b"--bind-fd --disable-userns")
    return Bubblewrap(str(program))


def test_bubblewrap(bubblewrap: Bubblewrap) -> None:
    assert str(bubblewrap.compile(POLICY, BASE)) == (
        "--unshare-all --unshare-user --disable-userns --die-with-parent --new-session --cap-drop ALL --hostname msh "
        "--ro-bind /usr /usr --ro-bind /run/etc /etc --bind /run/tmp /tmp --symlink usr/bin /bin --proc /proc "
        "--dev /dev --ro-bind /run/empty /proc/1 --ro-bind /proc/sys /proc/sys --tmpfs /home/u "
        "--ro-bind-fd /w/d/in /w/d/in --bind-fd /w/out /w/out --symlink d/in '/w/in file' --dir /w/e --dir /w "
        "--remount-ro / --chdir /w --setenv PATH /usr/bin --setenv X 'a b' -- /usr/bin/sort sort -o out 'in file'"
    )


def test_bubblewrap_with_a_network(bubblewrap: Bubblewrap) -> None:
    words = str(bubblewrap.compile(POLICY.replace(network=True), BASE))
    assert " --share-net " in words
    assert " --ro-bind /etc/ssl/certs /etc/ssl/certs " in words


def test_an_old_bubblewrap_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "bwrap"
    program.write_bytes(b"--bind --ro-bind")
    with pytest.raises(MshError) as caught:
        Bubblewrap(str(program))
    assert caught.value.diagnostics[0].code == "MSH441"


def test_no_bubblewrap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msh.sandbox.bubblewrap.PLACES", ())
    with pytest.raises(MshError) as caught:
        find("relative:/nowhere")
    assert caught.value.diagnostics[0].code == "MSH440"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"limits": Limits(memory=1 << 20)}, "a limit of memory"),
        ({"limits": Limits(pids=1)}, "a limit of processes"),
        ({"image": "busybox"}, "an image"),
    ],
)
def test_what_bubblewrap_cannot_enforce(bubblewrap: Bubblewrap, change: dict[str, object], words: str) -> None:
    with pytest.raises(MshError) as caught:
        bubblewrap.compile(POLICY.replace(**change), BASE)
    assert caught.value.diagnostics[0].code == "MSH444"
    assert words in caught.value.diagnostics[0].message


def test_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("os.getegid", lambda: 100)
    policy = POLICY.replace(
        image="host:5000/tools/sort:1", program="sort", limits=Limits(memory=1 << 20, pids=9, files=64)
    )
    assert str(Docker().compile(policy, BASE)) == (
        "docker run --rm --interactive --init --read-only --cap-drop ALL --security-opt no-new-privileges "
        "--security-opt seccomp=msh.json --user 1000:100 --hostname msh --network none --workdir /w --memory 1048576 "
        "--pids-limit 9 "
        "--ulimit nofile=64 --tmpfs /home/u:mode=1777 --mount type=bind,source=/run/tmp,target=/tmp "
        "--mount type=bind,source=/w/d/in,target=/w/d/in,readonly --mount type=bind,source=/w/out,target=/w/out "
        "--mount 'type=bind,source=/w/d/in,target=/w/in file,readonly' --env PATH=/usr/bin --env 'X=a b' "
        "--entrypoint sort host:5000/tools/sort:1 -- sort -o out 'in file'"
    )


@pytest.mark.parametrize(
    "image", ["busybox", "a/b", "a/b:1.2-x", "host.example:5000/a_b/c--d:T", "localhost/x@sha256:" + "0" * 64]
)
def test_image_references(image: str) -> None:
    assert Docker().compile(POLICY.replace(image=image), BASE).arguments


@pytest.mark.parametrize(
    "image",
    [
        "--privileged",
        "-v",
        "img --net=host",
        "img\n",
        "Img",
        "a//b",
        "../x",
        "/a",
        "a:",
        "a@sha256:1",
        "a" * 300,
        "a:b:c",
    ],
)
def test_what_is_no_image_reference(image: str) -> None:
    """97: nothing that could be read as an option, however the Engine's client is called."""
    with pytest.raises(MshError) as caught:
        Docker().compile(POLICY.replace(image=image), BASE)
    assert caught.value.diagnostics[0].code == "MSH446"


def test_docker_needs_an_image_and_three_descriptors() -> None:
    with pytest.raises(MshError) as caught:
        Docker().compile(POLICY, BASE)
    assert caught.value.diagnostics[0].code == "MSH445"
    with pytest.raises(MshError) as caught:
        Docker().start(Docker().compile(POLICY.replace(image="x"), BASE), {0: 0, 1: 1, 2: 2, 5: 1})
    assert caught.value.diagnostics[0].code == "MSH447"
