"""Hostile scripts through the real command line: `tests/cases/escape/*.toml`, whose README says what a case is."""

from __future__ import annotations

import os
import shutil
import socket
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from msh.sandbox.limits.tiers import tier
from msh.sandbox.task import GAPS
from tests.support.attack import ROOT, USERS, Attack, Ran, attack, unavailable

CASES = Path(__file__).parent.parent / "cases/escape"
PROBES = Path(__file__).parent / "probes"
BACKENDS = ("bubblewrap", "native", "task")
KEYS = frozenset(
    "number name script options setup setup_as_root status stdout shows hides after needs users backends gap stdin "
    "open before server".split()
)


def read_cases() -> list[Any]:
    """Every case with every user and backend it is for."""
    parameters = []
    for path in sorted(CASES.glob("*.toml")):
        for case in tomllib.loads(path.read_text()).get("case", ()):
            assert case.keys() <= KEYS, f"{path}: {case['name']}: unknown key {case.keys() - KEYS}"
            for backend in case.get("backends", BACKENDS):
                for user in case.get("users", USERS):
                    name = f"{case['number']}-{case['name'].replace(' ', '-')}-{backend}-{user}"
                    marks = pytest.mark.escape(case["number"])
                    parameters.append(pytest.param(case, backend, user, id=name, marks=marks))
    return parameters


@pytest.mark.parametrize(("case", "backend", "user"), read_cases())
def test_escape(case: dict[str, Any], backend: str, user: str, record_property: Callable[[str, object], None]) -> None:
    """The secret is never shown, and the rest is as the case says."""
    reason = unavailable(user) or missing(case)
    if reason:
        pytest.skip(reason)
    # A worker's /tmp is its own, so what is to stay out of reach lies elsewhere.
    with attack(user, "/var/tmp" if backend == "task" else None) as place:
        prepare(place, case)
        ran = run(place, case, backend)
        shown = ran.output.decode(errors="surrogateescape")
        assert place.secret not in shown
        assert f'File "{ROOT}/msh/' not in shown, shown  # a traceback of msh itself
        if backend == "task" and "gap" in case:
            record_property("gap", True)
            assert case["gap"] in {gap.topic for gap in GAPS}
            return
        check_status(case, ran)
        if "stdout" in case:
            assert ran.stdout.decode() == case["stdout"], shown
        for words in case.get("shows", ()):
            assert words in shown, shown
        for words in case.get("hides", ()):
            assert words not in shown, shown
        if "after" in case:
            after = place.shell(case["after"], privileged=True)
            assert after.status == 0, f"{after.output.decode()}\n{shown}"


def missing(case: dict[str, Any]) -> str:
    """What the case needs and this host has not."""
    offered = {os.uname().machine, *(["cgroups"] if tier().places else [])}
    found = [need for need in case.get("needs", ()) if need not in offered and shutil.which(need) is None]
    if "setup_as_root" in case and os.geteuid() != 0:
        found.append("root")
    return f"needs {', '.join(found)}" if found else ""


def prepare(place: Attack, case: dict[str, Any]) -> None:
    """Run the setups; what fails there is no result."""
    for key, privileged in (("setup", False), ("setup_as_root", True)):
        if key in case:
            made = place.shell(f"PROBES={PROBES}\nset -e\n{case[key]}", privileged=privileged)
            assert made.status == 0, made.output.decode()


def run(place: Attack, case: dict[str, Any], backend: str) -> Ran:
    """The script, with what it is given: a server to reach, a descriptor left open."""
    options = ["--workspace", "none", "--catalog", str(CASES / "commands.toml")]
    msh = place.msh
    if backend == "native":
        options += ["--backend", "native"]
    if backend == "task":
        place.more = {"MSH_TEST_LANDLOCK": "1"}
        msh = partial(place.msh, module="tests.support.task")
    options += case.get("options", ())
    script = case["script"]
    if script == "-":
        return msh(*options, stdin=case["stdin"].encode())
    if case.get("server"):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.1)
            ran = msh(*options, "-c", f"PORT={server.getsockname()[1]}\n{script}")
            with pytest.raises(TimeoutError):
                server.accept()
            return ran
    if "open" in case:
        return msh(*options, "-c", script, before=f"exec {case['open']}<secret")
    return msh(*options, "-c", script, before=case.get("before", ":"))


def check_status(case: dict[str, Any], ran: Ran) -> None:
    """`refused`, `fails`, a number, or `any`."""
    wanted = case["status"]
    shown = ran.output.decode(errors="replace")
    if wanted == "refused":
        assert ran.status == 126, shown
    elif wanted == "fails":
        assert ran.status != 0, shown
    elif wanted != "any":
        assert ran.status == wanted, shown
