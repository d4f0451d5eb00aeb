"""Old encodings of Vietnamese: tell them from good text, read them, write them again.

Which one it is, is decided for a whole file or batch (`decide`), never for a field; what a decision does to a
text can be undone (`restore`), and the bytes as received are kept with the raw record.
"""

from unioncat.text.encodings.codecs import ENCODINGS, LEGACY, UnknownEncoding, decode, encode, repair, restore
from unioncat.text.encodings.decide import Decision, Strange, Weight, decide
from unioncat.text.encodings.residue import legible, residue
from unioncat.text.encodings.surface import beyond

__all__ = [
    "ENCODINGS",
    "LEGACY",
    "Decision",
    "Strange",
    "UnknownEncoding",
    "Weight",
    "beyond",
    "decide",
    "decode",
    "encode",
    "legible",
    "repair",
    "residue",
    "restore",
]
