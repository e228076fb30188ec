"""Whether two trees mean the same text."""

from __future__ import annotations

from msh.syntax.nodes import Literal, Node

#: A here-document that ended with the text is printed with its delimiter.
IGNORED = ("comments", "closed")


def same_tree(a: object, b: object) -> bool:
    """Equal in everything but spans, comments, and how a text is cut into literals; without recursion."""
    stack = [(a, b)]
    while stack:
        a, b = stack.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, Node):
            fields: tuple[str, ...] = a.__match_args__
            stack += [(getattr(a, field), getattr(b, field)) for field in fields[2:] if field not in IGNORED]
        elif isinstance(a, tuple) and isinstance(b, tuple):
            a, b = _joined(a), _joined(b)
            if len(a) != len(b):
                return False
            stack += zip(a, b, strict=True)
        elif a != b:
            return False
    return True


def _joined(items: tuple[object, ...]) -> tuple[object, ...]:
    """Literals side by side (a line continuation was between them) as one."""
    joined: list[object] = []
    for item in items:
        before = joined[-1] if joined else None
        if type(item) is Literal and type(before) is Literal:
            joined[-1] = Literal(before.start, item.end, before.text + item.text)
        else:
            joined.append(item)
    return tuple(joined)
