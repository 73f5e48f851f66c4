"""Wrong wall clocks, by Debian's libfaketime; the monotonic clock stays right."""

import pathlib

LIBRARY = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def environment(seconds, library=LIBRARY):
    """What makes a dynamic program see the time `seconds` later than it is."""
    return {"LD_PRELOAD": library, "FAKETIME": f"{seconds:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
