"""Logs and figures: structlog for people or machines, Prometheus counters for the dashboards.

No secret reaches a log: `redact` runs last before a message is written, whatever wrote it.
"""

import logging
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO, cast

import structlog
from prometheus_client import Counter, Histogram
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

HIDDEN = "***"
_secret_names = re.compile(
    r"token(?!s\b)|password|passwd|secret|authorization|api_?key|cookie", re.IGNORECASE
)
_url_password = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s/@]+@", re.IGNORECASE)
_bearer = re.compile(r"(?P<kind>\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_parameter = re.compile(
    r"(?P<name>[?&;\s\"'](?:access_)?(?:token|key|password|secret|api_key)=)[^&\s\"']+", re.IGNORECASE
)
_known: set[str] = set()
"""Secrets that this process has opened."""
HARMLESS = frozenset({"resumption_token", "resumptionToken"})
"""Names with "token" in them that are no secret and that operators need."""

PAGES = Counter("unioncat_harvest_pages", "Pages received", ["source"])
RECORDS = Counter("unioncat_harvest_records", "Records received", ["source", "outcome"])
JOBS = Counter("unioncat_jobs", "Jobs done", ["kind", "outcome"])
JOB_SECONDS = Histogram(
    "unioncat_job_seconds", "Time of one job", ["kind"], buckets=(0.1, 1, 10, 60, 600, 3600, 36000)
)


def hide(words: Iterable[str]) -> None:
    """Let no message of this process show these words any more: secrets that it has opened."""
    _known.update(word for word in words if word)


def scrub(text: str) -> str:
    """Take passwords out of addresses, tokens out of headers and queries, and secrets that are known."""
    for word in sorted(_known, key=len, reverse=True):
        text = text.replace(word, HIDDEN)
    text = _url_password.sub(rf"\g<scheme>:{HIDDEN}@", text)
    text = _bearer.sub(rf"\g<kind>{HIDDEN}", text)
    return _parameter.sub(rf"\g<name>{HIDDEN}", text)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide whatever is secret by its name or by its looks."""
    return {name: _clean(name, value) for name, value in event.items()}


def _clean(name: str, value: Any) -> Any:
    if name not in HARMLESS and value is not None and _secret_names.search(name):
        return HIDDEN
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {key: _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean("", inner) for inner in value]
    if isinstance(value, BaseException):
        return scrub(f"{type(value).__name__}: {value}")
    return value


def configure(level: str = "info", form: str = "console", stream: TextIO | None = None) -> None:
    """Set up all logging of this process, that of libraries too; call once, at the entry point."""
    out = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: Processor
    if form == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=out.isatty(), pad_event_to=0)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in ("httpx2", "httpcore2", "asyncio", "sqlalchemy.engine", "alembic", "uvicorn"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # It reports every lost connection at length; failed jobs are logged by ourselves.
    logging.getLogger("pgqueuer").setLevel(logging.CRITICAL)


def logger(name: str) -> FilteringBoundLogger:
    """Give a logger: `log.info("page received", source="nlv", records=100)`."""
    return cast(FilteringBoundLogger, structlog.stdlib.get_logger(name))


@contextmanager
def timed(histogram: Histogram, *labels: str) -> Iterator[None]:
    """Measure the time of a block, also when it fails."""
    begin = time.perf_counter()
    try:
        yield
    finally:
        (histogram.labels(*labels) if labels else histogram).observe(time.perf_counter() - begin)
