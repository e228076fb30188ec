"""worker.zip alone is a worker: unpacked where Lambda unpacks it, with nothing of this checkout in reach."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from msh.aws.missing import specs_of
from msh.aws.package import worker_zip
from msh.catalog import load_catalog
from msh.config import Settings
from msh.resolve import resolve
from msh.source import Source
from msh.syntax import parse
from tests.support import lambda_sandbox

SCRIPT = r"""
set -u
shopt -s extglob
declare -A count=([a]=1 [b]=2)
list=(one two "three four")
greet() { local name=${1:-world}; printf 'hello %s\n' "${name^^}"; return 3; }
greet you || echo "status $?"
for word in "${list[@]}"; do echo "${#word} ${word//o/0} ${word%%e*}"; done
for ((i = 0; i < 3; i++)); do echo $((i ** 2 + 010)); done
case ${list[2]} in three*) echo three ;; *) echo other ;; esac
[[ "a1b22" =~ ([0-9]+)$ ]] && echo "${BASH_REMATCH[1]}"
[[ foo.tar == *.@(tar|zip) ]] && echo archive
while IFS=: read -r left right; do echo "$right-$left"; done <<END
a:b
${list[0]}:$(echo nested | tr a-z A-Z)
END
sort <(printf '%s\n' c a b) | head -n 2 > sorted
cat sorted - <<< "here-string"
mapfile -t lines < sorted
echo "${lines[@]}" "${!count[*]}" | wc -w
trap 'echo leaving' EXIT
eval 'echo "evaluated $((1 + 1))"'
( cd / && pwd; exit 4 ); echo "subshell $?"
echo a | grep b | cat; echo "${PIPESTATUS[@]}"
printf '%q %05.1f\n' "a b" 3.14159
{ echo out; echo err >&2; } 2>&1 | sort
test -s sorted && echo "not empty"
getopts ab: option -a; echo "$option"
type greet | head -n 1
read -r x y <<< "1 2"; echo "$y$x"
declare -p list
"""
WORKER = """\
import json, os, sys
from msh.aws.place import machine
from msh.aws.store import DirectoryStore
from msh.aws.worker import Worker, handler
answer = Worker(machine(os.environ), "/var/task").handle(json.load(sys.stdin), DirectoryStore("/mnt"))
homes = {module.__file__ for name, module in sys.modules.items() if name.split(".")[0] == "msh"}
json.dump({"answer": answer, "homes": sorted(homes)}, sys.stdout)
"""


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    directory = tmp_path_factory.mktemp("worker")
    source = Source("all.sh", SCRIPT)
    script = parse(source)
    specs = specs_of(resolve(script, source, load_catalog(Settings(None), "/", {})))
    zipfile.ZipFile(io.BytesIO(worker_zip(source, specs.values(), Settings(None)))).extractall(directory / "task")
    for name in ("tmp", "store"):
        (directory / name).mkdir()
        (directory / name).chmod(0o777)
    directory.chmod(0o755)
    words = lambda_sandbox.command(
        [lambda_sandbox.python(), "-c", WORKER],
        scratch=str(directory / "tmp"),
        task=str(directory / "task"),
        write={"/mnt": str(directory / "store")},
        environment={"MSH_WORKER_MACHINE": "own", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    request = {
        "version": 1,
        "run": "run",
        "bucket": "",
        "script": hashlib.sha256((directory / "task/script.sh").read_bytes()).hexdigest(),
        "region": "all",
        "at": [[statement.start, statement.end] for statement in script.body],
        "guarded": False,
        "state": None,
        "status": 0,
        "variables": {},
        "returns": [],
        "files": None,
        "input": {},
    }
    done = subprocess.run(words, input=json.dumps(request), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_it_runs_what_bash_runs(answer: dict[str, Any], tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}
    )
    expected = done.stdout.removesuffix("leaving\n")  # the machine's last task runs the trap
    assert answer["answer"]["tail"] == ""
    assert answer["answer"]["stdout_tail"] == expected
    assert answer["answer"]["rc"] == done.returncode


def test_all_of_msh_comes_from_the_zip(answer: dict[str, Any]) -> None:
    assert all(home.startswith("/var/task/msh/") for home in answer["homes"])
