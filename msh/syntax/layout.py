"""Lines, indentation, comments and here-documents of what is printed; `printer.py` fills them."""

from __future__ import annotations

import re

from msh.syntax.words_printer import WordPrinter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from msh.syntax import nodes as n

_blank_line_before = re.compile(r"\n[ \t]*\n[ \t]*\Z")
_else = re.compile(r"(?:[ \t\n;&]|\\\n|#[^\n]*)*else\b")


class NotInline(Exception):
    """Something needs a line break, and the text should be one line."""


class Layout(WordPrinter):
    """Output, the comments not yet printed, and the here-documents whose bodies come at the next line break."""

    def __init__(self, text: str, comments: Sequence[n.Comment]) -> None:
        self.text = text
        self.out: list[str] = []
        self.comments = list(reversed(comments))
        self.pending: list[n.HereDocument] = []
        self.indent = 0
        self.inline = False

    # ---- output -----------------------------------------------------------------

    def write(self, text: str) -> None:
        self.out.append(text)

    def newline(self) -> None:
        if self.inline:
            raise NotInline
        self.bodies()
        if self.out:
            self.write("\n" + "    " * self.indent)

    def bodies(self) -> None:
        """The bodies of the here-documents of the line that ends here."""
        pending, self.pending = self.pending, []
        for document in pending:
            self.write("\n" + self.here_document_text(document))
            self.write(document.delimiter)

    def end(self) -> None:
        self.bodies()

    def break_line(self, before: int, after: int) -> bool:
        """Whether the source has a line break between two offsets."""
        return not self.inline and "\n" in self.text[before:after]

    # ---- comments -----------------------------------------------------------------

    def comments_before(self, limit: int, first: bool) -> bool:
        """Those that begin before `limit`, on lines of their own; returns whether this is still the first line."""
        while self.comments and self.comments[-1].start < limit:
            if self.inline:
                raise NotInline
            comment = self.comments.pop()
            self.separate(comment.start, first)
            self.write("#" + comment.text.rstrip())
            first = False
        return first

    def comment_after(self, end: int) -> None:
        """The one on the same line, after what ends here."""
        if not self.comments or not self.text or self.inline:
            return
        comment = self.comments[-1]
        if comment.start >= end and "\n" not in self.text[end : comment.start]:
            self.comments.pop()
            self.write(" #" + comment.text.rstrip())

    def separate(self, start: int, first: bool) -> None:
        """A new line, after an empty one if the source has one there."""
        if not first and self.text and _blank_line_before.search(self.text, max(0, start - 200), start):
            self.newline()
            while self.out and self.out[-1].strip(" \n") == "":
                self.out.pop()
            self.write("\n")
        self.newline()

    def else_position(self, node: n.IfClause) -> int:
        """Where `else` stands, so that comments before and after it stay there."""
        assert node.orelse is not None
        match = _else.match(self.text, node.branches[-1].end) if self.text else None
        return match.end() - 4 if match else node.orelse[0].start

    def try_inline(self, print_it: Callable[[], None]) -> bool:
        """Print without a line break; False, and nothing done, if that cannot be."""
        length, pending, comments = len(self.out), list(self.pending), list(self.comments) if self.comments else []
        before, self.inline = self.inline, True
        try:
            print_it()
        except NotInline:
            del self.out[length:]
            self.pending, self.comments = pending, comments
            return False
        finally:
            self.inline = before
        return True
