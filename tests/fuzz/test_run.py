"""Random programs: msh and bash must print the same and end with the same status.

`python -m tests.fuzz.test_run FIRST COUNT` runs COUNT programs from seed FIRST on and shows what differs. Many programs
share one msh: a driver script runs each in a nested shell and a directory of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.cases import environment
from tests.support.programs import Program

MSH = [sys.executable, "-m", "msh"]
PER_RUN = 20
SECONDS = 120
DRIVER = """\
for p in p*.sh; do
    mkdir "d.$p"
    cd "d.$p"
    bash "../$p" >../out  </dev/null
    printf '\n== %s %s\n' "$p" "$?"
    cat ../out
    for f in f1 f2 f3; do [ ! -e "$f" ] || { echo "-- $f"; cat "$f"; }; done
    cd ..
done
"""


def outcomes(shell: list[str], texts: dict[int, str]) -> dict[int, bytes]:
    """What each program prints, its status first, its files last."""
    with tempfile.TemporaryDirectory(prefix="msh-fuzz-") as directory:
        workspace = Path(directory) / "workspace"
        workspace.mkdir()
        for seed, text in texts.items():
            (workspace / f"p{seed}.sh").write_text(text, encoding="utf-8")
        (workspace / "driver").write_text(DRIVER, encoding="utf-8")
        ran = subprocess.run(
            [*shell, "driver"],
            cwd=workspace,
            env=environment(workspace.parent),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    found = {}
    for piece in ("\n" + ran.stdout.decode("utf-8", "surrogateescape")).split("\n== p")[1:]:
        number, _, rest = piece.partition(".sh ")
        found[int(number)] = os.fsencode(rest.replace(directory, "TOP"))
    return found


def differences(first: int, count: int) -> dict[int, tuple[str, bytes, bytes]]:
    """Seed → the program, what bash makes of it, what msh makes of it; only where these differ."""
    texts = {seed: Program(seed).text for seed in range(first, first + count)}
    bash, msh = outcomes(["bash"], texts), outcomes(MSH, texts)
    return {
        seed: (text, bash.get(seed, b"nothing"), msh.get(seed, b"nothing"))
        for seed, text in texts.items()
        if bash.get(seed) != msh.get(seed)
    }


@pytest.mark.parametrize("first", [0, PER_RUN])
def test_random_programs_do_what_they_do_in_bash(first: int) -> None:
    for text, bash, msh in differences(first, PER_RUN).values():
        assert msh.decode() == bash.decode(), text


def main() -> int:
    first, count = int(sys.argv[1]), int(sys.argv[2])
    found = 0
    for start in range(first, first + count, PER_RUN):
        for seed, (text, bash, msh) in differences(start, min(PER_RUN, first + count - start)).items():
            found += 1
            print(f"#### {seed}\n{text}---- bash\n{bash.decode()}\n---- msh\n{msh.decode()}\n")
    print(f"{found} of {count} programs differ")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
