"""Pages for readers and operators: rendered here, complete without JavaScript, Vietnamese first.

Catalogue text is hostile until it is escaped: templates escape everything, and only http(s) addresses become links.
"""
