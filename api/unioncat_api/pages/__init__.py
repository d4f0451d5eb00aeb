"""Pages for readers and operators: rendered here, complete without JavaScript, Vietnamese first.

Catalogue text is hostile until escaped: templates escape everything, only http(s) addresses become links.
"""
