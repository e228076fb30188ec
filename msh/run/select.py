"""`select`: a numbered menu on standard error, an answer from standard input."""

from __future__ import annotations

from msh.run.builtins.reading import Input
from msh.run.numbers import is_decimal
from msh.source import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.shell import Shell


def menu(sh: Shell, name: str, choices: list[str]) -> bool:
    """One turn: show the menu, read a line into REPLY and the choice into `name`; False at the end of input."""
    while True:
        width = len(str(len(choices)))
        sh.write_error("".join(f"{number:{width}}) {text}\n" for number, text in enumerate(choices, 1)))
        prompt = sh.get("PS3")
        sh.write_error("#? " if prompt is None else prompt)
        data, complete = Input(0).until(b"\n")
        if not complete and not data:
            sh.write("\n")
            return False
        reply = decode(data)
        sh.assign("REPLY", reply)
        if not reply:
            continue
        number = int(reply) if is_decimal(reply.strip()) else 0
        sh.assign(name, choices[number - 1] if 1 <= number <= len(choices) else "")
        return True
