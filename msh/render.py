"""Diagnostics as text for a person.

    error[MSH201]: `gerp` is not in the catalog
      --> backup.msh:3:8
       |
     3 | cat x | gerp -v '^#'
       |         ^^^^ no command of this name is mapped
       |
      help: did you mean `grep`?

Everything printed may hold text that a stranger chose (a script, a file's name), so control characters, direction
marks and bytes that are not UTF-8 are shown escaped: they can neither move the cursor nor dress one word up as another.
On the start-up path: imports nothing but what it prints.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # as `typing` has it, without importing that
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from msh.diagnostics import Diagnostic, Label
    from msh.source import Source

    _Paint = Callable[[str, str], str]

SEVERITY_COLOURS = {"error": "1;31", "warning": "1;33", "note": "1;36"}
FRAME = "1;34"
HELP = "1;32"
EXCERPT_WIDTH = 160  # columns of a source line that are shown: a script may be one line of a megabyte
BEFORE_LABEL = 60  # of these, how many before the label when the line is cut


def render(diagnostics: Iterable[Diagnostic], *, colour: bool = False) -> str:
    """All of them as text that ends with a newline, an empty line between two."""
    return "\n".join([_one(diagnostic, colour) for diagnostic in diagnostics])


def count_line(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`"""
    counts = [(kind, sum(d.severity == kind for d in diagnostics)) for kind in SEVERITY_COLOURS]
    return ", ".join([f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in counts if n]) or "no findings"


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file and place; those without a place come first."""
    return sorted(
        diagnostics, key=lambda d: (d.source.name if d.source else "", d.labels[0].start if d.labels else -1, d.code)
    )


def report(diagnostics: Sequence[Diagnostic], *, count: bool = True) -> None:
    """Print to standard error, with a count line when there are several."""
    text = render(in_order(diagnostics), colour=wants_colour(2, os.environ))
    if count and len(diagnostics) > 1:
        text += f"\n{count_line(diagnostics)}\n"
    write_error(text)


def write_error(text: str) -> None:
    """Text to standard error, whole. A standard error that cannot be written leaves nobody to tell."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        while data:
            data = data[os.write(2, data) :]
    except OSError:
        return


def wants_colour(fd: int, environment: Mapping[str, str]) -> bool:
    """Whether the descriptor is a terminal that shows colours and nobody asked for none (no-color.org)."""
    return os.isatty(fd) and not environment.get("NO_COLOR") and environment.get("TERM", "dumb") != "dumb"


def plain(text: str, *, keep_tabs: bool = False) -> str:
    """Text in which no character does anything to a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([c if c.isprintable() or (c == "\t" and keep_tabs) else _escaped(c) for c in text])


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as `surrogateescape` carries it
        return f"\\x{code - 0xDC00:02x}"
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character) or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def columns(text: str) -> int:
    """How many columns of a terminal printable text takes: wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum([0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text])


def _painter(colour: bool) -> _Paint:
    return (lambda style, text: f"\033[{style}m{text}\033[0m") if colour else (lambda _, text: text)


def _one(diagnostic: Diagnostic, colour: bool) -> str:
    paint = _painter(colour)
    style = SEVERITY_COLOURS[diagnostic.severity]
    code = f"[{diagnostic.code}]" if diagnostic.code else ""
    lines = [paint(style, diagnostic.severity + code) + paint("1", f": {plain(diagnostic.message)}")]
    if diagnostic.source and diagnostic.labels:
        lines += _excerpt(diagnostic.source, diagnostic.labels, style, paint)
    elif diagnostic.source:
        lines.append(f"  {paint(FRAME, '-->')} {plain(diagnostic.source.name)}")
    if diagnostic.help:
        lines.append(f"  {paint(HELP, 'help:')} {plain(diagnostic.help)}")
    return "\n".join(lines) + "\n"


def _excerpt(source: Source, labels: Sequence[Label], style: str, paint: _Paint) -> list[str]:
    """Each labelled line once, its labels below it; lines that are left out between two show as `...`."""
    places = [(*source.position(min(label.start, len(source.text))), label) for label in labels]
    first_line, first_column, primary = places[0]
    margin = len(str(max(line for line, _, _ in places)))
    empty = paint(FRAME, f"{' ' * (margin + 1)} |")
    lines = [f"{' ' * (margin + 1)}{paint(FRAME, '-->')} {plain(source.name)}:{first_line}:{first_column}", empty]
    previous = 0
    for number, column, label in sorted(places, key=lambda place: place[:2]):
        text = _line_at(source.text, label.start)
        start, cut = _window(text, column - 1)
        if number != previous:
            if previous and number > previous + 1:
                lines.append(paint(FRAME, f"{' ' * (margin + 1)}..."))
            lines.append(paint(FRAME, f" {number:>{margin}} |") + f" {cut}".rstrip())
        mark, mark_style = ("^", style) if label is primary else ("-", FRAME)
        before, marks = _underline(text[start:], column - 1 - start, label.end - label.start, mark)
        lines.append(f"{empty} {before}" + paint(mark_style, f"{marks} {plain(label.text)}".rstrip()))
        previous = number
    return [*lines, empty]


def _line_at(text: str, offset: int) -> str:
    end = text.find("\n", offset)
    return text[text.rfind("\n", 0, offset) + 1 : end if end >= 0 else len(text)]


def _window(line: str, offset: int) -> tuple[int, str]:
    """Where the shown part of a line starts, and that part, made printable."""
    start = max(0, offset - BEFORE_LABEL) if len(line) > EXCERPT_WIDTH else 0
    return start, plain(line[start : start + EXCERPT_WIDTH], keep_tabs=True)


def _underline(line: str, offset: int, length: int, mark: str) -> tuple[str, str]:
    """The blanks up to a label (tabs stay tabs, so that it stands under its place) and its marks, one at least."""
    shown = plain(line[:offset], keep_tabs=True)
    before = "".join(["\t" if c == "\t" else " " * columns(c) for c in shown])
    return before, mark * max(1, columns(plain(line[offset : min(offset + length, EXCERPT_WIDTH)])))
