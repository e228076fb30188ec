"""What one hostile command gets, straight from the launcher: the cases of design that need no interpreter.

Each runs as root and as an ordinary user. Numbers are those of `tests/cases/escape`, where the same is tried
through the whole command line.
"""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.attack import USERS, Attack, attack, unavailable

BACKENDS = ("bubblewrap", "native")
PROBES = Path(__file__).parent / "probes"


@pytest.fixture(params=[(backend, user) for backend in BACKENDS for user in USERS], ids="-".join)
def place(request: pytest.FixtureRequest) -> Iterator[Attack]:
    """A planted directory for each backend and kind of user; afterwards no secret may have been shown."""
    backend, user = request.param
    reason = unavailable(user)
    if reason:
        pytest.skip(reason)
    with attack(user) as made:
        made.backend = backend
        yield made


def python(place: Attack, program: str, **settings: object) -> str:
    """What a Python program prints inside a step that was granted nothing."""
    ran = place.step(["python3", "-IS", "-c", textwrap.dedent(program)], **settings)
    assert place.secret.encode() not in ran.output
    assert ran.status == 0, ran.output.decode()
    return ran.stdout.decode().strip()


SYSCALLS = """
    import ctypes, errno
    libc = ctypes.CDLL(None, use_errno=True)
    def call(*arguments):
        ctypes.set_errno(0)
        # c_long, so that all 64 bits of an argument arrive
        result = libc.syscall(*[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
        return "allowed" if result >= 0 else errno.errorcode[ctypes.get_errno()]
"""


def table(name: str) -> dict[str, int]:
    """The numbers of a table of the filter for this machine."""
    from msh.sandbox import seccomp

    column = tuple(seccomp.ARCHITECTURES).index(os.uname().machine)
    return {call: numbers[column] for call, numbers in getattr(seccomp, name).items() if numbers[column] is not None}


@pytest.mark.escape(34, 35, 36, 38)
def test_denied_system_calls(place: Attack) -> None:
    """36, 38: keyrings, bpf, perf, userfaultfd, kexec, modules, handles, mounts, namespaces, ptrace."""
    program = (
        f"{textwrap.dedent(SYSCALLS)}\nfor name, n in {table('DENIED')}.items(): print(name, call(n, 0, -3, 1, 0, 0))"
    )
    results = dict(line.split() for line in python(place, program).splitlines())
    assert results == dict.fromkeys(table("DENIED"), "EPERM")


@pytest.mark.escape(37, 38)
def test_absent_system_calls(place: Attack) -> None:
    """37: io_uring and clone3 look as if the kernel had none."""
    program = f"{textwrap.dedent(SYSCALLS)}\nfor name, n in {table('ABSENT')}.items(): print(name, call(n, 4, 0))"
    results = dict(line.split() for line in python(place, program).splitlines())
    assert results == dict.fromkeys(table("ABSENT"), "ENOSYS")


@pytest.mark.escape(40, 41)
def test_arguments_are_compared_by_their_low_half(place: Attack) -> None:
    """40, 41: typing into the terminal is denied, also with a bit set that the kernel ignores (CVE-2019-10063)."""
    from msh.sandbox.seccomp import CLONE, IOCTL, PERSONALITY, SOCKET, TERMINAL_REQUESTS

    column = 0 if os.uname().machine == "x86_64" else 1
    program = textwrap.dedent(SYSCALLS) + textwrap.dedent(f"""
        ioctl, clone, personality, socket = {IOCTL[column]}, {CLONE[column]}, {PERSONALITY[column]}, {SOCKET[column]}
        for request in {list(TERMINAL_REQUESTS.values())}:
            assert call(ioctl, 0, request, 0) == call(ioctl, 0, request | 1 << 32, 0) == "EPERM", hex(request)
        assert call(ioctl, 0, 0x541B, ctypes.c_char_p(b" " * 8)) != "EPERM"  # FIONREAD
        for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
            assert call(clone, flag | 17, 0, 0, 0, 0) == "EPERM", hex(flag)
        assert call(personality, 0x0040000) == call(personality, 0x0040000 | 1 << 32) == "EPERM"
        assert call(personality, 0xFFFFFFFF) == "allowed"
        assert call(socket, 40, 1, 0) == call(socket, 40 | 1 << 32, 1, 0) == "EAFNOSUPPORT"  # vsock
        assert call(socket, 16, 3, 15) == "EAFNOSUPPORT"  # netlink, uevents
        assert call(socket, 17, 3, 0) == "EAFNOSUPPORT"  # packet
        assert call(socket, 1, 1, 0) == call(socket, 2, 1, 0) == "allowed"
        print("done")
    """)
    assert python(place, program) == "done"


