"""Where the shared test data lie, for tests that use them.

The data are never copied into the project: a test that needs them carries `needs_data` and skips
without them.
"""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("UNIONCAT_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
"""Folder of the shared test data; may be absent."""

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="shared test data not present")
"""Mark for tests that read from `DATA`."""
