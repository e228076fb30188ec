"""`set -x`: what is run, on standard error or on BASH_XTRACEFD, behind PS4.

The first character of PS4 is repeated for each `eval`, sourced file, trap or substitution that a command stands in.
"""

from __future__ import annotations

from msh.expand.environment import ExpansionError
from msh.run.descriptors import write_all
from msh.run.numbers import is_decimal
from msh.source import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.shell import Shell
    from msh.sandbox.policy import Policy
    from msh.syntax import nodes

UNSEEN = dict.fromkeys((*range(32), 127), "?")  # of a path: nothing of it may act on a terminal


def trace(sh: Shell, argv: list[str], assigned: dict[str, str] | None = None) -> None:
    """A simple command; each assignment before it on a line of its own, as bash shows them."""
    for name, value in (assigned or {}).items():
        trace_assignment(sh, name, value)
    words: list[str] = []
    for word in argv:
        elements = getattr(word, "elements", None)  # an operand `a=(…)` of `declare`
        if elements is None:
            words.append(sh.quoted(word))
        else:
            trace_text(sh, f"{word.partition('=')[0]}{'+' * word.append}=({_elements(elements)})")  # type: ignore[attr-defined]  # a str
            words.append(word.partition("=")[0])
    trace_text(sh, " ".join(words))


def _elements(elements: list[tuple[str | None, str, bool]]) -> str:
    from msh.expand.quote import quote_single

    texts: list[str] = []
    for subscript, value, append in elements:
        key = "" if subscript is None else f"[{quote_single(subscript)}]{'+' * append}="
        texts.append(key + quote_single(value))
    return " ".join(texts)


def trace_assignment(sh: Shell, target: str, value: str, *, append: bool = False) -> None:
    """`x=1`; `target` may be an element."""
    trace_text(sh, f"{target}{'+' * append}={sh.quoted(value) if value else ''}")


def trace_array(sh: Shell, node: nodes.Assignment) -> None:
    """`a=(…)` as it is written."""
    from msh.syntax.bash_printer import print_simple
    from msh.syntax.nodes import SimpleCommand

    trace_text(sh, print_simple(SimpleCommand(node.start, node.end, (node,), (), ())))


def trace_head(sh: Shell, node: nodes.ForClause | nodes.SelectClause | nodes.CaseClause) -> None:
    """`for x in a b`, `case x in`: as written."""
    from msh.run.shown import shown

    trace_text(sh, shown(node).rstrip(" "))


def trace_arithmetic(sh: Shell, node: nodes.Arithmetic, *, part: bool = False) -> int:
    """`(( … ))`, or a part of `for ((…;…;…))`, with its expansions made; its value, so that they are made once."""
    from msh.expand import compile_parts, evaluate_text

    text = compile_parts(node.parts, True)(sh)
    trace_text(sh, f"(( {text.lstrip() if part else text} ))")
    return evaluate_text(text, sh)


def trace_condition(sh: Shell, *words: str) -> None:
    """One test of `[[ ]]`."""
    trace_text(sh, f"[[ {' '.join([word or chr(39) * 2 for word in words])} ]]")


def trace_step(sh: Shell, policy: Policy) -> None:
    """`--trace`: what runs a step, and what was granted to it."""
    backend = f"docker, image {policy.image}" if policy.image else sh.resources.settings.backend
    writes = [mount.target for mount in policy.mounts if mount.writable and mount.source]
    reads = [mount.target for mount in policy.mounts if not mount.writable and mount.source]
    parts = [backend, *[f"reads {path}" for path in reads], *[f"writes {path}" for path in writes]]
    network = "the host's network" if policy.network else "asks for connections" if policy.connects else "no network"
    trace_text(sh, f"# {policy.argv[0]}: {', '.join([*parts, network])}".translate(UNSEEN))


def trace_text(sh: Shell, text: str) -> None:
    """One line."""
    sh.options.discard("xtrace")  # what PS4 itself runs is not traced: it would never end
    try:
        prompt = _prompt(sh)
    finally:
        sh.options.add("xtrace")
    data = encode(prompt[:1] * sh.nesting + prompt + text + "\n")
    number = sh.get("BASH_XTRACEFD") or ""
    fd = int(number) if is_decimal(number) and int(number) in sh.descriptors.opened else 2
    try:
        write_all(fd, data)
    except OSError:
        return  # nobody can be told


def _prompt(sh: Shell) -> str:
    from msh.expand.prompts import decode_prompt, expand_prompt

    form = sh.get("PS4") or ""
    status = sh.status, sh.substitution_status
    try:
        return expand_prompt(form, sh)
    except ExpansionError as error:
        sh.complain(error.message)
        return decode_prompt(form, sh)
    finally:
        sh.status, sh.substitution_status = status
