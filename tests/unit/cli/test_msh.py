"""The `msh` command from outside: what it says and returns before any script runs."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import msh

ROOT = Path(msh.__file__).parent.parent
MSH = [sys.executable, "-m", "msh"]


def run(*arguments: str | bytes, directory: Path, stdin: bytes = b"", **variables: str) -> tuple[int, str, str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(directory), **variables}
    done = subprocess.run([*MSH, *arguments], cwd=directory, env=environment, input=stdin, capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "surrogateescape")


def test_help_lists_every_verb_and_option(tmp_path: Path) -> None:
    from msh.cli import VERBS
    from msh.cli.options import RUN_OPTIONS

    status, out, err = run("--help", directory=tmp_path)
    assert (status, err) == (0, "")
    for name in [*VERBS, *[flag for option in RUN_OPTIONS for flag in option.flags]]:
        assert f"  {name}" in out or f", {name}" in out
    assert "examples:" in out
    assert max(map(len, out.splitlines())) <= 120


def test_every_verb_has_help(tmp_path: Path) -> None:
    from msh.cli import VERBS

    for verb in VERBS:
        status, out, err = run(verb, "--help", directory=tmp_path)
        assert (status, err) == (0, ""), verb
        assert out.startswith(f"usage: msh {verb}"), verb
        assert "examples:" in out, verb


def test_version(tmp_path: Path) -> None:
    assert run("--version", directory=tmp_path) == (0, f"msh {msh.__version__}\n", "")


def make_odd_scripts(directory: Path) -> None:
    (directory / "folder").mkdir()
    (directory / "binary").write_bytes(b"\x7fELF\0\0")
    (directory / "nul.sh").write_bytes(b"echo a\necho \0\n")
    (directory / "python.py").write_text("#!/usr/bin/env python3\nprint(1)\n")
    (directory / "entry").write_text('#!/usr/bin/env msh\nrun = { host = "cat" }\n')
    (directory / "awk").write_text("#!/usr/bin/awk -f\n{}\n")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nope.sh"], 127, "error[MSH462]: cannot run `nope.sh`: No such file or directory"),
        (["chekc"], 127, "help: did you mean `msh check`?"),
        (["binary/x.sh"], 127, "error[MSH462]: cannot run `binary/x.sh`: Not a directory"),
        (["folder"], 126, "error[MSH463]: cannot read `folder`: Is a directory"),
        (["binary"], 126, "error[MSH464]: `binary` is not text: there is a NUL byte at offset 4"),
        (["nul.sh"], 126, "there is a NUL byte at offset 12"),
        (["/dev/zero"], 126, "there is a NUL byte at offset 0"),
        (["python.py"], 126, "`python.py` is written for `python3`, not for a shell"),
        (["entry"], 126, "`entry` maps a command, and is no script itself"),
        (["awk"], 126, "`awk` is written for `awk`, not for a shell"),
        (["--timout", "3"], 2, "error[MSH460]: unknown option `--timout`"),
        (["-c"], 2, "error[MSH461]: `-c` needs commands"),
        (["--timeout", "x", "-c", ":"], 2, "error[MSH461]: `--timeout` is `x`: expected seconds"),
        (["check"], 2, "error[MSH461]: `msh check` needs a script"),
        (["explain", "MSH999"], 2, "error[MSH468]: there is no page for `MSH999`"),
        (["explain", "../../README"], 2, "error[MSH468]: there is no page for `../../README`"),
        (["x\x1b]0;y\x07"], 127, "cannot run `x\\x1b]0;y\\x07`"),
        ([b"caf\xe9"], 127, "cannot run `caf\\xe9`"),
    ],
)
def test_what_cannot_run(tmp_path: Path, arguments: list[str], status: int, words: str) -> None:
    make_odd_scripts(tmp_path)
    returned, out, err = run(*arguments, directory=tmp_path)
    assert (returned, out) == (status, "")
    assert words in err
    assert "Traceback" not in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_unreadable(tmp_path: Path) -> None:
    (tmp_path / "secret.sh").write_text("echo\n")
    (tmp_path / "secret.sh").chmod(0)
    status, _, err = run("secret.sh", directory=tmp_path)
    assert (status, "Permission denied" in err) == (126, True)


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    status, _, err = run("-c", ":", directory=tmp_path, MSH_BACKEND="vm")
    assert status == 2
    assert "`MSH_BACKEND` is `vm`: expected one of" in err


def test_the_users_file_is_shown_with_its_place(tmp_path: Path) -> None:
    (tmp_path / ".config/msh").mkdir(parents=True)
    (tmp_path / ".config/msh/config.toml").write_text("# mine\ntimout = 3\n")
    status, _, err = run("-c", ":", directory=tmp_path)
    assert status == 2
    assert f"--> {tmp_path}/.config/msh/config.toml:2:1\n" in err
    assert "help: did you mean `timeout`?" in err


def test_no_prompt_yet(tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    done = subprocess.run(
        MSH,
        stdin=terminal,
        capture_output=True,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    os.close(controller), os.close(terminal)
    assert done.returncode == 2
    assert b"error[MSH465]: there is no interactive prompt yet\n  help: run a script with" in done.stderr


def test_a_full_or_closed_output_is_an_error(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    for redirection, reason in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
        line = f'exec "$@" {redirection}'
        done = subprocess.run(
            ["sh", "-c", line, "sh", *MSH, "--help"], capture_output=True, cwd=tmp_path, env=environment
        )
        assert done.returncode == 2
        assert f"error[MSH466]: cannot write to standard output: {reason}" in done.stderr.decode()


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*MSH, "--help"], stdout=writer, stderr=subprocess.PIPE, cwd=tmp_path, env=environment, restore_signals=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (-13, b"")


def test_config_shows_values_and_origins(tmp_path: Path) -> None:
    (tmp_path / ".config/msh").mkdir(parents=True)
    (tmp_path / ".config/msh/config.toml").write_text("allow_read = ['/etc/hosts']\n")
    status, out, err = run("config", "--allow-read", "x", directory=tmp_path, MSH_TIMEOUT="2m")
    assert (status, err) == (0, "")
    rows = {line.split()[0]: line.split(None, 2)[1:] for line in out.splitlines()}
    assert rows["workspace"] == [str(tmp_path), "built in"]
    assert rows["timeout"] == ["120.0", "MSH_TIMEOUT"]
    assert rows["allow_read"] == [
        f"/etc/hosts:{tmp_path}/x",
        f"{tmp_path}/.config/msh/config.toml: allow_read, --allow-read",
    ]
