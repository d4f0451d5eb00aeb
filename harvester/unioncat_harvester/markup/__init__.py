"""Lists of records in XML, as servers really send them: read strictly, kept as exact bytes.

What is common to the protocols that answer with XML lives here; what an answer means is the readers'.
"""