@pytest.mark.escape(42, 43)
def test_a_network_takes_unix_sockets_away(place: Attack) -> None:
    """42: an abstract socket of the host is reachable wherever its network is."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"\0{place.secret}")
    server.listen()
    program = f"""
        import socket
        try:
            socket.socket(socket.AF_UNIX).connect("\\0{place.secret[:6]}" + "{place.secret[6:]}")
            print("connected")
        except OSError as error:
            print(error.strerror)
    """
    with server:
        assert python(place, program) == "Connection refused"
        shown = python(place, program, network="host", effects={"network": "client"})
        assert shown == "Address family not supported by protocol"


@pytest.mark.escape(29, 34)
def test_the_helper_inside_cannot_be_reached(place: Attack) -> None:
    """29: pid 1 of the sandbox is outside the filter; whoever could write to its memory would be, too."""
    program = """
        import os
        for name in ("mem", "environ", "cmdline", "maps", "fd", "root", "cwd", "task/1/mem"):
            try:
                os.stat(f"/proc/1/{name}")
                print("reached", name)
            except FileNotFoundError:
                pass
        print("hidden")
    """
    assert python(place, program) == "hidden"


def test_kernel_settings_are_read_only(place: Attack) -> None:
    """As uid 0 /proc/sys is writable even without capabilities, core_pattern among it: a way out of any sandbox."""
    program = """
        import os
        opened = []
        for top in ("/proc/sys", "/sys"):
            for directory, _, names in os.walk(top):
                for name in names:
                    try:
                        os.close(os.open(os.path.join(directory, name), os.O_WRONLY))
                        opened.append(os.path.join(directory, name))
                    except OSError:
                        pass
        for name in ("/proc/kcore", "/proc/kmsg", "/proc/sysrq-trigger", "/proc/mtrr"):
            try:
                os.write(os.open(name, os.O_RDWR), b"h")
                opened.append(name)
            except OSError:
                pass
        print(opened)
    """
    assert python(place, program) == "[]"


@pytest.mark.escape(19)
def test_no_capability_is_left(place: Attack) -> None:
    """19, 35: nothing to mount, chroot or trace with."""
    shown = python(
        place, "print(''.join(l for l in open('/proc/self/status') if l.startswith(('Cap', 'NoNewPrivs', 'Seccomp:'))))"
    )
    values = dict(line.split(":\t") for line in shown.splitlines())
    assert {name: int(value, 16) for name, value in values.items()} == {
        "CapInh": 0, "CapPrm": 0, "CapEff": 0, "CapBnd": 0, "CapAmb": 0, "NoNewPrivs": 1, "Seccomp": 2
    }  # fmt: skip


def test_the_loader_of_bwrap_ignores_the_script(place: Attack) -> None:
    """`export LD_PRELOAD=./evil.so` must act inside only: bwrap itself runs on the host."""
    if shutil.which("gcc") is None:
        pytest.skip("needs gcc")
    place.shell(
        "printf '%s' '#include <fcntl.h>\n#include <unistd.h>\n"
        '__attribute__((constructor)) static void f(void){int d=creat("pwned",0644);write(d,"x",1);}'
        "' >evil.c && gcc -shared -fPIC -o evil.so evil.c && rm -f pwned"
    )
    library = str(place.directory / "evil.so")
    place.step(["true"], [["read", library]], allow_read=[library], environment={"LD_PRELOAD": library})
    assert (place.directory / "evil.so").exists()
    assert not (place.directory / "pwned").exists()


@pytest.mark.escape(39)
@pytest.mark.parametrize("probe", ["int80_open", "x32_open"])
def test_foreign_system_calls(place: Attack, probe: str, tmp_path: Path) -> None:
    """39: calls of the 32-bit and the x32 interface have other numbers; the filter must not be passed by them."""
    if os.uname().machine != "x86_64" or shutil.which("gcc") is None:
        pytest.skip("needs gcc on x86_64")
    program = place.directory / probe
    subprocess.run(["gcc", "-O1", "-static", "-o", program, PROBES / f"{probe}.c"], check=True)
    program.chmod(0o755)
    control = place.shell(f"./{probe} secret")
    ran = place.step([str(program), "secret"], [["read", "secret"]], allow_read=["secret"])
    assert place.secret.encode() not in ran.output
    assert ran.status == (159 if probe == "int80_open" else 3), ran  # SIGSYS; 3: the probe's word for ENOSYS
    assert control.status in (0, 3), control  # what the host itself says, where it has that interface


@pytest.mark.escape(31)
def test_descriptors(place: Attack) -> None:
    """31: an open descriptor of whoever started msh is not the step's."""
    with open(place.directory / "secret") as secret:
        os.set_inheritable(secret.fileno(), True)
        program = "import os; print(sorted(os.listdir('/proc/self/fd')))"
        ran = place.step(["python3", "-IS", "-c", program], fds=[secret.fileno()])
    assert ran.stdout == b"['0', '1', '2', '3']\n", ran


