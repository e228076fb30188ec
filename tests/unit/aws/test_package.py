"""worker.zip: the same bytes each time, nothing of this machine in it, and enough to run."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from msh.aws.package import LEFT_OUT, worker_files, worker_zip
from msh.catalog import load_catalog
from msh.config import Settings
from msh.source import Source

SOURCE = Source("report.sh", "sort x | uniq -c\nprintf '\udcff\\n'\n")
ROOT = Path(__file__).parents[3]


def made(settings: Settings | None = None) -> bytes:
    catalog = load_catalog(Settings(None), "/", {})
    specs = [spec for name in ("uniq", "sort") if (spec := catalog.lookup(name)) is not None]
    return worker_zip(SOURCE, specs, settings or Settings(None))


def test_it_is_the_same_bytes_each_time_and_from_anywhere(tmp_path: Path) -> None:
    program = (
        "import hashlib, sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.unit.aws.test_package import made\nprint(hashlib.sha256(made()).hexdigest())\n"
    )
    sums = set()
    for seed, zone in (("0", "UTC"), ("1", "Asia/Tokyo")):
        environment = {"PYTHONHASHSEED": seed, "TZ": zone, "PATH": os.environ["PATH"]}
        command = [sys.executable, "-c", program, str(ROOT)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        sums.add(done.stdout)
        os.umask(os.umask(0o022))
    assert len(sums) == 1


def test_nothing_of_this_machine_is_in_it() -> None:
    archive = zipfile.ZipFile(io.BytesIO(made()))
    for entry in archive.infolist():
        assert not entry.filename.startswith("/") and "__pycache__" not in entry.filename
        assert (entry.date_time, entry.external_attr >> 16) == ((1980, 1, 1, 0, 0, 0), 0o100644)
        assert str(ROOT).encode() not in archive.read(entry)
    assert archive.namelist() == sorted(archive.namelist())


def test_it_holds_the_script_its_commands_and_its_grants() -> None:
    archive = zipfile.ZipFile(io.BytesIO(made(Settings(None, network="host"))))
    assert archive.read("script.sh") == b"sort x | uniq -c\nprintf '\xff\\n'\n"
    assert list(json.loads(archive.read("commands.json"))["commands"]) == ["sort", "uniq"]
    assert json.loads(archive.read("settings.json"))["network"] == "host"
    names = set(archive.namelist())
    assert not any(name.startswith(("msh/cli/", "tests/")) for name in names)


def test_imports_are_followed_to_those_that_are_only_named() -> None:
    files = worker_files("msh.run.main")
    assert {
        "msh/run/builtins/flow.py",
        "msh/syntax/printer.py",
        "msh/expand/arithmetic.py",
        "msh/__init__.py",
    } <= set(files)
    assert not {"msh/catalog/standard_tables.py", "msh/sandbox/docker.py", "msh/cli/run.py"} & set(files)


def test_no_import_is_overlooked() -> None:
    """What the parser sees in each file of the package is in the package, or left out on purpose."""
    files = worker_files()
    for path in files:
        for module in imported(ast.parse((ROOT / path).read_text())):
            name = module.replace(".", "/")
            candidates = [each for each in (f"{name}.py", f"{name}/__init__.py") if (ROOT / each).is_file()]
            assert module in LEFT_OUT or all(each in files for each in candidates), f"{path} imports {module}"


def imported(tree: ast.Module) -> list[str]:
    """The modules of msh that a file may import at run time."""
    found = []
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                stack += node.orelse
                continue
            case ast.Import(names=names):
                found += [alias.name for alias in names]
            case ast.ImportFrom(module=str(origin), names=names):
                found += [origin, *[f"{origin}.{alias.name}" for alias in names]]
        stack += ast.iter_child_nodes(node)
    return [name for name in found if name.split(".")[0] == "msh"]
