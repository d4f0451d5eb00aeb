"""Plots as SVG, drawn here: they need no script, and each stands beside a table that says the same.

Text is escaped, looks come from the style sheet; nothing of a plot is known by its colour alone.
"""

from collections.abc import Sequence
from math import ceil, floor, log10

from markupsafe import Markup, escape

WIDTH, ROW, LABEL, COLUMNS = 640, 26, 210, 220
NARROW, TALL = 320, 44
"""Width of a plot for a phone, and a row of it: the label stands above its bar."""
MOST_ROWS = 20
LONGEST_LABEL = 30


def ceiling(value: float) -> int:
    """Give the round number (1, 2, 5, 10 …) at which an axis ends that has to show a value."""
    if value <= 1:
        return 1
    power = 10 ** floor(log10(value))
    return next(int(step * power) for step in (1, 2, 5, 10) if step * power >= value - 1e-9)


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1].rstrip() + "…"


def bars(title: str, rows: Sequence[tuple[str, int]]) -> Markup:
    """Draw a bar for each of the first 20 rows, with its number behind it; nothing if there are none.

    It is drawn for wide screens and for narrow ones; the style sheet shows the one that fits.
    """
    rows = [one for one in rows if one[1] > 0][:MOST_ROWS]
    if not rows:
        return Markup("")
    top = max(value for _, value in rows)
    wide, narrow = (
        [_head(title, "wide", WIDTH, len(rows) * ROW + 6)],
        [_head(title, "narrow", NARROW, len(rows) * TALL + 6)],
    )
    for place, (label, value) in enumerate(rows):
        y = place * ROW + 4
        length = max(2, round(value / top * (WIDTH - LABEL - 60)))
        wide.append(
            f'<text class="label" x="{LABEL - 8}" y="{y + 14}" text-anchor="end">{escape(_cut(label))}</text>'
            f'<rect class="bar" x="{LABEL}" y="{y}" width="{length}" height="{ROW - 8}" rx="3"/>'
            f'<text class="value" x="{LABEL + length + 6}" y="{y + 14}">{value}</text>'
        )
        y = place * TALL
        length = max(2, round(value / top * (NARROW - 50)))
        narrow.append(
            f'<text class="label" x="0" y="{y + 15}">{escape(_cut(label))}</text>'
            f'<rect class="bar" x="0" y="{y + 21}" width="{length}" height="16" rx="3"/>'
            f'<text class="value" x="{length + 6}" y="{y + 34}">{value}</text>'
        )
    return Markup("".join((*wide, "</svg>", *narrow, "</svg>")))  # noqa: S704 - all text above is escaped


def columns(title: str, points: Sequence[tuple[str, int, int]], whole: str, part: str) -> Markup:
    """Draw a column for each point (label, whole, part of it); nothing if there are none.

    It is drawn for wide screens, and with the newest points for narrow ones.
    """
    points = points[-36:]
    if not points:
        return Markup("")
    wide = _columns(_head(title, "wide", WIDTH, COLUMNS), WIDTH, points, whole, part)
    narrow = _columns(_head(title, "narrow", NARROW, COLUMNS), NARROW, points[-18:], whole, part)
    return Markup(wide + narrow)  # noqa: S704 - all text in it is escaped


def _columns(head: str, room: int, points: Sequence[tuple[str, int, int]], whole: str, part: str) -> str:
    top = ceiling(max(whole_ for _, whole_, _ in points))
    left, bottom, height = 44, COLUMNS - 34, COLUMNS - 64
    step = (room - left - 8) / len(points)
    width = max(3.0, min(40.0, step * 0.7))
    every = ceil(len(points) / (room / 53))
    parts = [head]
    for share in (0, 1, 2):
        y = bottom - height * share / 2
        parts.append(
            f'<line class="grid" x1="{left}" x2="{room - 4}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{top * share / 2:g}</text>'
        )
    for place, (label, whole_, part_) in enumerate(points):
        x = left + place * step + (step - width) / 2
        for name, value in (("whole", whole_), ("part", part_)):
            tall = height * value / top
            parts.append(
                f'<rect class="{name}" x="{x:.1f}" y="{bottom - tall:.1f}" width="{width:.1f}"'
                f' height="{tall:.1f}"/>'
            )
        if place % every == 0:
            parts.append(
                f'<text class="tick" x="{x + width / 2:.1f}" y="{bottom + 16}" text-anchor="middle">'
                f"{escape(label)}</text>"
            )
    second = left + (180 if room == WIDTH else 138)
    parts.append(
        f'<rect class="whole" x="{left}" y="4" width="12" height="12"/>'
        f'<text class="tick" x="{left + 18}" y="14">{escape(whole)}</text>'
        f'<rect class="part" x="{second}" y="4" width="12" height="12"/>'
        f'<text class="tick" x="{second + 18}" y="14">{escape(part)}</text></svg>'
    )
    return "".join(parts)


def _head(title: str, name: str, width: int, height: int) -> str:
    return (
        f'<svg class="plot {name}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}"'
        ' xmlns="http://www.w3.org/2000/svg">'
    )