@pytest.mark.escape(30)
def test_environment(place: Attack) -> None:
    """30: no secret of the environment in any process that a step can see."""
    ran = place.step(["sh", "-c", "env; cat /proc/self/environ /proc/*/environ /proc/*/cmdline"])
    assert place.secret.encode() not in ran.output
    assert b"HOME=" in ran.stdout


@pytest.mark.escape(53)
def test_processes_end_with_the_step(place: Attack) -> None:
    """53: a daemon that detached itself twice."""
    mark = f"777{os.getpid()}"
    place.step(["sh", "-c", f"(setsid sleep {mark} >/dev/null 2>&1 &) ; exit 0"])
    assert place.shell(f"pgrep -f '[s]leep {mark}'", privileged=True).stdout == b""


@pytest.mark.escape(42, 65, 75)
def test_a_network_of_its_own(place: Attack) -> None:
    """65, 75: the host's services cannot be reached, nor can a step be reached from the host."""
    program = """
        import socket
        try:
            socket.create_connection(("127.0.0.1", {port}), 2)
            print("connected")
        except OSError as error:
            print(error.strerror)
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert python(place, program.format(port=server.getsockname()[1])) == "Connection refused"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    listen = f"""
        import socket
        server = socket.create_server(("", {port}))
        server.settimeout(1.5)
        try:
            server.accept()
            print("reached")
        except TimeoutError:
            print("alone")
    """
    results = []

    def connect() -> None:
        with socket.socket() as client:
            results.append(client.connect_ex(("127.0.0.1", port)))

    timer = threading.Timer(1.0, connect)
    timer.start()
    assert python(place, listen) == "alone"
    timer.join()
    assert results == [errno.ECONNREFUSED]


@pytest.mark.escape(44)
def test_system_v_memory(place: Attack) -> None:
    """44: shared memory of the host is not there."""
    made = subprocess.run(["ipcmk", "-M", "4096", "-p", "0666"], capture_output=True, text=True, check=True)
    identifier = made.stdout.split()[-1]
    try:
        ran = place.step(["ipcs", "-m"])
        assert identifier not in [word for line in ran.stdout.decode().splitlines() for word in line.split()]
        assert place.step(["ls", "/dev/shm"]).stdout == b""
    finally:
        subprocess.run(["ipcrm", "-m", identifier], check=True)


@pytest.mark.escape(8)
def test_a_step_cannot_put_a_link_in_the_way_of_the_next(place: Attack) -> None:
    """The place in /tmp above granted files is a mount point for every step, so it cannot be renamed or replaced."""
    first = "/" + "/".join(place.directory.parts[1:3])
    script = f"mv {first} /tmp/x; rmdir {first}; ln -sfn /etc {first}/y; mkdir {first}/z"
    ran = place.step(["sh", "-c", script], [["read", "f"]], workspace=str(place.directory))
    assert ran.status != 0
    assert ran.stderr.count(b"busy") + ran.stderr.count(b"Read-only") == 4, ran.stderr.decode()


@pytest.mark.escape(103)
def test_the_runs_own_files_are_hidden(place: Attack) -> None:
    """A workspace that holds the private directories of runs (`/tmp` itself) does not show them."""
    ran = place.step(
        ["sh", "-c", "ls -A /tmp/msh-*; : > /tmp/msh-*/x"], workspace="/tmp", effects={"workspace": "write"}
    )
    assert b"run-" not in ran.output
    assert b"etc-" not in ran.output
    assert ran.status != 0
