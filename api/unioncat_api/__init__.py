"""The web: shows what the catalogue knows to readers, to staff and to other systems.

It computes nothing of its own: every answer comes from `unioncat.flow` and is only put into words here.
"""
