"""The six verbs: from the arguments of a request to the bytes of its answer.

A provider keeps nothing between requests. Every list goes on by key position from what its token says.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from unioncat_api.protocols.oaipmh import arguments, tokens, writing
from unioncat_api.protocols.oaipmh.datestamps import bounds, stamp
from unioncat_api.protocols.oaipmh.errors import ErrorCode, OaiError
from unioncat_api.protocols.oaipmh.repository import Identity, Key, Repository, Selection
from unioncat_api.protocols.oaipmh.tokens import Token

_NOT_REPEATED = frozenset({ErrorCode.BAD_VERB, ErrorCode.BAD_ARGUMENT})
"""With these errors the request element carries no attributes (OAI-PMH 2.0 §3.2)."""


class Provider:
    """Answers requests out of a repository.

    `secret` signs the resumption tokens: keep it, and tokens survive a restart. Pages hold `page_size` items;
    a token is good for `token_life`.
    """

    def __init__(
        self,
        secret: bytes,
        *,
        page_size: int = 200,
        token_life: timedelta = timedelta(days=1),
    ) -> None:
        if len(secret) < 16:
            raise ValueError("the secret that signs resumption tokens has 16 bytes at least")
        self._secret = secret
        self._page_size = page_size
        self._token_life = token_life

    async def answer(self, repository: Repository, query: Sequence[bytes], now: datetime) -> bytes:
        """Answer a request: `query` holds its query string and, if posted, its form body, percent-encoded."""
        identity = await repository.identity()
        given: dict[str, str] = {}
        try:
            pairs = [pair for part in query for pair in arguments.decode(part)]
            given = arguments.check(pairs)
            content = await self._content(repository, identity, given, now)
        except OaiError as problem:
            if problem.code in _NOT_REPEATED:
                given = {}
            content = [writing.error(problem)]
        return writing.envelope(stamp(now), identity.base_url, given, *content)

    async def _content(
        self, repository: Repository, identity: Identity, given: Mapping[str, str], now: datetime
    ) -> list[bytes]:
        match given["verb"]:
            case "Identify":
                return [writing.identify(identity, gzip=True)]
            case "ListMetadataFormats":
                return await _formats(repository, given.get("identifier"))
            case "ListSets":
                return await _sets(repository, resumed=arguments.TOKEN in given)
            case "GetRecord":
                return await _record(repository, identity, given["identifier"], given["metadataPrefix"])
            case verb:
                return await self._list(repository, identity, verb, given, now)

    async def _list(
        self, repository: Repository, identity: Identity, verb: str, given: Mapping[str, str], now: datetime
    ) -> list[bytes]:
        token: Token | None = None
        if arguments.TOKEN in given:
            token = tokens.unseal(given[arguments.TOKEN], self._secret, identity, _seconds(now))
            if token.verb != verb:
                raise OaiError(
                    ErrorCode.BAD_RESUMPTION_TOKEN, f"The resumptionToken belongs to {token.verb}."
                )
            selection, after, cursor = token.selection, token.after, token.cursor
        else:
            selection, after, cursor = await _selection(repository, identity, given), None, 0
        items = await repository.page(selection, after, self._page_size + 1)
        if not items and token is None:
            raise OaiError(ErrorCode.NO_RECORDS_MATCH, "Nothing matches these arguments.")
        more = len(items) > self._page_size
        shown = items[: self._page_size]
        write = writing.record if verb == "ListRecords" else writing.header
        content = [f"<{verb}>\n".encode(), *(write(item, identity.granularity) for item in shown)]
        if more:
            size = token.size if token else await repository.count(selection)
            expires = now + self._token_life
            last = shown[-1]
            following = Token(
                verb,
                selection,
                Key(last.datestamp, last.identifier),
                cursor + len(shown),
                size,
                _seconds(expires),
            )
            text = tokens.seal(following, self._secret, identity)
            content.append(writing.resumption(text, cursor=cursor, size=size, expires=stamp(expires)))
        elif token is not None:
            content.append(writing.resumption("", cursor=cursor, size=token.size, expires=None))
        content.append(f"</{verb}>\n".encode())
        return content


def _seconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())


async def _formats(repository: Repository, identifier: str | None) -> list[bytes]:
    known = await repository.formats(identifier)
    if known is None:
        raise _unknown_identifier()
    if not known:
        raise OaiError(ErrorCode.NO_METADATA_FORMATS, "This item has no metadata formats.")
    return [writing.formats(known)]


async def _sets(repository: Repository, *, resumed: bool) -> list[bytes]:
    if resumed:
        raise OaiError(ErrorCode.BAD_RESUMPTION_TOKEN, "ListSets answers in one piece and gives no tokens.")
    known = await repository.sets()
    if not known:
        raise OaiError(ErrorCode.NO_SET_HIERARCHY, "This repository knows no sets.")
    return [writing.sets(known)]


async def _record(repository: Repository, identity: Identity, identifier: str, prefix: str) -> list[bytes]:
    known = await repository.formats(identifier)
    if known is None:
        raise _unknown_identifier()
    item = await repository.get(prefix, identifier) if any(each.prefix == prefix for each in known) else None
    if item is None:
        raise OaiError(ErrorCode.CANNOT_DISSEMINATE_FORMAT, "The item is not available in this format.")
    return [b"<GetRecord>\n", writing.record(item, identity.granularity), b"</GetRecord>\n"]


async def _selection(repository: Repository, identity: Identity, given: Mapping[str, str]) -> Selection:
    since, until = bounds(given.get("from"), given.get("until"), identity.granularity)
    prefix, spec = given["metadataPrefix"], given.get("set")
    if not any(each.prefix == prefix for each in await repository.formats() or ()):
        raise OaiError(ErrorCode.CANNOT_DISSEMINATE_FORMAT, "This repository does not know this format.")
    if spec is not None and not await repository.sets():
        raise OaiError(ErrorCode.NO_SET_HIERARCHY, "This repository knows no sets.")
    return Selection(prefix, since, until, spec)


def _unknown_identifier() -> OaiError:
    return OaiError(ErrorCode.ID_DOES_NOT_EXIST, "There is no item with this identifier.")
