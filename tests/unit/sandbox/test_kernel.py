"""What is said where the kernel is older than a part of msh needs; real ones are tried by `./dev hosts old`."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from msh.config import Settings
from msh.diagnostics import MshError
from msh.sandbox import Session, kernel
from msh.sandbox.doctor import checks
from msh.sandbox.limits.tiers import RLIMITS, gap


@pytest.fixture(params=["5.10.0-44-cloud-amd64", "4.19.0", "5.4-rc1"])
def old(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A kernel's release."""
    there = SimpleNamespace(release=request.param, machine=os.uname().machine)
    monkeypatch.setattr(os, "uname", lambda: there)
    return str(request.param)


def test_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    for release, version in (("6.18.44-fc", (6, 18)), ("5.15+", (5, 15)), ("7.0rc2", (7, 0)), ("6", (6, 0))):
        monkeypatch.setattr(os, "uname", lambda release=release: SimpleNamespace(release=release))
        assert kernel.linux() == version


@pytest.mark.parametrize(
    "settings", [Settings(None, prompt="stdin"), Settings(None, network="ask"), Settings(None, allow_hosts=("a.test",))]
)
def test_questions_need_a_newer_one(old: str, settings: Settings) -> None:
    with pytest.raises(MshError) as caught:
        Session(settings, "/").close()
    (found,) = caught.value.diagnostics
    assert (found.code, f"this is Linux {old[:3]}"[:16] in found.message) == ("MSH419", True)


def test_doctor_names_what_is_missing(old: str) -> None:
    (check,) = [check for check in checks() if check.name == "kernel"]
    assert not check.ok
    assert not check.needed
    for words in (old, "questions", "native", "Landlock", "in one act, since Linux 5.14"):
        assert words in check.detail


def test_processes_are_not_counted_by_each_sandbox(old: str) -> None:
    assert gap(RLIMITS, "pids", run=False) == "nothing here can hold it"
