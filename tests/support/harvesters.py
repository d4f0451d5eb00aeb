"""Harvesters as processes of their own that start at once: forked from one that has imported everything.

For tests that kill many; whether the command itself starts is asked elsewhere.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from multiprocessing.process import BaseProcess

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["pytest", "unioncat_harvester.__main__"])


def start(words: list[str], environment: Mapping[str, str]) -> BaseProcess:
    """Run `unioncat_harvester` with these words and these variables besides."""
    process = _CONTEXT.Process(target=_run, args=(words, dict(environment)), daemon=True)
    process.start()
    return process


def _run(words: list[str], environment: Mapping[str, str]) -> None:
    from unioncat_harvester.__main__ import main

    os.environ.update(environment)
    sys.argv = ["unioncat_harvester", *words]
    main()
