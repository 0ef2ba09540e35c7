"""Pieces of Markdown for the generated pages."""

from __future__ import annotations

from collections.abc import Sequence


def wrapped(words: Sequence[str], width: int = 100) -> str:
    """Words in lines of that width; further lines are indented."""
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) > width:
            lines.append("    " + word)
        else:
            lines[-1] += f" {word}"
    return "\n".join(lines)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    cells = [list(header), ["---"] * len(header), *([text(cell, in_table=True) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in cells)


def text(words: str, *, in_table: bool = False) -> str:
    """Words as they stand in Markdown; a bar would end a table's cell."""
    return words.replace("|", "\\|") if in_table else words


def listed(names: Sequence[str]) -> str:
    """Names as code, with an *and* before the last."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def anchor(heading: str) -> str:
    """The anchor under which a heading is found on GitHub and its like."""
    return "".join(ch for ch in heading.lower() if ch.isalnum() or ch in "- _").replace(" ", "-")


def page(lines: Sequence[str]) -> str:
    """A page of these paragraphs."""
    return "\n\n".join(lines) + "\n"
