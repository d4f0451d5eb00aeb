"""Letters of lending: to readers at the steps that matter, to desks, and to libraries that have no system.

A letter is written when it is sent: nothing of a reader and no link lies in the outbox.
"""
