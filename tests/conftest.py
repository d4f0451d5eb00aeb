"""For all tests: their servers are on this machine, from which sources are not read by default."""

import os

os.environ.setdefault("UNIONCAT_ALLOW_TARGETS", "127.0.0.1, ::1")
