"""Errors of the protocol (§3.6) as errors that name source, page and remedy."""

from sickle import oaiexceptions

from unioncat.domain.source import Source
from unioncat_harvester.reader import ListBroken, SourceError
from unioncat_harvester.readers.oaipmh.client import ERRORS

OAI_ERRORS = (*ERRORS.values(), oaiexceptions.OAIError)
_REMEDIES: dict[type[Exception], str] = {
    oaiexceptions.BadArgument: "If the server does not understand dates, set the source's option selective to"
    " no or granularity to day; check its set and format too.",
    oaiexceptions.BadVerb: "The address may lose its arguments on the way (a redirection): register the"
    " address at which it ends.",
    oaiexceptions.CannotDisseminateFormat: "Set the source's format to one that the server offers"
    " (`probe` lists them), or to auto.",
    oaiexceptions.NoSetHierarchy: "The server has no sets: remove the source's set.",
}
_ASK = "Ask the server's operator what this answer means."


def fault(source: Source, error: Exception, page: int | None, *, resumed: bool = False) -> SourceError:
    """Turn an error of the protocol into one for people; `resumed`: the request carried a token."""
    if isinstance(error, oaiexceptions.BadResumptionToken) and resumed:
        return ListBroken(
            f"the server no longer knows its resumption token ({error})",
            "Its tokens live too short: harvest in windows of dates (option windows) or by sets.",
            source=source.code,
            page=page,
        )
    return SourceError(
        f"the server refuses: {error}", _REMEDIES.get(type(error), _ASK), source=source.code, page=page
    )
