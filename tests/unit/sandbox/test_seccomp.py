"""The filter's program, run by a small interpreter of classic BPF: both machines, whatever this one is."""

from __future__ import annotations

import errno
import struct

import pytest

from msh.sandbox import seccomp
from msh.sandbox.backend import HANDOVER
from msh.sandbox.broker.filter import FILES, NETWORK, SENDING, notify_filter
from msh.sandbox.seccomp import ABSENT, ARCHITECTURES, DENIED, TERMINAL_REQUESTS, compile_filter

ALLOW, KILL, ASK = "allow", "kill", "ask"
MACHINES = tuple(ARCHITECTURES)


def run(program: bytes, machine: str, number: int, *arguments: int, architecture: int | None = None) -> str:
    """What the filter says to a call."""
    arch = ARCHITECTURES[machine] if architecture is None else architecture
    arguments += (0,) * (6 - len(arguments))
    data = struct.pack("<IIQ6Q", number, arch, 0, *arguments)
    counter = accumulator = 0
    while True:
        code, true, false, value = struct.unpack_from("<HBBI", program, 8 * counter)
        counter += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x06:
            if value & 0xFFFF0000 == 0x00050000:
                return errno.errorcode[value & 0xFFFF]
            return {0x7FFF0000: ALLOW, 0x80000000: KILL, 0x7FC00000: ASK}[value]
        elif code == 0x05:
            counter += value
        else:
            taken = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[code]
            counter += true if taken else false


@pytest.fixture(params=[(machine, network) for machine in MACHINES for network in (False, True)], ids=str)
def case(request: pytest.FixtureRequest) -> tuple[bytes, str, bool]:
    """A program, its machine, and whether it is for a step with a network."""
    machine, network = request.param
    return compile_filter(machine, network=network), machine, network


def test_tables(case: tuple[bytes, str, bool]) -> None:
    program, machine, _ = case
    for table, said in ((DENIED, "EPERM"), (ABSENT, "ENOSYS")):
        for name, numbers in table.items():
            number = numbers[MACHINES.index(machine)]
            if number is not None:
                assert run(program, machine, number) == said, name


def test_every_number_is_named_once() -> None:
    for column in range(len(MACHINES)):
        numbers = [n[column] for table in (DENIED, ABSENT) for n in table.values() if n[column] is not None]
        numbers += [pair[column] for pair in (seccomp.IOCTL, seccomp.CLONE, seccomp.PERSONALITY, seccomp.SOCKET)]
        numbers += [pair[column] for pair in seccomp.AIMED.values()]
        assert len(numbers) == len(set(numbers))


def test_ordinary_calls_pass(case: tuple[bytes, str, bool]) -> None:
    program, machine, _ = case
    ordinary = {
        "x86_64": (0, 1, 2, 9, 59, 60, 231, 257, 262, 332, 437),
        "aarch64": (63, 64, 56, 222, 221, 93, 94, 79, 291, 437),
    }
    assert {run(program, machine, number) for number in ordinary[machine]} == {ALLOW}


def test_what_no_table_names_passes(case: tuple[bytes, str, bool]) -> None:
    """Every number that there is is found, or found not to be there."""
    program, machine, _ = case
    column = MACHINES.index(machine)
    named = {numbers[column] for table in (DENIED, ABSENT) for numbers in table.values()}
    named.add(seccomp.SOCKET[column])
    passing = {number for number in range(seccomp.NEWEST) if run(program, machine, number) == ALLOW}
    assert passing == set(range(seccomp.NEWEST)) - named


def test_other_architectures_are_killed(case: tuple[bytes, str, bool]) -> None:
    program, machine, _ = case
    for architecture in (0x40000003, 0x40000028, 0, *[ARCHITECTURES[other] for other in MACHINES if other != machine]):
        assert run(program, machine, 1, architecture=architecture) == KILL


def test_calls_of_later_kernels_are_absent(case: tuple[bytes, str, bool]) -> None:
    program, machine, _ = case
    assert {run(program, machine, number) for number in (467, 500, 1023, 0xFFFFFFFF)} == {"ENOSYS"}


def test_x32_is_absent() -> None:
    program = compile_filter("x86_64", network=False)
    assert {run(program, "x86_64", 0x40000000 | n) for n in (0, 1, 2, 257, 512)} == {"ENOSYS"}


