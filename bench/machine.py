"""A two-step pipeline on the test engine, warm: the compiled machine against one written by hand. The bar is 1.5 times.

    seq 1 100000 | grep 7  ─242 kB through S3─▶  wc -l

By hand: two Lambda tasks (`hand_written.py`), the output of the first an object that the second reads. Compiled: the
script as one would write it, which msh fuses into one task, and with the second step in a branch, so that there are two
tasks and a Choice. All run in turn against one engine; each figure is a median. The bar is for the script as one writes
it; the other figure says what a boundary between two tasks costs.
"""

from __future__ import annotations

import io
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # the tests' support

from tests.support import localstack  # noqa: E402
from tests.support.cloud import Cloud  # noqa: E402
from tests.support.machine import OnEngine, Program, compile_script  # noqa: E402

BAR = 1.5
ROUNDS = 15
FUSED = "seq 1 100000 | grep 7 > sevens\nwc -l < sevens\n"
BRANCH = "if seq 1 100000 | grep 7 > sevens; then\n    wc -l < sevens\nfi\n"
EXPECTED = b"40951\n"


def hand_written(cloud: Cloud) -> Callable[[], float]:
    """Deploy it; what is returned runs it once and says how long that took."""
    archive, bucket = io.BytesIO(), cloud.bucket()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("hand_written.py", (ROOT / "bench/hand_written.py").read_text())
    function = cloud.function(archive.getvalue(), "hand_written.handler")

    def step(command: str, stdin: str | None, stdout: str, **rest: object) -> dict[str, object]:
        key = f"{{% $states.context.Execution.Name & '/{stdout}' %}}"
        payload = {"bucket": bucket, "command": command, "stdin": stdin, "stdout": key}
        arguments = {"FunctionName": function, "Payload": payload}
        catch = [{"ErrorEquals": ["States.ALL"], "Assign": {"why": "{% $states.errorOutput %}"}, "Next": "Failed"}]
        task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments, "Catch": catch}
        return {**task, "Output": "{% $states.result.Payload %}", **rest}

    states = {
        "Sevens": step(
            "seq 1 100000 | grep 7", None, "1", Assign={"before": "{% $states.result.Payload %}"}, Next="Count"
        ),
        "Count": step("wc -l", "{% $before.stdout %}", "2", End=True),
        "Failed": {"Type": "Fail", "Error": "Failed", "Cause": "{% $string($why) %}"},
    }
    machine = cloud.machine({"QueryLanguage": "JSONata", "StartAt": "Sevens", "States": states})
    numbers = itertools.count()

    def once() -> float:
        name = f"by-hand-{next(numbers)}"
        began = time.perf_counter()
        ended = cloud.run(machine, {}, name)
        took = time.perf_counter() - began
        assert ended.status == "SUCCEEDED", ended
        assert cloud.s3.get_object(Bucket=bucket, Key=f"{name}/2")["Body"].read() == EXPECTED
        return took

    return once


def compiled(cloud: Cloud, text: str) -> Callable[[], float]:
    """The same of a script. Only the execution is timed, as above: not the collection of the outputs."""
    engine = OnEngine(cloud)
    with tempfile.TemporaryDirectory() as directory:
        program = Program("bench.sh", text, Path(directory))
        machine = engine.deploy(compile_script(program))
        given = engine.given(program)

    def once() -> float:
        began = time.perf_counter()
        ended = cloud.run(machine, given)
        took = time.perf_counter() - began
        ran = engine.collected(ended)
        assert (ran.status, ran.stdout) == (0, EXPECTED), ran
        return took

    return once


def main() -> int:
    """Measure and print; 1 when the bar is missed."""
    subprocess.run([ROOT / "dev", "engine", "setup"], check=True)
    with tempfile.TemporaryDirectory() as directory, localstack.shared(Path(directory) / "engine") as engine:
        cloud = Cloud(engine.endpoint)
        runs = {"by hand": hand_written(cloud), "compiled": compiled(cloud, FUSED), "branch": compiled(cloud, BRANCH)}
        for once in runs.values():
            once(), once()  # sandboxes are up, connections are open
        times = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for name, once in runs.items():
                times[name].append(once() * 1000)
    medians = {name: statistics.median(each) for name, each in times.items()}
    bare = medians["by hand"]
    ratios = {name: medians[name] / bare for name in ("compiled", "branch")}
    told = ", ".join(f"{name} {medians[name]:.0f} ms: {ratio:.2f} times" for name, ratio in ratios.items())
    print(f"machine: by hand {bare:.0f} ms, {told} (bar {BAR})")
    return int(ratios["compiled"] > BAR)


if __name__ == "__main__":
    sys.exit(main())
