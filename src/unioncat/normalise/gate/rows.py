"""The gate for rows of tables: a JSON object of heading and text.

Headings are compared folded; a rule may also use the name of the field that the profile maps a heading to.
"""

import json

from unioncat.normalise.gate.seen import Seen, Strips, folded
from unioncat.normalise.marcjson import load_object


def look_row(payload: bytes, strips: Strips, columns: tuple[tuple[str, str], ...]) -> tuple[Seen, bytes]:
    """Read a row, and return it without the columns that `strips` names. Raises `Unreadable`."""
    meant = {folded(heading): name for heading, name in columns}
    row = load_object(payload)
    fields = []
    kept = []
    for heading, cell in row:
        name = meant.get(folded(heading))
        text = (("", cell if isinstance(cell, str) else _written(cell)),)
        fields.append((heading, text))
        if name is not None:
            fields.append((name, text))
        if not strips.cuts(heading) and not (name is not None and strips.cuts(name)):
            kept.append((heading, cell))
    seen = Seen("table", (), tuple(fields))
    if len(kept) == len(row):
        return seen, payload
    cells = [f"{json.dumps(heading, ensure_ascii=False)}:{_written(cell)}" for heading, cell in kept]
    return seen, ("{" + ",".join(cells) + "}").encode()


def _written(cell: object) -> str:
    return json.dumps(cell, ensure_ascii=False)
