"""Which records describe the same edition: facts, keys, judgements, clusters and the merged record.

Everything here is pure and deterministic: the clusters follow from the records and the judgements alone.
"""

from unioncat.matching.assign import Assignment, assign
from unioncat.matching.blocking import KEY_CAP, block_keys
from unioncat.matching.extract import extract
from unioncat.matching.facts import Features
from unioncat.matching.judge import judge, weigh
from unioncat.matching.merge import merge
from unioncat.matching.partition import partition
from unioncat.matching.rules import RULES
from unioncat.matching.scale import INSTALLED, Scale, WeightsError, read_weights

__all__ = [
    "INSTALLED",
    "KEY_CAP",
    "RULES",
    "Assignment",
    "Features",
    "Scale",
    "WeightsError",
    "assign",
    "block_keys",
    "extract",
    "judge",
    "merge",
    "partition",
    "read_weights",
    "weigh",
]
