"""For all tests: their databases; and sources on this machine, from which nothing is read by default."""

import os

from tests.support.database import db, server, template, url

__all__ = ["db", "server", "template", "url"]

os.environ.setdefault("UNIONCAT_ALLOW_TARGETS", "127.0.0.1, ::1")
