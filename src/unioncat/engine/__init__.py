"""The engine room: the built-in PostgreSQL, and the service that keeps all processes running."""
