"""Waiting for something to become true, with a limit, and never by a plain sleep in a test."""

import time


class NotInTime(AssertionError):
    pass


def wait_until(condition, limit, what=None, every=0.02):
    """Calls `condition` until it returns something true, and returns that.

    After `limit` seconds it raises NotInTime, which tells what was waited for and the last thing seen:
    the last exception of `condition`, or its last value. `what` is a text, or a function that makes one then.
    """
    end = time.monotonic() + limit
    while True:
        try:
            seen = condition()
            if seen:
                return seen
        except (OSError, LookupError, ValueError) as error:
            seen = error
        if time.monotonic() >= end:
            name = what() if callable(what) else what or getattr(condition, "__name__", "condition")
            raise NotInTime(f"{name}: not within {limit} s; last seen: {seen!r}")
        time.sleep(every)


def stays(condition, seconds, what=None, every=0.02):
    """Watches that `condition` holds for the whole time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition(), f"{what or condition} did not hold for {seconds} s"
        time.sleep(every)


def milliseconds_until(condition, limit, what=None, since=None, every=0.001):
    """How long it took for `condition` to become true, in milliseconds."""
    began = time.monotonic() if since is None else since
    wait_until(condition, limit, what, every)
    return (time.monotonic() - began) * 1000
