"""Which tier a host has, from what /proc and the cgroup directories say, and how v2 is told its limits.

The hosts are directories that look like theirs: this repository's own hosts have cgroup v1 and none.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from msh.limits import KINDS
from msh.sandbox.limits.groups import Group, remove_stale, start_time
from msh.sandbox.limits.tiers import CONTAINERS, RLIMITS, Tier, detect, gap

TWO = "0::/user.slice/app.slice/term.scope\n"
MOUNT = "30 23 0:26 {root} {point} rw,nosuid shared:4 - {kind} {source} rw{options}\n"


class Host:
    """Directories in place of /proc and /sys/fs/cgroup."""

    def __init__(self, top: Path) -> None:
        self.proc = top / "proc"
        self.groups = top / "cgroup"
        (self.proc / "self").mkdir(parents=True)
        self.groups.mkdir()

    def says(self, cgroup: str, *mounts: str) -> None:
        (self.proc / "self/cgroup").write_text(cgroup)
        (self.proc / "self/mountinfo").write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + "".join(mounts))

    def mount(self, name: str = "", kind: str = "cgroup2", options: str = "", root: str = "/") -> str:
        point = f"{self.groups}/{name}".rstrip("/")
        return MOUNT.format(root=root, point=point, kind=kind, source="cgroup", options=options)

    def group(self, path: str, mode: int = 0o755, **files: str) -> Path:
        directory = self.groups / path
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in {
            "cgroup.procs": "",
            **{name.replace("_", "."): text for name, text in files.items()},
        }.items():
            (directory / name.replace("subtree.control", "subtree_control")).write_text(text)
        directory.chmod(mode)
        return directory

    def tier(self) -> Tier:
        return detect(str(self.proc))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_two_delegated_from_above(host: Host) -> None:
    """As in a user's session: the slice hands controllers on, and the user may make groups in it."""
    host.says(TWO, host.mount())
    slice_ = host.group("user.slice/app.slice", cgroup_subtree_control="cpu memory pids\n")
    host.group("user.slice/app.slice/term.scope", cgroup_controllers="cpu memory pids\n")
    found = host.tier()
    assert (found.name, found.alone) == ("cgroup2", False)
    assert dict(found.places) == dict.fromkeys(("cpu", "cpuacct", "memory", "pids"), str(slice_))
    assert gap(found, "throughput", run=True) == "nothing here can hold it"
    assert [gap(found, name, run=True) for name in ("memory", "cpu", "cpus", "pids")] == [""] * 4


def test_two_with_a_scope_of_its_own(host: Host) -> None:
    """`systemd-run --user --scope -p Delegate=yes`: only this process is in it."""
    host.says(TWO, host.mount())
    scope = "user.slice/app.slice/term.scope"
    own = host.group(scope, cgroup_controllers="cpu io memory pids\n", cgroup_procs=f"{os.getpid()}\n")
    found = host.tier()
    assert (found.name, found.alone, dict(found.places)["memory"]) == ("cgroup2", True, str(own))
    host.group(scope, cgroup_controllers="cpu io memory pids\n", cgroup_procs=f"{os.getpid()}\n1\n")
    assert host.tier() == RLIMITS


def test_two_without_controllers_is_none(host: Host) -> None:
    host.says(TWO, host.mount())
    host.group("user.slice/app.slice/term.scope", cgroup_controllers="hugetlb\n", cgroup_subtree_control="hugetlb\n")
    assert host.tier() == RLIMITS


def test_a_container_that_sees_a_part_of_the_hierarchy(host: Host) -> None:
    host.says("0::/\n", host.mount(root="/docker/abc"))
    top = host.group("", cgroup_subtree_control="memory pids\n")
    assert dict(host.tier().places)["pids"] == str(top)


def test_one_with_two_beside_it(host: Host) -> None:
    """A hybrid host: the controllers are where v1 has them."""
    lines = "5:cpu,cpuacct:/\n4:memory:/part\n3:pids:/\n0::/\n"
    both = [host.mount(name, "cgroup", f",{name}") for name in ("memory", "pids", "cpu,cpuacct")]
    host.says(lines, host.mount("unified"), *both)
    for path in ("unified", "memory/part", "pids", "cpu,cpuacct"):
        host.group(path)
    found = host.tier()
    assert found.name == "cgroup1"
    assert dict(found.places)["memory"] == f"{host.groups}/memory/part"
    assert dict(found.places)["cpu"] == dict(found.places)["cpuacct"] == f"{host.groups}/cpu,cpuacct"
    assert gap(found, "memory", run=True) == ""


@pytest.mark.parametrize("cgroup", ["", "nonsense\n", "4:memory:/\n"])
def test_a_host_without(host: Host, cgroup: str) -> None:
    host.says(cgroup)
    assert host.tier() == RLIMITS
    assert detect("/nowhere") == RLIMITS


def test_what_holds_everywhere() -> None:
    for name in ("files", "time", "disk", "output"):
        assert [gap(found, name, run=run) for found in (RLIMITS,) for run in (True, False)] == ["", ""]
    assert all(gap(RLIMITS, name, run=True) for name in KINDS if name not in ("files", "time", "disk", "output"))
    assert gap(CONTAINERS, "memory", run=False) == ""
    assert gap(CONTAINERS, "memory", run=True) == "each container has its own, not the run as a whole"


def test_how_two_is_told(tmp_path: Path) -> None:
    names = ("memory.max", "memory.swap.max", "pids.max", "cpu.max", "io.max", "memory.oom.group")
    for name in names:
        (tmp_path / name).write_text("max\n")
    places = dict.fromkeys(("memory", "pids", "cpu", "io", "cpuacct"), str(tmp_path))
    group = Group(Tier("cgroup2", tuple(places.items())), places)
    group.limit({"memory": 100 << 20, "pids": 64, "cpus": 0.5, "throughput": 1 << 20}, ["8:0"])
    group.end_together()
    told = [(tmp_path / name).read_text().rstrip("\n") for name in names]
    assert told == ["104857600", "0ax", "64x", "50000 100000", "8:0 rbps=1048576 wbps=1048576", "1ax"]


def test_what_two_counts(tmp_path: Path) -> None:
    (tmp_path / "memory.events").write_text("low 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 1\n")
    (tmp_path / "memory.peak").write_text("104857600\n")
    (tmp_path / "pids.events").write_text("max 3\n")
    (tmp_path / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\n")
    group = Group(Tier("cgroup2"), dict.fromkeys(("memory", "pids", "cpuacct"), str(tmp_path)))
    counters = group.counters()
    assert (counters.killed, counters.refused, counters.memory, counters.cpu) == (1, 3, 100 << 20, 1.5)


def test_groups_of_living_runs_stay(tmp_path: Path) -> None:
    own = f"msh-{os.getpid()}-{start_time(os.getpid())}"
    for name in (own, f"msh-{os.getpid()}-1", "msh-99999999-5/step-1", "msh-odd", "other-1-1"):
        (tmp_path / name).mkdir(parents=True)
    assert remove_stale(Tier("cgroup2", (("memory", str(tmp_path)),))) == 2
    assert sorted(os.listdir(tmp_path)) == sorted([own, "msh-odd", "other-1-1"])
