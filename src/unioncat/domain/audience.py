"""Who may see a library, a source, a record or a holding; and who is asking.

Every query takes a `Viewer`. The filter itself is applied in `store.visibility` and in the
`SearchIndex` port, nowhere else (DESIGN invariant 12).
"""

from dataclasses import dataclass

PUBLIC = 0
"""Number of the audience that everybody belongs to."""


@dataclass(frozen=True, slots=True)
class Audience:
    """A circle of viewers: everybody, or the libraries of one group."""

    id: int
    code: str
    name_vi: str
    name_en: str
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks: the audiences that he or she belongs to, always with `PUBLIC`."""

    audiences: frozenset[int] = frozenset({PUBLIC})

    def __post_init__(self) -> None:
        """Everybody is part of the public."""
        object.__setattr__(self, "audiences", frozenset(self.audiences) | {PUBLIC})

    def may_see(self, audience: int) -> bool:
        """Tell whether something kept for `audience` may reach this viewer."""
        return audience in self.audiences


ANONYMOUS = Viewer()
