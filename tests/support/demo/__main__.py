"""`make demo`: three real brokers, Warren beside each, and what happens when things break."""

import argparse
import os
import signal
import sys
import time

from lab import Lab, SUITES, newest, why_not
from lab.agent import Agent
from lab.rootfs import rootfs, why_not_newest
from lab.stand_in import TOKEN, StandIn

from .screen import Screen
from .story import Story


LIMIT = 60  # seconds


def demo(screen, version, keep):
    rootfs(version)  # is made where it is missing, before the clock starts
    began = time.monotonic()

    def promise_time():
        took = time.monotonic() - began
        screen.promise(took < LIMIT, f"all of it took {took:.0f} s, promised within {LIMIT} s")

    with Lab() as lab:
        stand_in = StandIn(lab)
        place = stand_in.place()
        brokers = [lab.broker(index, version=version, plugins=["rabbitmq_management"] if keep else []) for index in range(3)]
        agents = [Agent(broker, stand_in, uid=place.pod(broker.name), token=TOKEN) for broker in brokers]
        try:
            Story(screen, place, brokers, agents).tell()
        except Exception as error:
            screen.promise(False, f"the demo went on to its end: {error}")
        screen.say("")
        if keep:
            promise_time()
            tell_how_to_go_on(screen, brokers, stand_in)
            print(f"{screen.kept} passed, {len(screen.broken)} failed, left running", flush=True)
            yield not screen.broken
            signal.signal(signal.SIGTERM, lambda *_: None)
            signal.pause()
    left = lab.leftovers()
    screen.promise(not left, "everything is cleared" if not left else f"everything is cleared; left: {left}")
    promise_time()
    print(f"{screen.kept} passed, {len(screen.broken)} failed", flush=True)
    yield not screen.broken


def tell_how_to_go_on(screen, brokers, stand_in):
    screen.step("All of it stays up")
    screen.table(["broker", "Warren", "management (guest, guest)", "AMQP"],
                 [[b.nodename, f"http://{b.address}:15690/readyz?verbose", f"http://{b.address}:15672", f"{b.address}:5672"] for b in brokers])
    screen.say(f"API stand-in: {stand_in.url}    files: {brokers[0].lab.dir}")
    screen.say(f"inside a host's network: nsenter --target {brokers[0].first} --net COMMAND")
    screen.say(f"clear everything: kill {os.getpid()}")


def keep_in_background(run):
    """Runs the demo in a process of its own that stays; this one ends with the demo's verdict."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        verdict = next(run)
        os.write(writer, b"1" if verdict else b"0")
        os.close(writer)
        os.setsid()
        quiet = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(quiet, number)
        for _ in run:
            pass
        sys.exit(0)
    os.close(writer)
    try:
        verdict = os.read(reader, 1)
    except KeyboardInterrupt:
        os.waitpid(child, 0)  # it clears up on the same Ctrl-C
        sys.exit(130)
    sys.exit(0 if verdict == b"1" else 1)


def main():
    options = argparse.ArgumentParser(prog="make demo")
    options.add_argument("--rabbitmq", choices=list(SUITES), default=None)
    options.add_argument("--keep", action="store_true")
    options = options.parse_args()
    reason = why_not()
    if reason:
        print(f"SKIPPED demo: {reason}")
        sys.exit(77)
    if not options.rabbitmq and why_not_newest():
        print(f"RabbitMQ 4.3 IS NOT TO BE HAD TODAY, the demo goes on with {newest()}: {why_not_newest()}\n", flush=True)
    run = demo(Screen(), options.rabbitmq or newest(), options.keep)
    if options.keep:
        keep_in_background(run)
    sys.exit(0 if next(run) else 1)


main()
