"""What can go wrong in the store, each with a remedy for a person."""


class StoreError(Exception):
    """Base of the store's errors; `remedy` tells what to do."""

    remedy = "See the operator's guide."

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy:
            self.remedy = remedy


class Unknown(StoreError):
    """Something was named that is not there."""

    remedy = "Check the code; list what there is."


class Conflict(StoreError):
    """A change does not fit what is there."""

    remedy = "Correct the value and try again."


class SourceBusy(StoreError):
    """Another harvester is at work on this source."""

    remedy = "Wait for it to finish; a dead one is taken over at once."


class SourceNotActive(StoreError):
    """The source is paused or held."""

    remedy = "Decide on the held run, or resume the source."


class RunLost(StoreError):
    """Another harvester has taken this run over; nothing of the present page was saved."""

    remedy = "Nothing to do: the other harvester goes on."


class TokenLoop(StoreError):
    """The server handed out a resumption token for the second time."""

    remedy = "The server's list has no end. Ask its operator to mend paging, or harvest by sets or dates."


class TooMany(StoreError):
    """More was asked than a stranger may ask for in a while."""

    remedy = "Wait an hour, or write to the operator."

    def __init__(self, message: str, remedy: str | None = None, *, seconds: int | None = None) -> None:
        super().__init__(message, remedy)
        self.seconds = seconds
        """After how many it may be asked again, where that is known."""
