"""Repeatable choices: the same name gives the same series of numbers on every machine."""

import random


def dice(name: str) -> random.Random:
    """Give a fresh series for a name."""
    return random.Random(name)  # noqa: S311 - choices of a sample, no secret
