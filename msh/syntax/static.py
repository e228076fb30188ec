"""What can be known of a word without running anything."""

from __future__ import annotations

from msh.syntax.nodes import DoubleQuoted, Escaped, Literal, SingleQuoted, Word

_PATTERN = frozenset("*?")


def static_text(word: Word) -> str | None:
    """The one field that the word expands to whatever happens; None if that depends on anything.

    It does with an expansion, an unquoted pattern character, an unquoted `~` at the start, or a brace expansion. `[` is
    one only where a `]` follows: the command `[` is not.
    """
    texts: list[str] = []
    opened = -1  # the place of an unquoted `[` in the value
    for part in word.parts:
        if isinstance(part, Literal):
            if not _PATTERN.isdisjoint(part.text):
                return None
            if opened < 0 and "[" in part.text:
                opened = len("".join(texts)) + part.text.index("[")
            texts.append(part.text)
        elif isinstance(part, (Escaped, SingleQuoted)):
            texts.append(part.text)
        elif isinstance(part, DoubleQuoted):
            for inner in part.parts:
                if not isinstance(inner, (Literal, Escaped, SingleQuoted)):
                    return None
                texts.append(inner.text)
        else:
            return None
    first = word.parts[0] if word.parts else None
    if isinstance(first, Literal) and first.text[0] == "~":
        return None
    if any(isinstance(part, Literal) and "{" in part.text for part in word.parts):
        from msh.syntax.braces import expand_braces

        if expand_braces(word) != (word,):
            return None
    value = "".join(texts)
    return None if opened >= 0 and "]" in value[opened:] else value
