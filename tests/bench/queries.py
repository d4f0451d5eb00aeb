"""A mixed set of searches made out of what is in the catalogue, and their latencies at the HTTP API."""

import asyncio
import random
import time

import httpx2

FACETS = "library,type,format,language,year"
COMMON = ("history", "politics", "life", "world", "study", "war", "state", "book", "new", "law")


async def sample(client: httpx2.AsyncClient, chance: random.Random) -> dict[str, list[str]]:
    """Read titles of random records and make paths of each kind of query from them."""
    titles, ids = [], []
    for word in COMMON:
        answer = await client.get("/api/v1/search", params={"q": word, "size": 100})
        answer.raise_for_status()
        for hit in answer.json()["items"]:
            ids.append(hit["id"])
            titles.append(hit["title"]["main"])
    chance.shuffle(titles)
    words = [w for w in ([p for p in t.split() if p.isalpha() and len(p) > 3] for t in titles) if len(w) >= 2]
    kinds: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for some in words[:200]:
        first, second = chance.sample(some, 2)
        place = chance.randrange(len(some) - 1)
        slip = first[:2] + chance.choice("aeiou") + first[3:]
        kinds["two words"].append(_path("search", q=f"{first} {second}"))
        kinds["phrase"].append(_path("search", q=f'"{some[place]} {some[place + 1]}"'))
        kinds["slip"].append(_path("search", q=f"{slip} {second}"))
        kinds["no tone marks"].append(_path("search", q=_plain(f"{first} {second}")))
        kinds["as you type"].append(_path("suggest", q=f"{first} {second[:3]}"))
    kinds["common word, 5 facets"] = [_path("search", q=word, facets=FACETS) for word in COMMON]
    kinds["record"] = [f"/api/v1/records/{one}" for one in chance.sample(ids, min(200, len(ids)))]
    return kinds


KINDS = (
    "two words",
    "common word, 5 facets",
    "phrase",
    "slip",
    "no tone marks",
    "as you type",
    "record",
)


def _path(what: str, **params: str) -> str:
    return f"/api/v1/{what}?{httpx2.QueryParams(params)}"


def _plain(text: str) -> str:
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def percentile(values: list[float], share: float) -> float:
    """Give the value below which `share` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def one_client(
    client: httpx2.AsyncClient, kinds: dict[str, list[str]], each: int
) -> dict[str, dict[str, float]]:
    """Ask one after the other; give p50 and p95 in milliseconds by kind."""
    found = {}
    for kind, paths in kinds.items():
        times = []
        for number in range(each):
            begun = time.perf_counter()
            answer = await client.get(paths[number % len(paths)])
            times.append((time.perf_counter() - begun) * 1000)
            answer.raise_for_status()
        found[kind] = {"p50_ms": percentile(times, 0.5), "p95_ms": percentile(times, 0.95)}
    return found


async def at_rate(
    client: httpx2.AsyncClient, kinds: dict[str, list[str]], rate: int, seconds: int, chance: random.Random
) -> dict[str, float]:
    """Send `rate` requests a second of the whole mix, whether or not answers came; count errors."""
    times: list[float] = []
    errors = 0

    async def ask(path: str) -> None:
        nonlocal errors
        begun = time.perf_counter()
        try:
            answer = await client.get(path)
            errors += answer.status_code >= 400
        except httpx2.HTTPError:
            errors += 1
        times.append((time.perf_counter() - begun) * 1000)

    begun = time.perf_counter()
    asked: list[asyncio.Task[None]] = []
    for number in range(rate * seconds):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        asked.append(asyncio.create_task(ask(chance.choice(kinds[chance.choice(KINDS)]))))
    await asyncio.gather(*asked)
    took = time.perf_counter() - begun
    return {
        "requests": len(times),
        "errors": errors,
        "achieved_per_s": len(times) / took,
        "p50_ms": percentile(times, 0.5),
        "p95_ms": percentile(times, 0.95),
    }
