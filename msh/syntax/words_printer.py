"""Words to text. What a part was written with (quotes, braces, backquotes) is in the tree: nothing is decided here."""

from __future__ import annotations

import re

from msh.syntax import nodes as n

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class WordPrinter:
    """The part of the printer that makes strings of words."""

    def command_text(self, body: Sequence[n.Statement], start: int, end: int) -> str:
        """The commands inside a substitution."""
        raise NotImplementedError

    def word(self, word: n.Word) -> str:
        return self.parts(word.parts)

    def parts(self, parts: Sequence[n.WordPart]) -> str:
        return "".join([self.part(part) for part in parts])

    def part(self, part: n.WordPart) -> str:
        if isinstance(part, n.Literal):
            return part.text
        if isinstance(part, n.DoubleQuoted):
            return ("$" if part.localized else "") + f'"{self.parts(part.parts)}"'
        if isinstance(part, n.Parameter):
            return self.parameter(part)
        if isinstance(part, n.SingleQuoted):
            return f"$'{_ansi(part.text)}'" if part.ansi else f"'{part.text}'"
        if isinstance(part, n.Escaped):
            return "\\" + part.text
        if isinstance(part, n.CommandSubstitution):
            return self.command_substitution(part)
        if isinstance(part, n.ArithmeticExpansion):
            return self.arithmetic_expansion(part)
        if isinstance(part, n.ProcessSubstitution):
            return f"{part.direction}({self.command_text(part.body, part.start, part.end)})"
        return part.kind + "(" + "|".join([self.word(word) for word in part.alternatives]) + ")"

    def command_substitution(self, part: n.CommandSubstitution) -> str:
        text = self.command_text(part.body, part.start, part.end)
        if part.backquoted:
            return "`" + text.replace("\\", "\\\\").replace("`", "\\`") + "`"
        return f"$( {text})" if text.startswith("(") else f"$({text})"

    def arithmetic_expansion(self, part: n.ArithmeticExpansion) -> str:
        text = self.arithmetic(part.arithmetic)
        if _balanced(part.arithmetic):
            return f"$(({text}))"
        return f"$[{text}]"

    def arithmetic(self, node: n.Arithmetic) -> str:
        return self.parts(node.parts)

    def parameter(self, part: n.Parameter) -> str:
        if not part.braced:
            return "$" + part.name
        text = part.prefix + part.name + (self.subscript(part.subscript) if part.subscript else "") + part.operator
        if part.argument is not None:
            text += self.word(part.argument)
        if part.replacement is not None:
            text += (":" if part.operator == ":" else "/") + self.word(part.replacement)
        return "${" + text + "}"

    def subscript(self, subscript: n.Subscript) -> str:
        return f"[{self.word(subscript.word)}]"

    def condition(self, node: n.ConditionExpression) -> str:
        if isinstance(node, n.ConditionWord):
            return self.word(node.word)
        if isinstance(node, n.ConditionUnary):
            return f"{node.operator} {self.word(node.operand)}"
        if isinstance(node, n.ConditionBinary):
            return f"{self.word(node.left)} {node.operator} {self.word(node.right)}"
        if isinstance(node, n.ConditionNot):
            return "! " + self.condition(node.operand)
        if isinstance(node, n.ConditionGroup):
            return f"( {self.condition(node.operand)} )"
        return f" {node.operator} ".join([self.condition(operand) for operand in node.operands])

    def delimiter(self, document: n.HereDocument) -> str:
        if not document.quoted:
            return (" " if document.delimiter[0] == "-" else "") + document.delimiter  # `<<-` is another operator
        if "'" in document.delimiter:
            return '"' + re.sub(r'([$`"\\])', r"\\\1", document.delimiter) + '"'
        return f"'{document.delimiter}'"

    def here_document_text(self, document: n.HereDocument) -> str:
        return self.parts(document.parts)


def _balanced(arithmetic: n.Arithmetic) -> bool:
    """Whether `$((…))` can hold the text: `$[…]` may hold parentheses that do not match."""
    depth = 0
    for part in arithmetic.parts:
        if isinstance(part, n.Literal):
            for match in re.finditer("[()]", part.text):
                depth += 1 if match.group() == "(" else -1
                if depth < 0:
                    return False
    return depth == 0


def _ansi(text: str) -> str:
    return re.sub(r"[\\'\x00-\x1f\x7f]|[\ud800-\udfff]", _ansi_escape, text)


def _ansi_escape(match: re.Match[str]) -> str:
    char = match.group()
    known = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\x1b": "\\e", "\\": "\\\\", "'": "\\'"}
    if char in known:
        return known[char]
    code = ord(char)
    return f"\\x{code - 0xDC00:02x}" if code >= 0xDC80 else f"\\x{code:02x}"
