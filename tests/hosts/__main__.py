"""`./dev hosts [NAME...]`: run the chosen tests on other hosts, each a virtual machine, and say how they went."""

from __future__ import annotations

import re
import stat
import sys
import time
from collections.abc import Sequence

from tests.hosts.container import run
from tests.hosts.image import CACHE, Entry, kernel, packages, project
from tests.hosts.machine import has_hardware, start
from tests.hosts.table import HOSTS, Host, script
from tests.support.attack import ROOT

STEP = re.compile(r"^==== end (\S+): status (\d+) after (\d+) s", re.MULTILINE)


def main(names: Sequence[str]) -> int:
    """Run those hosts, all without a name; 1 when a step failed or a machine did not get to its end."""
    known = {host.name: host for host in HOSTS}
    CACHE.mkdir(parents=True, exist_ok=True)
    if unknown := [name for name in names if name not in known]:
        print(f"no host `{unknown[0]}`; there are {', '.join(known)}", file=sys.stderr)
        return 2
    good = [try_host(known[name]) for name in names or known]
    return int(not all(good))


def try_container(host: Host) -> bool:
    """The same for one that is no machine."""
    print(f"{host.name}: {host.summary}", flush=True)
    log = CACHE / f"{host.name}.log"
    good = True
    for name, status in run([(step.name, step.options, step.user, step.command) for step in host.steps], log):
        good = good and status == 0
        words = "ok" if status == 0 else f"status {status}"
        print(f"  {name:24} {words:12} {'':7}  {_summary(log.read_text(errors='replace'), name)}", flush=True)
    print(f"  all that it printed: {log.relative_to(ROOT)}", flush=True)
    return good


def try_host(host: Host) -> bool:
    """Start it, and print each step with its status."""
    if not host.architecture:
        return try_container(host)
    system, linux = packages(host.architecture), kernel(host.suite, host.architecture)
    hardware = has_hardware(host.architecture, linux)
    print(f"{host.name}: {host.summary} ({host.architecture}{'' if hardware else ', emulated'})", flush=True)
    init = (ROOT / "tests/hosts/guest/init.sh").read_bytes()
    entries = [*project(), _file("init", 0o755, init), _file("host.sh", 0o644, script(host).encode())]
    log = CACHE / f"{host.name}.log"
    begun = time.monotonic()
    words = f"host={host.name} {host.words}"
    in_time = start(host.architecture, linux, [system], entries, words, host.seconds, log, hardware=hardware)
    text = log.read_text(errors="replace").replace("\r", "")
    found = {name: (int(status), seconds) for name, status, seconds in STEP.findall(text)}
    for step in host.steps:
        status, seconds = found.get(step.name, (None, "-"))
        words = "ok" if status == 0 else "did not run" if status is None else f"status {status}"
        print(f"  {step.name:24} {words:12} {seconds:>5} s  {_summary(text, step.name)}")
    if not in_time:
        print(f"  it was ended after {time.monotonic() - begun:.0f} s")
    print(f"  all that it printed: {log.relative_to(ROOT)}", flush=True)
    return in_time and all(found.get(step.name, (1, ""))[0] == 0 for step in host.steps)


def _file(name: str, mode: int, data: bytes) -> Entry:
    return Entry(name, stat.S_IFREG | mode, data)


def _summary(text: str, name: str) -> str:
    """The last line that a step printed."""
    _, _, rest = text.partition(f"==== begin {name}\n")
    lines = [line.strip() for line in rest.partition(f"==== end {name}:")[0].splitlines()]
    return next((line for line in reversed(lines) if line), "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
