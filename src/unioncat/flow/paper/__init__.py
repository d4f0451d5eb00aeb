"""What lending prints: pull lists, slips, labels and notices, made by typst in a process with narrow bounds.

Words of catalogues and of people reach typst as data only; nothing of them is ever read as its markup.
"""

from unioncat.flow.paper.press import PaperError, pressed
from unioncat.flow.paper.sheets import MOST, Label, Notice, Slip, labels, notices, pull_list, slips

__all__ = [
    "MOST",
    "Label",
    "Notice",
    "PaperError",
    "Slip",
    "labels",
    "notices",
    "pressed",
    "pull_list",
    "slips",
]
