"""Quoting: the forms of bash's builtins, and every quoted text read back by bash as it was."""

from __future__ import annotations

import subprocess

import pytest

from msh.expand.quote import ansi_or_double, quote, quote_minimal, quote_readable
from msh.source import decode, encode

TEXTS = [
    "plain",
    "",
    "a b",
    "it's",
    'say "x"',
    "$HOME `id` \\ !",
    "a\nb",
    "tab\there",
    "\x01\x7f\x1b",
    "é ü",
    "\u200b\u00ad",
    "\udcff",
    "é\udcff'\\",
    "~user",
    "a~b",
    "x=~y",
    "a:~",
    "#c",
    "a#c",
    "a,b{c}",
    "[x]*?",
    "^%@+-./_:=",
    "&|;<>()",
    "\r\n",
    "-n",
]


def bash(script: str, *arguments: str) -> list[str]:
    """What a script prints, NUL-separated."""
    argv = ["bash", "-c", script, "bash", *map(encode, arguments)]
    ran = subprocess.run(argv, capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})  # type: ignore[arg-type]
    return decode(ran.stdout).split("\0")[:-1]


def test_quote_is_printf_q() -> None:
    assert [quote(text) for text in TEXTS] == bash(r"""for x; do printf '%q\0' "$x"; done""", *TEXTS)


def test_quote_readable_is_the_transformation_q() -> None:
    assert [quote_readable(text) for text in TEXTS] == bash(r"""for x; do printf '%s\0' "${x@Q}"; done""", *TEXTS)


def test_ansi_or_double_is_declare_p() -> None:
    printed = bash(r"""for x; do printf '%s\0' "$(declare -p x)"; done""", *TEXTS)
    assert [f"declare -- x={ansi_or_double(text)}" for text in TEXTS] == printed


def test_quote_minimal_is_xtrace() -> None:
    script = r"""exec 2>&1; PS4=; for x; do set -x; : "$x"; { set +x; } 2>/dev/null; printf '\0'; done"""
    traced = [text.removeprefix("\n").removeprefix(": ").removesuffix("\n") for text in bash(script, *TEXTS)]
    assert [quote_minimal(text) for text in TEXTS] == traced


@pytest.mark.parametrize("form", [quote, quote_readable, quote_minimal])
def test_bash_reads_quoted_text_back(form: object) -> None:
    assert callable(form)
    assert bash("printf '%s\\0' " + " ".join(form(text) for text in TEXTS)) == TEXTS
