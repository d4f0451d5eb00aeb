"""Forty seconds of the storm: `python -m tests.bench.chaos` runs it for ten minutes."""

import pytest

from tests.bench import chaos


@pytest.mark.slow
def test_nothing_is_lost_and_no_answer_is_wrong_while_parts_of_the_service_die() -> None:
    seen = chaos.run(40, every=10, restarts=1)
    assert seen.wrong == [], chaos.told(seen)
    assert seen.kills == 4
    assert len(seen.restarts) == 1
    assert seen.judged
    assert seen.sign_ins
    assert sum(count for (_, status), count in seen.answers.items() if status == 503) > 0, "nobody noticed"
