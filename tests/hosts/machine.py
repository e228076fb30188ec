"""One virtual machine: started from archives in memory, its console read to the end, ended when it takes too long."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.hosts.image import Entry, Kernel, write_archive

EMULATORS = {"amd64": "qemu-system-x86_64", "arm64": "qemu-system-aarch64"}
CONSOLES = {"amd64": "ttyS0", "arm64": "ttyAMA0"}
MEMORY = "3G"
DISK = 256 << 20  # bytes of an empty disk, which a machine sees as /disk
PATIENCE = 15  # seconds for a processor that can to get to a kernel's panic


def has_hardware(architecture: str, kernel: Kernel) -> bool:
    """Whether this processor runs it; else each instruction is translated, some twenty times slower.

    Found out by a start without a root file system, which ends at once: within a virtual machine KVM may be there and
    not work.
    """
    same = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine) == architecture
    if not same or not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    argv = [*_argv(architecture, hardware=True), "-kernel", str(kernel.image), "-append", "panic=-1"]
    try:
        subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return False
    return True


def start(
    architecture: str,
    kernel: Kernel,
    archives: Iterable[Path],
    entries: Iterable[Entry],
    words: str,
    seconds: float,
    log: Path,
    *,
    hardware: bool,
) -> bool:
    """Run a machine until it switches itself off; whether it did in time. `log` gets what it prints.

    It is made of whole `archives` and more `entries`; `words` go on the kernel's command line.
    """
    with tempfile.TemporaryDirectory(prefix="msh-host-") as directory, log.open("wb") as console:
        contents, disk = Path(directory, "contents"), Path(directory, "disk")
        with disk.open("wb") as empty:
            empty.truncate(DISK)
        subprocess.run(["mke2fs", "-q", "-t", "ext4", str(disk)], check=True)
        with contents.open("wb") as target:
            for archive in (*archives, kernel.modules):
                with archive.open("rb") as source:
                    shutil.copyfileobj(source, target, 1 << 20)
            write_archive(target, entries)
        line = f"console={CONSOLES[architecture]} quiet panic=-1 rdinit=/init {words}"
        argv = [*_argv(architecture, hardware=hardware), "-kernel", str(kernel.image), "-initrd", str(contents)]
        argv += ["-drive", f"file={disk},format=raw,if=virtio,cache=unsafe"]
        with subprocess.Popen(
            [*argv, "-append", line], stdin=subprocess.DEVNULL, stdout=console, stderr=console
        ) as machine:
            end = time.monotonic() + seconds
            while machine.poll() is None and time.monotonic() < end:
                time.sleep(0.2)
            in_time = machine.poll() is not None
            machine.kill()
    return in_time


def _argv(architecture: str, *, hardware: bool) -> list[str]:
    argv = [EMULATORS[architecture], "-m", MEMORY, "-smp", "2", "-nographic", "-no-reboot", "-nic", "none"]
    if hardware:
        argv += ["-accel", "kvm", "-cpu", "host,arch-capabilities=off"]
    else:
        argv += ["-accel", "tcg,thread=multi", "-cpu", "cortex-a72" if architecture == "arm64" else "max"]
    return [*argv, "-machine", "virt"] if architecture == "arm64" else argv
