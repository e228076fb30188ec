"""Random programs as wide as the grammar: output, status and files must be those of real bash.

    python -m tests.fuzz.test_grammar [--jobs N] [--json FILE [--resume]] FIRST COUNT
    python -m tests.fuzz.test_grammar --show SEED...

The first runs COUNT programs from seed FIRST on and shows what differs; FILE gets the seeds by verdict, while it runs
and when it is interrupted, and `--resume` leaves out those that it has, but for the unexplained. The second prints
programs with what both shells make of them. `tests/support/judging.py` has what counts as explained; all else is a bug
of msh.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msh.source import Source
from msh.syntax import nodes, parse, walk
from tests.support.grammar_programs import GrammarProgram
from tests.support.judging import DIFFERENT, SAME, Verdict, judged
from tests.support.side_by_side import BASH, MSH, outcomes, stop

EXAMPLES = int(os.environ.get("MSH_FUZZ_EXAMPLES", "0"))
PER_RUN = 25
PAUSE = 10.0  # seconds between two lines that say how far it is


def seeded(seeds: Sequence[int]) -> dict[int, str]:
    return {seed: GrammarProgram(random.Random(seed)).text for seed in seeds}


programs = st.randoms(use_true_random=False).map(lambda choices: GrammarProgram(choices).text)


def test_seeded_programs_do_what_they_do_in_bash() -> None:
    texts = seeded(range(50))
    found = judged(texts)
    assert {seed: (texts[seed], each) for seed, each in found.items() if each.kind == DIFFERENT} == {}


@pytest.mark.skipif(not EXAMPLES, reason="a search, not a check: MSH_FUZZ_EXAMPLES says how long")
@settings(max_examples=max(1, EXAMPLES), deadline=None, suppress_health_check=list(HealthCheck))
@given(programs)
def test_any_program_does_what_it_does_in_bash(text: str) -> None:
    verdict = judged({0: text})[0]
    assert verdict.kind != DIFFERENT, (text, verdict)


def test_programs_have_all_of_the_grammar() -> None:
    """Every kind of node and every operator of parameters, redirections and conditions comes up."""
    seen: set[str] = set()
    for text in seeded(range(300)).values():
        for node in walk(parse(Source("t", text))):
            seen.add(type(node).__name__)
            seen.add(f"{type(node).__name__} {getattr(node, 'operator', getattr(node, 'terminator', ''))}")
    kinds = {name for name, kind in vars(nodes).items() if isinstance(kind, type) and issubclass(kind, nodes.Node)}
    assert kinds - seen - {"Node", "Comment", "Script"} == set()
    operators = {
        "Parameter": "- :- = := + :+ # ## % %% / // /# /% ^ ^^ , ,, ~ ~~ : @ *",
        "Redirect": "< > >> >| <> <& >& &> &>> << <<- <<<",
        "CaseItem": ";; ;& ;;&",
        "AndOr": "",
    }
    wanted = {f"{kind} {operator}" for kind, each in operators.items() for operator in each.split()}
    assert wanted - seen == set()


class Search:
    """The verdicts on many programs as they come in; `path` holds what is known of them after every run."""

    def __init__(self, path: Path | None, resume: bool) -> None:
        self.path = path
        self.kinds: dict[str, list[int]] = {}  # verdict → seeds
        self.began = self.said = time.monotonic()
        if path and resume and path.exists():
            self.kinds = json.loads(path.read_text("utf-8"))
            self.kinds.pop(DIFFERENT, None)

    def judged(self) -> set[int]:
        return {seed for seeds in self.kinds.values() for seed in seeds}

    def run(self, seeds: Sequence[int], jobs: int) -> None:
        """Judge the programs; at Ctrl-C end what runs and raise it again."""
        pool = ThreadPoolExecutor(jobs)
        try:
            batches = [seeded(seeds[start : start + PER_RUN]) for start in range(0, len(seeds), PER_RUN)]
            work: dict[Future[dict[int, Verdict]], dict[int, str]] = {
                pool.submit(judged, texts): texts for texts in batches
            }
            for future in as_completed(work):
                self.add(work[future], future.result(), len(seeds))
        except BaseException:
            stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def add(self, texts: dict[int, str], verdicts: dict[int, Verdict], count: int) -> None:
        for seed, verdict in verdicts.items():
            self.kinds.setdefault(verdict.kind, []).append(seed)
            if verdict.kind == DIFFERENT:
                print(f"#### {seed}\n{texts[seed]}{shown(verdict)}", flush=True)
        if self.path:
            self.path.write_text(json.dumps({kind: sorted(seeds) for kind, seeds in self.kinds.items()}), "utf-8")
        done = len(self.judged())
        if time.monotonic() - self.said > PAUSE:
            self.said = time.monotonic()
            rest = Counter({kind: len(seeds) for kind, seeds in self.kinds.items() if kind != SAME})
            rate = done / (self.said - self.began)
            print(f"{done} of {count}, {rate:.1f} a second; {sum(rest.values())} differ", file=sys.stderr, flush=True)

    def summary(self) -> Iterator[str]:
        total = len(self.judged())
        for kind, seeds in sorted(self.kinds.items(), key=lambda item: -len(item[1])):
            yield f"{len(seeds):6} {100 * len(seeds) / total:6.2f} %  {kind}"
        different = sorted(self.kinds.get(DIFFERENT, []))
        allowed = total - len(different) - len(self.kinds.get(SAME, []))
        yield f"{total} programs: {len(different)} unexplained differences, {allowed} explained"
        if different:
            yield f"unexplained: {' '.join(map(str, different))}"


def shown(verdict: Verdict) -> str:
    lines = [f"---- bash {verdict.bash}", f"---- msh  {verdict.msh}"]
    return "\n".join([*lines, *(f"---- msh, asked again {each}" for each in verdict.again)]) + "\n"


def main() -> int:
    """Each program that differs, with both outcomes, and how many there were of each verdict; 1 when one differs."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--show", action="store_true")
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--json", type=Path)
    options.add_argument("--resume", action="store_true")
    options.add_argument("numbers", type=int, nargs="+")
    given_options = options.parse_args()
    if given_options.show:
        return show(given_options.numbers)
    if len(given_options.numbers) != 2:
        options.error("FIRST and COUNT are two numbers")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # `trap` lists what was ignored from the start
    first, count = given_options.numbers
    search = Search(given_options.json, given_options.resume)
    known = search.judged()
    interrupted = False
    try:
        search.run([seed for seed in range(first, first + count) if seed not in known], given_options.jobs)
    except KeyboardInterrupt:
        interrupted = True
    print("\n".join(search.summary()))
    return 130 if interrupted else int(bool(search.kinds.get(DIFFERENT)))


def show(seeds: Sequence[int]) -> int:
    for seed, text in seeded(seeds).items():
        print(f"#### {seed}\n{text}", end="")
        for name, shell in (("bash", BASH), ("msh", MSH)):
            print(f"---- {name}: {outcomes(shell, {seed: text})[seed]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
