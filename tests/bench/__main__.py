"""`make bench`: every figure in one run; a table, build/bench.json, and the table in README.md.

A figure that is missed, or could not be measured, fails the run. With --short fewer samples are taken, README.md stays as it is,
and only a figure that is missed by more than a factor of two fails: a busy machine is no finding.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import sys
import traceback

from lab import Lab, wait_until, why_not
from lab.agent import ROOT, Agent
from lab.control_plane import ControlPlane, why_no_control_plane
from lab.rootfs import broker_version

from . import measure
from .formation import forming

TOLERANCE = 2


def run(lab, short):
    plane = ControlPlane(lab)
    small, large = plane.namespace("bench"), plane.namespace("bench-many")
    broker = lab.broker(0).start()
    host = lab.broker(3)
    small.publish([broker, host])
    agent = Agent(broker, plane, small.name, small.service, small.pod(broker.name), small.token()).start()
    wait_until(lambda: (agent.status_of("/readyz"), agent.status_of("/livez")) == (200, 200), 10, "healthy broker")
    steps = [
        lambda: measure.at_rest(agent, 10 if short else 60),
        lambda: measure.one_probe(broker, agent, 2000 if short else 20000, 4 if short else 20),
        lambda: measure.killed_broker(broker, agent, 3 if short else 20),
        lambda: measure.changes_of_health(broker, agent, 2 if short else 10),
        lambda: measure.slice_changes(small, agent, lab, 50 if short else 200),
        lambda: measure.many_endpoints(lab, host, large, small),
        lambda: forming_alone(lab, plane, broker, host, agent, 1 if short else 5),
    ]
    points, failed = [], 0
    for step in steps:
        try:
            points += step()
        except Exception:
            failed += 1
            traceback.print_exc()
    return points, failed, broker_version(broker.base)


def forming_alone(lab, plane, broker, host, agent, rounds):
    """Its pods have the names of the hosts that the other figures are measured on."""
    agent.close()
    for node in (broker, host):
        lab.remove(node)
    return forming(plane, rounds)


def table(points):
    lines = ["| what | wanted | measured | |", "| --- | --- | --- | --- |"]
    return lines + [f"| {p.name} | {p.wanted} | {p.measured} | {'reached' if p.reached else '**missed**'} |" for p in points]


def write_readme(lines, version):
    path = ROOT / "README.md"
    text = path.read_text()
    where = f"`make bench` on {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}, RabbitMQ {version}, everything on this one machine:"
    body = "\n".join(["<!-- bench -->", where, "", *lines, "<!-- /bench -->"])
    path.write_text(re.sub(r"<!-- bench -->.*?<!-- /bench -->", lambda _: body, text, flags=re.S))


def main():
    options = argparse.ArgumentParser(prog="make bench")
    options.add_argument("--short", action="store_true")
    short = options.parse_args().short
    reason = why_not() or why_no_control_plane()
    if reason:
        print(f"SKIPPED bench: {reason}")
        sys.exit(77)
    with Lab() as lab:
        points, failed, version = run(lab, short)
    lines = table(points)
    print("\n".join(lines))
    pathlib.Path(ROOT / "build/bench.json").write_text(json.dumps(
        {"rabbitmq": version, "short": short, "points": [{**vars(point), "reached": point.reached} for point in points]}, indent=1) + "\n")
    if not short and not failed:
        write_readme(lines, version)
    missed = sum(not point.reached for point in points)
    if missed:
        print(f"{missed} of {len(points)} figures missed")
    if short:
        print(f"few samples (SHORT=1): a figure counts as failed when it is missed by more than a factor of {TOLERANCE}")
    too_far = sum(point.share > (TOLERANCE if short else 1) for point in points)
    print(f"{len(points) - too_far} passed, {too_far + failed} failed")
    sys.exit(too_far + failed > 0)


main()
