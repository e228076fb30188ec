"""Random programs as wide as the grammar: output, status and files must be those of real bash.

    python -m tests.fuzz.test_grammar FIRST COUNT     COUNT programs from seed FIRST on; shows what differs
    python -m tests.fuzz.test_grammar --show SEED     one program, with what both make of it

Many programs share a process: a driver runs each in a shell and a directory of its own. `EXPLAINED` lists the
differences that are bash's affair; every other one is a bug of msh.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msh.source import Source
from msh.syntax import nodes, parse, walk
from tests.support.cases import environment
from tests.support.grammar_programs import GrammarProgram

MSH = [sys.executable, "-m", "msh"]
EXAMPLES = int(os.environ.get("MSH_FUZZ_EXAMPLES", "0"))
PER_RUN = 25
SECONDS = 60  # of a run; a program that hangs is looked for when it is over
ALONE = 20
DRIVER = """\
for d in */; do
    d=${d%/}; cd $d
    bash ../$d.sh >../$d.out </dev/null; echo $? >../$d.status
    cd ..
done
"""

#: What bash does by mistake or by chance: a pattern of the program → why msh does not.
EXPLAINED: dict[str, str] = {
    r"let 'n = [^']*(?:[-+*|^]=|<<=|\+\+|--|\(n = |\(m = )[^']*\$": (
        "bash evaluates while it reads: what stands before a syntax error has been assigned; msh reads the whole first"
    ),
    r"=~\w*=~": "bash expands the second tilde of `x=~x=~`, by looking for one inside of what should be a user's name",
    r"(?s)trap '[^']*' DEBUG.*& wait": "the trap of `wait` writes beside the background job; either may be first",
    r"(?s)trap '[^']*' ERR.*! (?:if|for|while|until|select|case|time|\{) ": (
        "bash runs the ERR trap inside of a compound command after `!`, against its manual"
    ),
    r"eval 'echo \$a' [^\n]*\\\\[ ;\n]": (
        "after an `eval` whose text ends in a backslash bash does not know the reserved word of the next line"
    ),
    r"=\([^\n]*\\ \)": "in a substitution, which bash writes out and reads again, it loses the space of `a=(x\\ )`",
    r"! while read -r l; do echo \$l; done < f": (
        "bash does not negate the status of a compound command whose redirection has failed, as it does for others"
    ),
    r"[\s=(]/+[*?\[@+!]": "the root of the sandbox does not hold what the machine's does",
    r"\beval [^\n]*\$'\\''": "msh reads the constant text of `eval` ahead, and refuses what cannot be read",
    r"(?s)(?:declare|typeset) -x c=\S* a=2.*\ba=tmp fn": "in bash this assigns outside of the function",
}

CRASHED = ("134\n", "139\n")  # bash 5.2 has programs that end it with SIGABRT or SIGSEGV, and some that it never ends

Outcome = tuple[str, bytes, dict[str, bytes]]
NOTHING: Outcome = ("nothing", b"", {})


def outcomes(shell: list[str], texts: dict[int, str], seconds: float) -> dict[int, Outcome]:
    """Status, standard output and files of each program; a program that does not end is looked for and has none."""
    with tempfile.TemporaryDirectory(prefix="msh-fuzz-") as directory:
        top = Path(directory)
        for seed, text in texts.items():
            (top / f"p{seed}").mkdir()
            (top / f"p{seed}.sh").write_text(text, encoding="utf-8", errors="surrogateescape")
        (top / "driver").write_text(DRIVER, encoding="utf-8")
        ended = run_bounded([*shell, "driver"], top, seconds)
        found = {seed: outcome(top, f"p{seed}") for seed in texts}
    if not ended and len(texts) > 1:
        for seed in [seed for seed in texts if found[seed] == NOTHING]:
            found |= outcomes(shell, {seed: texts[seed]}, ALONE)
    return found


def run_bounded(argv: list[str], directory: Path, seconds: float) -> bool:
    """Run to the end, or end it and all that it started after so many seconds; whether it ended by itself."""
    with (
        open(directory / "messages", "wb") as messages,
        subprocess.Popen(
            argv,
            cwd=directory,
            env=environment(directory),
            stdin=subprocess.DEVNULL,
            stdout=messages,
            stderr=messages,
            start_new_session=True,
        ) as process,
    ):
        try:
            process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return False


def outcome(top: Path, name: str) -> Outcome:
    """What a program left behind, the directory's name taken out of it."""
    status = top / f"{name}.status"
    if not status.exists():
        return NOTHING
    place = os.fsencode(top)
    files = {
        path.name: path.read_bytes().replace(place, b"TOP") for path in sorted((top / name).iterdir()) if path.is_file()
    }
    return status.read_text(), (top / f"{name}.out").read_bytes().replace(place, b"TOP"), files


def differences(texts: dict[int, str]) -> dict[int, tuple[Outcome, Outcome]]:
    """What bash and what msh make of the programs that they do not agree on."""
    bash, msh = outcomes(["bash"], texts, SECONDS), outcomes(MSH, texts, SECONDS * 3)
    return {
        seed: (bash[seed], msh[seed])
        for seed, text in texts.items()
        if bash[seed] != msh[seed] and bash[seed][0] not in CRASHED and bash[seed] != NOTHING and not explained(text)
    }


def explained(text: str) -> str:
    """Why bash does something else with this program; empty when nothing is known."""
    return next((reason for pattern, reason in EXPLAINED.items() if re.search(pattern, text)), "")


def seeded(first: int, count: int) -> dict[int, str]:
    return {seed: GrammarProgram(random.Random(seed)).text for seed in range(first, first + count)}


programs = st.randoms(use_true_random=False).map(lambda choices: GrammarProgram(choices).text)


def test_seeded_programs_do_what_they_do_in_bash() -> None:
    texts = seeded(0, 50)
    assert {seed: (texts[seed], *each) for seed, each in differences(texts).items()} == {}


@pytest.mark.skipif(not EXAMPLES, reason="a search, not a check: MSH_FUZZ_EXAMPLES says how long")
@settings(max_examples=max(1, EXAMPLES), deadline=None, suppress_health_check=list(HealthCheck))
@given(programs)
def test_any_program_does_what_it_does_in_bash(text: str) -> None:
    for bash, msh in differences({0: text}).values():
        assert msh == bash, text


def test_programs_have_all_of_the_grammar() -> None:
    """Every kind of node and every operator of parameters, redirections and conditions comes up."""
    seen: set[str] = set()
    for text in seeded(0, 300).values():
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


def show(seed: int) -> int:
    texts = seeded(seed, 1)
    print(texts[seed])
    for name, shell in (("bash", ["bash"]), ("msh", MSH)):
        print(f"---- {name}: {outcomes(shell, texts, ALONE)[seed]}")
    return 0


def main() -> int:
    """Each program that differs, with both outcomes; 1 when there is one."""
    if sys.argv[1] == "--show":
        return show(int(sys.argv[2]))
    first, count = int(sys.argv[1]), int(sys.argv[2])
    runs = [seeded(start, min(PER_RUN, first + count - start)) for start in range(first, first + count, PER_RUN)]
    found = 0
    with ThreadPoolExecutor(2) as pool:
        for texts, different in zip(runs, pool.map(differences, runs), strict=True):
            for seed, (bash, msh) in different.items():
                found += 1
                print(f"#### {seed}\n{texts[seed]}---- bash {bash}\n---- msh  {msh}\n", flush=True)
    known = sum(1 for texts in runs for text in texts.values() if explained(text))
    print(f"{found} of {count} programs differ ({known} not compared: {len(EXPLAINED)} kinds of explained differences)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
