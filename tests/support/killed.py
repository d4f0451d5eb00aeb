"""A process that says yes to a request and is killed: before the message leaves, or just after.

Words: the address of the database, the id of the supply, and the moment.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.support.lending import DESK, staff
from unioncat.config import Settings
from unioncat.domain.lending import Facts, Side, Step
from unioncat.flow import deliver, lend
from unioncat.flow.services import open_services
from unioncat.store import deliveries


async def main(url: str, attempt: str, moment: str) -> None:
    async with open_services(Settings.load(), url) as services:
        now = datetime.now(UTC)
        await lend.step(
            services, staff("near"), Side.SUPPLIER, UUID(attempt), Step.ANSWER_WILL_SUPPLY, now, Facts()
        )
        if moment == "after sending":
            setattr(deliveries, "sent", _die)  # noqa: B010 - it stands for a power cut
            await deliver.deliver(services, DESK, now)
        os.kill(os.getpid(), signal.SIGKILL)


async def _die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
