"""Scripts and data of any depth and length: they work, or one diagnostic says that they are too deep.

Each script runs in a process of its own with a bound on its memory and on the processor time that it takes. The bounds
are several times what a quiet machine needs; what costs the square of its length takes minutes or more here.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cases import environment

MSH = [sys.executable, "-m", "msh"]
MEMORY = 1 << 30  # bytes of address space
SECONDS = 15  # of processor time
NEWLINE = "\n"

LENGTHS = {
    "a pipe of 1,000 stages": ("echo hi | " + " | ".join(["{ read -r x; echo $x; }"] * 999), "hi\n"),
    "100,000 commands": ("".join([f"x{i}={i}\n" for i in range(100_000)]) + "echo $x99999", "99999\n"),
    "100,000 lines in a function": ("f() {\n" + ":\n" * 100_000 + "}\nf; echo $?", "0\n"),
    "100,000 parts of a list": (" && ".join(["true"] * 100_000) + "; echo $?", "0\n"),
    "10 MB here-document": (
        "while read -r l; do ((++n)); done <<E\n" + ("y" * 99 + "\n") * 100_000 + "E\necho $n",
        "100000\n",
    ),
    "10 MB expanded here-document": (
        "x=1; { while read -r l; do ((++n)); done; echo $n $l; } <<E\n" + ("y" * 98 + "$x\n") * 100_000 + "E\n",
        "100000\n",
    ),
    "10 MB word": ("x=" + "a" * 10_000_000 + "; echo ${#x}", "10000000\n"),
    "100,000 parts of a word": ("a=1; x=" + "$a" * 100_000 + "; echo ${#x}", "100000\n"),
    "100,000 words": ("f() { echo $#; }; f" + " a" * 100_000, "100000\n"),
    "100,000 elements": (
        f"a=({' '.join(map(str, range(100_000)))})\n"
        "b=(\"${a[@]}\"); unset 'b[7]'; echo ${#b[@]} ${b[-1]} ${b[@]:9:2}",
        "99999 99999 9 10\n",
    ),
    "100,000 elements appended one by one": (
        "for ((i = 0; i < 100000; i++)); do a+=($i); done; echo ${#a[@]}",
        "100000\n",
    ),
    "100,000 elements taken from the end": (
        "a=({1..100000}); while ((${#a[@]} > 1)); do [[ ${a[-1]} ]] && unset 'a[-1]'; done; echo ${a[-1]}",
        "1\n",
    ),
    "100,000 keys": (
        'declare -A a; for i in {1..100000}; do a[k$i]=$i; done; for k in "${!a[@]}"; do ((n += a[$k])); done; echo $n',
        "5000050000\n",
    ),
    "a text that grows to 1 MB": ("for i in {1..100000}; do x+=abcdefghij; done; echo ${#x}", "1000000\n"),
    "a text of 1 MB changed": (
        f"x={'ab' * 500_000}\n"
        "y=${x//a/}; z=${x//b?/-}; echo ${#y} ${#z}; y=${x##*b}; z=${x%%a*}; echo ${#y} ${#z}",
        "500000 500001\n0 0\n",
    ),
    "20,000 case items": (
        "case x in\n" + "".join([f"y{i}) ;;\n" for i in range(20_000)]) + "x) echo ok;; esac",
        "ok\n",
    ),
    "20,000 elif": ("if false; then :\n" + "elif false; then :\n" * 20_000 + "else echo ok; fi", "ok\n"),
    "10,000 redirections": (": " + "</dev/null " * 10_000 + "; echo ok", "ok\n"),
    "1,000 here-documents in one line": (
        f"read -r x {' '.join([f'<<E{i}' for i in range(1000)])}\n"
        f"{''.join([f'l{i}{NEWLINE}E{i}{NEWLINE}' for i in range(1000)])}echo $x",
        "l999\n",
    ),
    "a field of 1 GB": ("printf %999999999s x | wc -c", "999999999\n"),
    "300 jobs": ("for i in {1..300}; do : & done; wait; echo $?", "0\n"),
    "a line of 10 MB read": (
        'printf -v x %1000000s; echo "${x// /abcdefghi }" >f\n'
        "read -r y <f; read -r z w <f; echo ${#y} ${#z} ${#w}; mapfile -t m <f; x=$(<f); echo ${#m} ${#x}\n"
        "read -rn 100000 y <f; read -rd '' -a n <f; echo ${#y} ${#n[@]}",
        "9999999 9 9999989\n10000000 10000000\n99999 1000000\n",
    ),
}

DEPTHS = {
    "functions calling each other": "".join([f"f{i}() {{ f{i + 1}; }}\n" for i in range(1000)])
    + "f1000() { echo ok; }; f0",
    "a function calling itself": "f() { if (($1)); then f $(($1 - 1)); else echo ok; fi; }; f 1000",
    "a function calling itself in loops": "f() { for i in $1; do while (($1)); do f $(($1 - 1)); return; done; done\n"
    "echo ok; }; f 1000",
    "a function that evaluates itself": "f() { if (($1)); then eval 'f $(($1 - 1))'; else echo ok; fi; }; f 1000",
    "a file that reads itself": "echo '((n++ < 1000)) && . ./f' >f; . ./f; ((n == 1001)) && echo ok",
    "a trap in a trap": "trap f USR1; f() { ((n++ < 300)) && kill -USR1 $$; }; f; echo ok",
    "parentheses in arithmetic": "((" + "(" * 1000 + "1" + ")" * 1000 + ")) && echo ok",
    "powers": "((" + "**".join(["1"] * 1000) + ")) && echo ok",
    "names of names": "".join([f"x{i}=x{i + 1};" for i in range(900)]) + "x900=7; ((x0 == 7)) && echo ok",
    "negations": "! " * 1000 + "true && echo ok",
    "negations in a condition": "[[ " + "! " * 1000 + "x ]] && echo ok",
    "parentheses of `[`": "[ " + "'(' " * 1000 + "x" + " ')'" * 1000 + " ] && echo ok",
    "groups in a pattern": "shopt -s extglob; p='" + "@(" * 1000 + "aaa" + ")" * 1000 + "'; [[ aaa == $p ]] && echo ok",
    "subshells": "( " * 90 + "echo ok" + " )" * 90,
    "command substitutions": "echo " + "$(echo " * 90 + "ok" + ")" * 90,
}

TOO_DEEP = {
    "if": ("if true; then\n" * 1000 + ":\n" + "fi\n" * 1000, "MSH109"),
    "while": ("while true; do\n" * 1000 + "break 1000\n" + "done\n" * 1000, "MSH109"),
    "case": ("case a in a)\n" * 1000 + ":\n" + "esac\n" * 1000, "MSH109"),
    "braces": ("{ " * 1000 + ":" + "; }" * 1000, "MSH109"),
    "subshells": ("( " * 1000 + ":" + " )" * 1000, "MSH109"),
    "command substitutions": (": " + "$(: " * 1000 + ")" * 1000, "MSH109"),
    "arithmetic expansions": (": " + "$((" * 1000 + "1" + "))" * 1000, "MSH109"),
    "parameters": (": " + "${x:-" * 1000 + "y" + "}" * 1000, "MSH109"),
    "function definitions": ("f() { " * 1000 + ":" + "; }" * 1000, "MSH109"),
    "forks, each the child of the one before": ("f() { (f); }; f", "within each other"),
    "endless recursion": ("f() { f; }; f", "maximum function nesting level exceeded"),
    "endless evaluation": ("f() { eval f; }; f", "maximum function nesting level exceeded"),
    "a name that is its own value": ("x=x; ((x))", "recursion level exceeded"),
}


def run(script: str, directory: Path) -> tuple[int, str, str]:
    """Status, output and messages of a script under the bounds; a broken bound is a status of its own (137, 152)."""
    workspace = directory / "workspace"
    workspace.mkdir()
    (directory / "script.sh").write_text(script + "\n")

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    ran = subprocess.run(
        [*MSH, "../script.sh"],
        cwd=workspace,
        env=environment(directory),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=bound,
        timeout=SECONDS * 20,
        check=False,
    )
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.parametrize("name", LENGTHS)
def test_length_costs_its_length(name: str, tmp_path: Path) -> None:
    script, expected = LENGTHS[name]
    assert run(script, tmp_path) == (0, expected, "")


@pytest.mark.parametrize("name", DEPTHS)
def test_depth_that_scripts_have_works(name: str, tmp_path: Path) -> None:
    assert run(DEPTHS[name], tmp_path) == (0, "ok\n", "")


@pytest.mark.parametrize("name", TOO_DEEP)
def test_more_depth_is_refused_in_one_message(name: str, tmp_path: Path) -> None:
    script, expected = TOO_DEEP[name]
    status, output, messages = run(script, tmp_path)
    assert status in (1, 2, 254), messages[-300:]
    assert output == "" and messages.count(expected) == 1, messages[-300:]
