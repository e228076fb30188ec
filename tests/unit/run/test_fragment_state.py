"""The state that a part of a script hands on to the next."""

from __future__ import annotations

import json
from typing import Any

from msh.syntax import parse
from tests.support.fragments import run

__all__ = ["run"]  # a fixture


def test_functions_keep_their_place(run: Any) -> None:
    """Those of the script, of a sourced file that is gone, and of `eval`: line numbers, source, flags."""
    text = (
        "f() { echo $LINENO ${BASH_SOURCE##*/}; }\n"
        "printf '\\n\\ng() { echo $LINENO ${BASH_SOURCE##*/}; }\\n' > lib\n"
        ". ./lib; rm lib; n=g\n"
        'eval "h() { echo eval \\$LINENO; }"; m=h; readonly -f f; export -f f\n'
        'f; "$n"; "$m"\n'
        "f() { :; }\n"
        "bash -c f\n"
    )
    script = run(text)
    spans = [[s.start, s.end] for s in parse(script.source).body]
    script.part(at=spans[:8])
    found = script.part(at=spans[8:])
    assert found["stdout"].splitlines()[:3] == ["1 script.sh", "3 lib", "eval 4"]
    assert "readonly function" in found["stderr"]
    assert [one["flags"] for one in script.state["functions"]] == ["xr", "", ""]
    assert len(script.state["sources"]) == 2


def test_the_directory_is_relative_to_the_workspace(run: Any) -> None:
    script = run("mkdir d; cd d; pushd /tmp; pwd")
    assert script.part("mkdir d", "cd d")["snapshot"]["directory"] == "./d"
    state = script.part("pushd /tmp")["snapshot"]
    assert (state["directory"], state["stack"]) == ("/tmp", ["./d"])
    assert script.part("pwd")["stdout"] == "/tmp\n"


def test_descriptors_that_stay_open(run: Any) -> None:
    """Files at their offsets, shared or not, appended to or not; copies of the shell's own; closed ones."""
    text = (
        "printf '1\\n2\\n3\\n' > f; exec 3< f 4<&3 5< f 6>&1 7>> log 8> log2 9>&8 {x}< /dev/null\n"
        "exec > out 2>&1; exec 0<&-\n"
        "read -r a <&3; read -r b <&4; read -r c <&5; echo $a$b$c >&6\n"
        "echo one >&7; echo two >&8; echo three >&9; echo four; nosuch=$((1 / 0))\n"
        "cat <&$x; read -r d 2> /dev/null || echo no input >&6; echo five >&8; echo six\n"
        "exec 1>&6; cat log log2 out; : < f\n"
    )
    script = run(text)
    outcomes = [script.part(at=[[s.start, s.end]]) for s in parse(script.source).body]
    assert "".join([one["stdout"] for one in outcomes]).splitlines() == [
        *("121", "no input", "one", "two", "three", "five", "four"),
        'script.sh: line 4: 1 / 0: division by 0 (error token is "0")',
        "six",
    ]
    assert script.state["closed"] == [0]


def test_a_descriptor_of_a_file_that_is_gone_is_closed(run: Any) -> None:
    script = run("echo x > f; exec 3< f; rm f; cat <&3")
    spans = [[s.start, s.end] for s in parse(script.source).body]
    for span in spans[:3]:
        script.part(at=[span])
    assert "3: Bad file descriptor" in script.part(at=spans[3:])["stderr"]


def test_limits_that_are_set(run: Any) -> None:
    script = run("ulimit -f 50; ulimit -c 0; ulimit -f")
    state = script.part("ulimit -f 50")["snapshot"]
    assert list(state["limits"]) == ["RLIMIT_FSIZE"]
    assert script.part("ulimit -f")["stdout"] == "50\n"


def test_traces_are_those_of_the_whole(run: Any) -> None:
    """`set -x` with the line, `set -v` with each statement once, however many parts it has."""
    text = "PS4='$LINENO: '; set -xv\nif true\nthen echo a; fi\necho b\n"
    script = run(text)
    script.part("PS4='$LINENO: '", "set -xv")
    errors = script.part("true", guarded=True)["stderr"]
    errors += script.part("echo a")["stderr"] + script.part("echo b")["stderr"]
    assert errors == "if true\nthen echo a; fi\n2: true\n3: echo a\necho b\n4: echo b\n"


def test_a_state_is_json_of_bounded_form(run: Any) -> None:
    """A shell that did nothing has a small state, without a trace of the machine's environment."""
    state = run(":").part(":")["snapshot"]
    assert len(json.dumps(state)) < 2000
    assert set(state["others"]) <= {
        *("IFS", "OPTIND", "OPTERR", "PS4", "PWD", "SHLVL", "BASH_VERSION", "BASH_VERSINFO"),
        *("BASH", "HOSTNAME", "HOSTTYPE", "OSTYPE", "MACHTYPE", "TERM", "PATH", "OLDPWD"),
    }
