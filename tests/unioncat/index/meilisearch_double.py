"""A server that answers as Meilisearch does and remembers what it was asked. It searches nothing."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

NOW = "2026-01-01T00:00:00Z"


class Double:
    """Requests received, as (method, path, body, key), and the answers to give."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Any, str | None]] = []
        self.answers: list[dict[str, Any]] = []
        self.indexes: set[str] = set()
        self.failing_tasks: set[int] = set()
        self.tasks = 0
        self.url = ""

    def sent(self, method: str, path: str) -> list[Any]:
        """Return the bodies sent to a path (a regular expression)."""
        return [body for m, p, body, _ in self.requests if m == method and re.fullmatch(path, p)]

    def searches(self) -> list[dict[str, Any]]:
        """Return the queries of all searches."""
        return [query for body in self.sent("POST", "/multi-search") for query in body["queries"]]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Answer one request."""
        if path == "/multi-search":
            results = [self.answers.pop(0) if self.answers else {} for _ in body["queries"]]
            empty = {"hits": [], "processingTimeMs": 1, "query": "", "totalHits": 0, "indexUid": "records"}
            return 200, {"results": [{**empty, **result} for result in results]}
        if match := re.fullmatch(r"/tasks/(\d+)", path):
            uid = int(match[1])
            failed = uid in self.failing_tasks
            error = (
                {"message": "disk full", "code": "no_space", "type": "system", "link": ""} if failed else None
            )
            state = "failed" if failed else "succeeded"
            return 200, {"uid": uid, "status": state, "type": "x", "enqueuedAt": NOW, "error": error}
        if path.endswith("/search"):
            distribution = {"last": {"true": 7}}
            return 200, {"hits": [], "processingTimeMs": 1, "query": "", "facetDistribution": distribution}
        name = path.split("/")[2] if path.startswith("/indexes/") else ""
        if method == "GET" and name:
            if name not in self.indexes:
                error = {
                    "message": f"Index `{name}` not found.",
                    "code": "index_not_found",
                    "type": "x",
                    "link": "",
                }
                return 404, error
            return 200, {"uid": name, "primaryKey": "key", "createdAt": NOW, "updatedAt": NOW}
        if method == "POST" and path == "/indexes":
            self.indexes.add(body["uid"])
        self.tasks += 1
        if method == "DELETE" and name not in self.indexes:
            self.failing_tasks.add(self.tasks)
        elif method == "DELETE":
            self.indexes.discard(name)
        return 202, {"taskUid": self.tasks, "status": "enqueued", "type": "x", "enqueuedAt": NOW}


@contextmanager
def running() -> Iterator[Double]:
    """Run a double on a free port."""
    double = Double()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            body = json.loads(raw) if raw else None
            path = self.path.partition("?")[0]
            double.requests.append((self.command, path, body, self.headers.get("Authorization")))
            status, answer = double.answer(self.command, path, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    double.url = f"http://:secret@127.0.0.1:{server.server_port}#records"
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
