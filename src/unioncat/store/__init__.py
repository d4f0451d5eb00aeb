"""PostgreSQL, the only truth. Nothing outside this package speaks SQL."""
