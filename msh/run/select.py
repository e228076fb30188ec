"""`select`: a numbered menu on standard error, an answer from standard input."""

from __future__ import annotations

from msh.run.builtins.reading import Input
from msh.run.control import RefusedAssignment, ShellError
from msh.run.numbers import is_decimal
from msh.source import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.shell import Shell

COLUMNS = 80  # of a terminal that says nothing else
TAB = 8


class Menu:
    """The turns of one `select`: the menu is shown at first, and after an empty answer."""

    def __init__(self, name: str, choices: list[str]) -> None:
        self.name = name
        self.choices = choices
        self.due = True
        self.ended = False  # the input has, or the variable is readonly

    def turn(self, sh: Shell) -> bool:
        """Read a line into REPLY and the choice into the variable; False at the end of input."""
        while True:
            if self.due:
                sh.write_error(layout(self.choices, _columns(sh)))
                self.due = False
            prompt = sh.get("PS3")
            sh.write_error("#? " if prompt is None else prompt)
            data, complete = _answer(sh)
            if not complete and not data:
                sh.write("\n")
                self.ended = True
                return False
            reply = decode(data)
            sh.assign("REPLY", reply)
            if not reply:
                self.due = True
                continue
            number = int(reply) if is_decimal(reply.strip()) else 0
            try:
                sh.assign(self.name, self.choices[number - 1] if 1 <= number <= len(self.choices) else "")
            except RefusedAssignment as error:
                sh.complain(error.message)
                self.ended = True
            return not self.ended


def _answer(sh: Shell) -> tuple[bytes, bool]:
    """A line, and whether it was whole; none of a closed input."""
    if 0 not in sh.descriptors.opened:
        return b"", False
    try:
        return Input(0).until(b"\n")
    except ShellError as error:
        sh.complain(error.message.removeprefix("read: "))
        return b"", False


def _columns(sh: Shell) -> int:
    text = sh.get("COLUMNS") or ""
    return int(text) if is_decimal(text) and int(text) else COLUMNS


def layout(choices: list[str], width: int) -> str:
    """The menu in columns, filled downwards, as bash lays it out."""
    count, digits = len(choices), len(str(len(choices)))
    cell = max([len(text) for text in choices]) + digits + 4
    columns = max(width // cell, 1)
    rows = -(-count // columns)
    if rows == 1:
        rows = count
    lines: list[str] = []
    for row in range(rows):
        line = ""
        position = 0
        for index in range(row, count, rows):
            numbered = len(str(rows)) if index == row else digits
            text = f"{index + 1:{numbered}}) {choices[index]}"
            line += text
            if index + rows < count:
                line += _blanks(position + len(text), position + cell)
            position += cell
        lines.append(line + "\n")
    return "".join(lines)


def _blanks(start: int, end: int) -> str:
    """From one column to another, with tabs where there are any."""
    text = ""
    while start < end:
        if end // TAB > start // TAB:
            text += "\t"
            start += TAB - start % TAB
        else:
            text += " "
            start += 1
    return text