@pytest.mark.parametrize("high", [0, 1 << 32, 0xFFFFFFFF << 32])
def test_arguments(case: tuple[bytes, str, bool], high: int) -> None:
    """Whatever the upper half holds, the kernel ignores it and the filter too."""
    program, machine, network = case
    column = MACHINES.index(machine)
    ioctl, clone, personality, sock = (
        pair[column] for pair in (seccomp.IOCTL, seccomp.CLONE, seccomp.PERSONALITY, seccomp.SOCKET)
    )
    for request in TERMINAL_REQUESTS.values():
        assert run(program, machine, ioctl, 0, request | high) == "EPERM"
    assert run(program, machine, ioctl, 0, 0x5401 | high) == ALLOW  # TCGETS
    assert run(program, machine, clone, 0x01200011 | high) == ALLOW  # fork
    for bit in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert run(program, machine, clone, 17 | bit | high) == "EPERM"
    assert run(program, machine, personality, 0xFFFFFFFF | high) == ALLOW
    assert run(program, machine, personality, 0x40000 | high) == "EPERM"
    unix = "EAFNOSUPPORT" if network else ALLOW
    families = {1: unix, 2: ALLOW, 10: ALLOW, 16: ALLOW, 17: "EAFNOSUPPORT", 38: "EAFNOSUPPORT", 40: "EAFNOSUPPORT"}
    assert {family: run(program, machine, sock, family | high, 1) for family in families} == families
    assert run(program, machine, sock, 16 | high, 3, 15) == "EAFNOSUPPORT"


@pytest.mark.parametrize("machine", MACHINES)
def test_without_a_namespace_no_network_is_no_socket(machine: str) -> None:
    sock = seccomp.SOCKET[MACHINES.index(machine)]
    shut = compile_filter(machine, network=False, namespace=False)
    assert {run(shut, machine, sock, family, 1) for family in (1, 2, 10, 16, 17, 40)} == {"EAFNOSUPPORT"}
    open_ = compile_filter(machine, network=True, namespace=False)
    assert [run(open_, machine, sock, family, 1) for family in (1, 2, 10, 16)] == ["EAFNOSUPPORT", ALLOW, ALLOW, ALLOW]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("high", [0, 0xFFFFFFFF << 32])
def test_protected_processes(machine: str, high: int) -> None:
    """By number, as a group, and all at once; also when there are as many as ever are."""
    program = compile_filter(machine, network=False, namespace=False, protected=tuple(range(100, 150)))
    for numbers in seccomp.AIMED.values():
        number = numbers[MACHINES.index(machine)]
        for target in (100, 149, -100, -149, -1):
            assert run(program, machine, number, (target & 0xFFFFFFFF) | high, 9) == "EPERM"
        for target in (0, 99, 150, -99):
            assert run(program, machine, number, (target & 0xFFFFFFFF) | high, 9) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_what_waits_for_the_broker(machine: str) -> None:
    """Of what sends, only what may name an address; and not the message that sends the filter's own listener."""
    program = notify_filter(machine, files=False, network=True)
    column = MACHINES.index(machine)
    to, message, messages = [SENDING[name][column] or 0 for name in ("sendto", "sendmsg", "sendmmsg")]
    assert run(program, machine, to, 3, 4, 5) == ALLOW
    assert {run(program, machine, to, 3, 4, 5, 0, address) for address in (1, 1 << 32, 1 << 63)} == {ASK}
    assert run(program, machine, message, 3, 4, HANDOVER) == ALLOW
    assert {run(program, machine, message, 3, 4, flags) for flags in (0, 0x80, 0x4000)} == {ASK}
    assert run(program, machine, messages, 3, 4, HANDOVER) == ASK
    assert {run(program, machine, both[column] or 0) for both in (NETWORK["connect"], NETWORK["listen"])} == {ASK}
    for name, both in FILES.items():
        number = both[column]
        if number is not None:
            assert run(program, machine, number) == ALLOW, name
            assert run(notify_filter(machine, files=True, network=False), machine, number) == ASK, name
    assert run(notify_filter(machine, files=True, network=False), machine, to, 3, 4, 5, 0, 1) == ALLOW
