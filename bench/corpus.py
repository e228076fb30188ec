"""How much of a corpus of real scripts is parsed: `corpus.py DIRECTORY...`. The bar is 99.5 % and no other exception.

Of each script that `bash -n` accepts and that is parsed, offsets are checked, and that it is printed to the same tree.
"""

from __future__ import annotations

import collections
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.corpus_files import bash_accepts, scripts
from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import parse, print_script, same_tree
from tests.support.spans import span_errors

BAR = 0.995


def outcome(source: Source) -> tuple[str, str]:
    """What became of one script, and details."""
    try:
        script = parse(source)
    except MshError as error:
        diagnostic = error.diagnostics[0]
        line, column = source.position(diagnostic.labels[0].start)
        return f"refused {diagnostic.code}", f"{line}:{column} {diagnostic.message}"
    except Exception as error:  # noqa: BLE001 (counting these is the purpose)
        return "other exception", repr(error)
    wrong = span_errors(script, source.text)
    if wrong:
        return "parsed, wrong offsets", wrong[0]
    printed = Source(source.name, print_script(script, source))
    again = parse(printed)
    if not same_tree(script, again) or len(again.comments) != len(script.comments):
        return "parsed, printed differently", ""
    if print_script(again, printed) != printed.text:
        return "parsed, printed differently the second time", ""
    return "parsed", ""


def main(directories: list[str]) -> int:
    """Measure and print; 1 when the bar is missed."""
    counts: collections.Counter[str] = collections.Counter()
    more = 0
    for source in scripts(directories):
        what, detail = outcome(source)
        if not bash_accepts(str(source.path)):
            more += what.startswith("parsed")
            counts["not counted: refused by bash too"] += not what.startswith("parsed")
            continue
        counts[what] += 1
        if what != "parsed":
            print(f"{source.path}: {what}: {detail}")
    total = sum(count for what, count in counts.items() if not what.startswith("not counted"))
    parsed = sum(count for what, count in counts.items() if what.startswith("parsed"))
    for what, count in counts.most_common():
        print(f"{count:6} {what}")
    print(f"corpus: {parsed} of {total} scripts that bash accepts, {parsed / total:.2%} (bar {BAR:.1%}); {more} more")
    clean = counts["parsed"] == parsed and not counts["other exception"]
    return int(parsed < BAR * total or not clean)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
