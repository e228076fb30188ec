r"""Escapes as bash's `echo -e`, `printf %b` and printf's format read them, text by text."""

from __future__ import annotations

import subprocess

from msh.expand.escapes import decode_ansi, decode_b, decode_echo, decode_format
from msh.source import decode, encode

TEXTS = [
    r"a\tb\nc",
    r"\a\b\e\E\f\r\v\\",
    r"\x41\x4\xg\x414",
    r"\u00e9\u20ac\U1F600\u\U",
    r"\0101\101\1\08\8\0\01234",
    r"\xff\x80",
    r"\q\"\'\?",
    "end\\",
    r"a\cb",
    r"\c",
    r"é\n\xc3\xa9",
    r"\udfff\U110000\UFFFFFFFF",
    "plain",
    "",
    r"\400\777",
]


def bash(script: str) -> list[bytes]:
    argv = ["bash", "-c", script, "bash", *map(encode, TEXTS)]
    ran = subprocess.run(argv, capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})  # type: ignore[arg-type]
    return ran.stdout.split(b"--end--")[:-1]


def test_echo() -> None:
    assert [encode(decode_echo(text)[0]) for text in TEXTS] == bash('for x; do echo -ne "$x"; printf -- --end--; done')


def test_printf_b() -> None:
    printed = bash('for x; do printf %b "$x"; printf -- --end--; done')
    assert [encode(decode_b(text)[0]) for text in TEXTS] == printed


def test_printf_format() -> None:
    printed = bash('for x; do printf -- "$x"; printf -- --end--; done')
    assert [encode(decode_format(text)) for text in TEXTS] == printed


def test_ansi_quotes() -> None:
    texts = [text for text in TEXTS if "'" not in text and not text.endswith("\\")]
    script = "".join(f"printf '%s\\0' $'{text}';" for text in texts)
    ran = subprocess.run(["bash", "-c", encode(script)], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert [decode_ansi(text) for text in texts] == decode(ran.stdout).split("\0")[:-1]
