"""A `Graph` as text for programs that draw: mermaid (GitHub shows it) and Graphviz's dot.

Labels are a script's own text, which a stranger may have written: every character that either language could read as
its own is escaped, so a label is never anything but a label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.plan.graph import Box, Edge, Graph

MERMAID_SHAPES = {
    "step": ('["', '"]'),
    "decision": ('{"', '"}'),
    "loop": ('{{"', '"}}'),
    "wait": ('(["', '"])'),
    "start": ('(["', '"])'),
    "end": ('(["', '"])'),
}
DOT_SHAPES = {
    "step": "box",
    "decision": "diamond",
    "loop": "hexagon",
    "wait": "octagon",
    "start": "oval",
    "end": "oval",
}


def mermaid(graph: Graph) -> str:
    """A mermaid flowchart."""
    lines = ["flowchart TD", *_mermaid_group(graph, "", "    ")]
    lines += [f"    {_mermaid_edge(edge)}" for edge in graph.edges]
    unmapped = [box.id for box in graph.boxes if not box.mapped]
    if unmapped:
        lines += ["    classDef unmapped stroke:#c00,stroke-width:2px", f"    class {','.join(unmapped)} unmapped"]
    return "\n".join(lines) + "\n"


def _mermaid_group(graph: Graph, group: str, indent: str) -> Iterator[str]:
    for box in graph.boxes:
        if box.group == group:
            opening, closing = MERMAID_SHAPES[box.kind]
            label = "<br>".join([_mermaid_escaped(line) for line in box.lines])
            yield f"{indent}{box.id}{opening}{label}{closing}"
    for inner in graph.groups:
        if inner.parent == group:
            yield f'{indent}subgraph {inner.id}["{_mermaid_escaped(inner.label)}"]'
            yield from _mermaid_group(graph, inner.id, indent + "    ")
            yield f"{indent}end"


def _mermaid_edge(edge: Edge) -> str:
    label = f'|"{_mermaid_escaped(edge.label)}"|' if edge.label else ""
    return f"{edge.start} -->{label} {edge.end}"


def _mermaid_escaped(text: str) -> str:
    """Entities (`#code;`) for all but letters, digits and what mermaid has no use for; `$$` would begin a formula."""
    harmless = " _-.,/:=+*'@()" + ("" if "$$" in text else "$")
    return "".join([c if c.isalnum() or c in harmless else f"#{ord(c)};" for c in text])


def dot(graph: Graph) -> str:
    """A Graphviz digraph."""
    lines = ["digraph script {", "    node [fontname=monospace]", *_dot_group(graph, "", "    ")]
    lines += [f"    {_dot_edge(edge)}" for edge in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _dot_group(graph: Graph, group: str, indent: str) -> Iterator[str]:
    for box in graph.boxes:
        if box.group == group:
            yield f"{indent}{_dot_box(box)}"
    for inner in graph.groups:
        if inner.parent == group:
            yield f"{indent}subgraph cluster_{inner.id} {{"
            yield f"{indent}    label={_dot_quoted(inner.label)}"
            yield from _dot_group(graph, inner.id, indent + "    ")
            yield f"{indent}}}"


def _dot_box(box: Box) -> str:
    colour = "" if box.mapped else " color=red"
    return f"{box.id} [label={_dot_quoted(*box.lines)} shape={DOT_SHAPES[box.kind]}{colour}]"


def _dot_edge(edge: Edge) -> str:
    label = f" [label={_dot_quoted(edge.label)}]" if edge.label else ""
    return f"{edge.start} -> {edge.end}{label}"


def _dot_quoted(*lines: str) -> str:
    """A quoted text; a backslash would begin one of dot's own escapes (`\\N` is the node's name, `\\n` a new line)."""
    return '"' + "\\n".join([line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]) + '"'
