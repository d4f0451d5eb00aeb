"""ISO 18626: messages of other libraries' systems, taken in over HTTP."""
