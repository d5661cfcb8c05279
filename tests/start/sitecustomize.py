"""What every Python process of `make hour` runs first: its clock is ahead, and ticks.

Python finds this by its folder being in PYTHONPATH, where `tests.hours` puts it.
"""

import os
import time

if ahead_ns := os.environ.get("POLE_TEST_AHEAD_NS"):
    import time_machine

    time_machine.travel((time.time_ns() + int(ahead_ns)) / 1_000_000_000).start()
    # The journey begins when the clock is first read.
    time.time()
