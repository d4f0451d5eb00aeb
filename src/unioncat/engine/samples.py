"""The sample libraries of a home folder: where they answer, and that sources may be read there."""

import json
from pathlib import Path

from unioncat.config import Settings
from unioncat.domain.target import TargetRules


def sample_state(settings: Settings) -> Path:
    """Name the file in which the sample libraries remember their ports."""
    return settings.home / "sample" / "sample.json"


def sample_ports(settings: Settings) -> list[int]:
    """Give the ports of the sample libraries of this home; none where there are no sample libraries."""
    try:
        used: dict[str, int] = json.loads(sample_state(settings).read_text(encoding="utf-8"))["ports"]
        return [int(port) for port in used.values()]
    except (OSError, ValueError, KeyError):
        return []


def target_rules(settings: Settings) -> TargetRules:
    """Say what sources may be read from: what the operator's settings allow, and our own sample libraries."""
    samples = [f"127.0.0.1:{port}" for port in sample_ports(settings)]
    return TargetRules.of([*settings.allow_targets.split(","), *samples], settings.allow_ports)
