"""What can go wrong in the engine room. Every error says what a person should do."""


class EngineError(RuntimeError):
    """A server or process that cannot run; `remedy` says what to do about it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy
