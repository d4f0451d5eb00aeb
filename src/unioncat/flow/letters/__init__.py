"""Letters of lending: to readers at the steps that matter, to desks, and to libraries that have no system.

A letter is written when it is sent: nothing of a reader and no link lies in the outbox.
"""

from unioncat.flow.letters.carry import came_back, carry, new_link, written
from unioncat.flow.letters.wording import Letter

__all__ = ["Letter", "came_back", "carry", "new_link", "written"]
