"""Here-documents: the delimiter comes with the operator, the body after the line that it stands on (XCU 2.7.4)."""

from __future__ import annotations

import re

from msh.syntax.embedded import Offsets, parse_embedded
from msh.syntax.nodes import HereDocument, Literal
from msh.syntax.parser import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax.lexer import Lexer
    from msh.syntax.nodes import WordPart

_delimiter = re.compile("(?:[^ \t\n|&;()<>\"'\\\\\0]|\\\\[^\0]|'[^']*'|\"(?:[^\"\\\\]|\\\\.)*\")+", re.S).match


class Pending:
    """A here-document whose body is still to come. Its node is in the tree already and is filled in then."""

    __slots__ = ("delimiter", "end", "node", "quoted", "start", "strip_tabs")

    def __init__(self, delimiter: str, quoted: bool, strip_tabs: bool, start: int, end: int) -> None:
        self.delimiter, self.quoted, self.strip_tabs = delimiter, quoted, strip_tabs
        self.start, self.end = start, end
        self.node = HereDocument(end, end, delimiter, quoted, strip_tabs, (), False)


def begin(lexer: Lexer, strip_tabs: bool) -> tuple[Pending, int]:
    """The here-document whose delimiter stands at the lexer's position, and where the delimiter ends."""
    start = lexer.pos
    match = _delimiter(lexer.text, start)
    if not match:
        ended = start >= len(lexer.text) - 1
        found = "end of input" if ended else "the end of the line" if lexer.text[start] == "\n" else lexer.text[start]
        message = f"expected the delimiter of a here-document, found {found}"
        raise Problem("MSH106", message, start, start + (not ended), incomplete=ended)
    raw = match.group().replace("\\\n", "")
    value = re.sub(r"\\(.)|'([^']*)'|\"((?:[^\"\\]|\\.)*)\"", _unquoted, raw, flags=re.S)
    return Pending(value, value != raw or raw[0] in "'\"", strip_tabs, start, match.end()), match.end()


def _unquoted(match: re.Match[str]) -> str:
    escaped, single, double = match.groups()
    if double is not None:
        return re.sub(r'\\([$`"\\])', r"\1", double)
    return escaped or single or ""


def read(lexer: Lexer, document: Pending) -> None:
    """Take the body that begins at the lexer's position; without its delimiter it goes to the end of the text."""
    text, start = lexer.text, lexer.pos
    stop, after = _find_end(text, start, document)
    closed = stop >= 0
    if not closed:
        stop = after = len(text) - 1
        if lexer.more:
            message = f"the here-document does not end: no line is just `{document.delimiter}`"
            raise Problem("MSH106", message, stop, stop, (document.start, document.end), incomplete=True)
    lexer.pos = after
    _fill(document.node, start, stop, _parts(lexer, document, start, stop, closed), closed)


def _find_end(text: str, start: int, document: Pending) -> tuple[int, int]:
    """Where the body ends and where the line after the delimiter begins; -1 if the delimiter never comes."""
    tabs = "\t*" if document.strip_tabs else ""
    joint = "" if document.quoted else r"(?:\\\n)*"  # the line of the delimiter may be continued like any other
    line = joint.join([tabs, *map(re.escape, document.delimiter), "(?=[\n\0])"])
    for match in re.compile(f"^{line}", re.M).finditer(text, start):
        if document.quoted or not _continues(text, start, match.start()):
            after = match.end()
            return match.start(), after + (text[after] == "\n")
    return -1, -1


def _continues(text: str, start: int, at: int) -> bool:
    """Whether the line before ends in an odd number of backslashes, so that this one is part of it."""
    stop = at - 1
    while stop > start and text[stop - 1] == "\\":
        stop -= 1
    return at > start and (at - 1 - stop) % 2 == 1


def _parts(lexer: Lexer, document: Pending, start: int, stop: int, closed: bool) -> tuple[WordPart, ...]:
    raw = lexer.text[start:stop]
    if not closed and raw:
        raw = _complete(raw, document.quoted)
    clean, offsets = _without_tabs(raw, start, document.quoted) if document.strip_tabs else (raw, Offsets(start))
    if document.quoted:
        return (Literal(start, stop, clean),) if clean else ()
    lexer.enter(document.start, "<<", document.delimiter)
    try:
        parts: tuple[WordPart, ...] = parse_embedded(lexer, clean, offsets, "quoted", "the end of the here-document")
    except Problem as problem:
        problem.start, problem.end = min(problem.start, stop), min(problem.end, stop)
        raise
    lexer.leave()
    if parts and parts[-1].end > stop:
        parts = *parts[:-1], parts[-1].replace(end=stop)
    return parts


def _complete(raw: str, quoted: bool) -> str:
    """A body that ends with the text, with the newline that is missing, as in bash; a last continuation is none."""
    line = raw.removesuffix("\n")
    backslashes = len(line) - len(line.rstrip("\\"))
    return (line[:-1] if backslashes % 2 and not quoted else line) + "\n"


def _without_tabs(raw: str, base: int, quoted: bool) -> tuple[str, Offsets]:
    """Without the tabs that begin lines; a line that another continues is one with it."""
    offsets, pieces, length = Offsets(base), [], 0
    for line in re.findall(r"[^\n]*\n|[^\n]+" if quoted else r"(?s)(?:[^\n\\]++|\\(?:.|$))*+(?:\n|$)", raw):
        bare = line.lstrip("\t")
        if len(bare) < len(line):
            offsets.cut(length, len(line) - len(bare))
        pieces.append(bare)
        length += len(bare)
    return "".join(pieces), offsets


def _fill(node: HereDocument, start: int, end: int, parts: tuple[WordPart, ...], closed: bool) -> None:
    for field, value in (("start", start), ("end", end), ("parts", parts), ("closed", closed)):
        for cls in type(node).__mro__:
            if field in cls.__dict__:
                cls.__dict__[field].__set__(node, value)
                break
