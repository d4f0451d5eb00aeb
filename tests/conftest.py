"""For all tests: their databases; sources on this machine, from which nothing is read by default; logs."""

import os

import structlog

from tests.support.database import db, server, template, url

__all__ = ["db", "server", "template", "url"]

os.environ.setdefault("UNIONCAT_ALLOW_TARGETS", "127.0.0.1, ::1")
# What structlog shows of an error otherwise, every variable of every frame, may take half a minute to draw.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
