"""The gate: what a source's profile shuts out is never written here, neither record nor field.

It fails closed: a record of which it cannot tell whether it may pass comes back without its content.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from unioncat.domain.source import Profile, Quarantined, RawRecord, Source
from unioncat.normalise.encoded import encoding_of
from unioncat.normalise.gate.marc import look_iso2709, look_json, look_lines
from unioncat.normalise.gate.opac import look_opac
from unioncat.normalise.gate.rows import look_row
from unioncat.normalise.gate.rules import in_sets, names
from unioncat.normalise.gate.seen import Seen, Strips
from unioncat.normalise.gate.xml import look_xml
from unioncat.normalise.profiles import profile_for
from unioncat.normalise.record import Unreadable
from unioncat.normalise.wrapping import Wrapping, wrapping
from unioncat.text.encodings import repair

__all__ = ["Gate", "gate_for"]

_NO_TEXTS: Mapping[str, str] = {}


class Gate:
    """Stands between a reader and the store. Pure and without state: one may serve several threads."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._strips = Strips(profile.strip_tags)
        self.active = bool(profile.drop or self._strips)
        """Whether anything is shut out. Then no page and no piece of one may be kept as it came."""

    def admit(self, record: RawRecord) -> RawRecord | Quarantined | None:
        """Return what may be written of a record; None: it is shut out, and nothing of it may be.

        Fields that the profile strips are cut out of the payload's bytes. A record that the rules cannot be
        asked of comes back as `Quarantined` without payload. A record that is shut out now may have been open
        before: whoever holds an earlier state must delete it.
        """
        if record.deleted:
            return replace(record, payload=b"") if record.payload else record
        if not self.active:
            return record
        try:
            if not record.payload.strip():
                return None if self._is_in_shut_set(record) else record
            seen, payload = self._look(record)
            encoding = encoding_of(record.format, self._profile)
            mended = partial(repair, encoding=encoding) if encoding else _as_it_is
            if any(names(rule, seen, record.sets, mended) for rule in self._profile.drop):
                return None
        except Unreadable as fault:
            return Quarantined(record.local_id, fault.code, fault.detail)
        except Exception as fault:  # whatever goes wrong here, the record stays out
            return Quarantined(
                record.local_id,
                "gate-fault",
                f"The gate failed on this record ({type(fault).__name__}), so it was not let in. Report it.",
            )
        return record if payload is record.payload else replace(record, payload=payload)

    def quarantined(self, piece: Quarantined) -> Quarantined:
        """Return what may be written of a piece that a reader put aside: without its bytes, if active."""
        return replace(piece, payload=b"") if self.active and piece.payload else piece

    def _is_in_shut_set(self, record: RawRecord) -> bool:
        return any(rule.sets and in_sets(rule.sets, record.sets) for rule in self._profile.drop)

    def _look(self, record: RawRecord) -> tuple[Seen, bytes]:
        return self._look_into(record.payload, record.format)

    def _look_into(self, payload: bytes, format: str) -> tuple[Seen, bytes]:
        strips = self._strips
        match wrapping(payload, format):
            case Wrapping.XML:
                return look_xml(payload, strips)
            case Wrapping.ISO2709:
                return look_iso2709(payload, strips, encoding_of(format, self._profile))
            case Wrapping.MARC_JSON:
                return look_json(payload, strips)
            case Wrapping.LINES:
                return look_lines(payload, strips)
            case Wrapping.TABLE:
                return look_row(payload, strips, self._profile.columns)
            case Wrapping.OPAC:
                return look_opac(payload, strips, self._look_into)
            case other:
                raise Unreadable(
                    "gate-rule-not-applicable",
                    f"The profile has rules of what must stay out, which cannot be asked of a record of the "
                    f"form {other.value!r}. Choose MARC as the format of this source, or another profile.",
                )


def gate_for(source: Source, texts: Mapping[str, str] = _NO_TEXTS) -> Gate:
    """Return the gate of a source; `texts` are the profiles kept in the store. Raises ValueError."""
    return Gate(profile_for(source, texts))


def _as_it_is(text: str) -> str:
    return text
