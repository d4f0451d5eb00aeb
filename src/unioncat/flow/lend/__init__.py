"""Lending: a new request, a step of a person, a message of the other side; each is one transaction.

State, event, what must be sent and the log are written together, or not at all.
"""

from unioncat.flow.lend.acting import step
from unioncat.flow.lend.anew import again, note, reader_of
from unioncat.flow.lend.asking import ask
from unioncat.flow.lend.hearing import receive, undeliverable
from unioncat.flow.lend.locating import locate
from unioncat.flow.lend.turn import CLOCK, RULE, Actor, Forbidden, link, reader, staff
from unioncat.lending.machine import NotAllowed

__all__ = [
    "CLOCK",
    "RULE",
    "Actor",
    "Forbidden",
    "NotAllowed",
    "again",
    "ask",
    "link",
    "locate",
    "note",
    "reader",
    "reader_of",
    "receive",
    "staff",
    "step",
    "undeliverable",
]
