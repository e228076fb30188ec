"""CPU of `msh compile` over `msh check`, for a script of 200 lines. The bar is 200 ms.

The script has what scripts have: pipelines, branches, loops, functions, here-documents; every twentieth line repeats in
kind. The two are started in turn, so that what else the machine does falls on both; each figure is a median.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 15
BAR = 200.0
PART = """\
# part {n}: what came in, by kind
log=part{n}.log
grep -v '^#' input.txt | sort -u > "kinds-{n}.txt"
count{n}=$(wc -l < "kinds-{n}.txt")
if [ "$count{n}" -gt {n} ]; then
    head -n {n} "kinds-{n}.txt" | tr a-z A-Z > "$log"
elif grep -q special "kinds-{n}.txt"; then
    printf '%s\\n' "special in {n}" > "$log"
else
    : > "$log"
fi
for name in alpha beta gamma; do
    sed "s/x/$name/" "kinds-{n}.txt" > "out-{n}-$name"
done
summary{n}() {{ awk '{{ n += length($0) }} END {{ print n }}' "$1"; }}
summary{n} "$log" >> totals.txt
cat <<END >> totals.txt
part {n}: $count{n} kinds
END
test -s "$log" && cat "$log" || echo "nothing in {n}"
"""


def cpu(argv: list[str]) -> float:
    """User and system time of a process that has to succeed, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(argv, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{argv} ended with {done.returncode}: {done.stderr}")
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def main() -> int:
    """Measure and print; 1 when the bar is missed."""
    msh = str(Path(sys.executable).parent / "msh")
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "script.sh"
        text = "".join([PART.format(n=number) for number in range(1, 11)])
        script.write_text(text)
        check = [msh, "check", str(script)]
        build = [msh, "compile", "--worker", "host", str(script), "-o", f"{directory}/out"]
        cpu(check), cpu(build)  # byte code is written, pages are read
        pairs = [(cpu(check), cpu(build)) for _ in range(ROUNDS)]
    bare, whole = (statistics.median(column) for column in zip(*pairs, strict=True))
    lines = text.count("\n")
    more = whole - bare
    print(f"compile: {lines} lines, check {bare:.0f} ms, compile {whole:.0f} ms: {more:.0f} ms more (bar {BAR:.0f})")
    return int(more > BAR)


if __name__ == "__main__":
    sys.exit(main())
