"""A federation of sample libraries: made-up catalogues of real books, with the habits of real catalogues.

Everything follows from the tables in `data/` and from fixed seeds: the same records on every machine and day.
"""
