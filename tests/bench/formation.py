"""How long three brokers take to become one cluster: with Warren, with RabbitMQ's own Kubernetes plugin, and side by side without any cluster."""

import statistics
import time

from lab import SUITES, StatefulSet, wait_until

from .measure import Point

SIZE = 3
OPERATOR_SLEEPS = 30  # seconds, in an init container, before its brokers start
# Times the floor, by version: from 4.1 on the brokers boot side by side, before that a joiner waits for the founder's boot.
GOALS = {"4.3": 1.3, "4.0": 2.0, "3.10": 2.0}
LIMIT = 120


def forming(plane, rounds, versions=tuple(SUITES)):
    """A figure for each version. What is compared runs in turn, and is the median of all rounds."""
    points = []
    for version in versions:
        took = {"alone": [], "stock": [], "gate": []}
        for number in range(rounds):
            for door, times in took.items():
                times.append(once(plane, version, door, f"bench-{door}-{version.replace('.', '-')}-{number}"))
        points.append(figure(version, took, rounds))
    return points


def once(plane, version, door, namespace):
    """From the first gate asked (without gates: the first broker started) until every broker runs and sees all others run."""
    with StatefulSet(plane.lab, plane.namespace(namespace), version, SIZE, door=door) as brokers:
        brokers.start()

        def formed():
            return len(brokers.pods) == SIZE and all(
                node.sight()[1] == (brokers.names() if door != "alone" else [node.nodename]) for node in brokers.nodes.values())
        wait_until(formed, LIMIT, lambda: f"{door} on {version}\n{brokers.story}", every=0.1)
        return time.monotonic() - min(pod.asked for pod in brokers.pods.values())


def figure(version, took, rounds):
    alone, stock, gate = (statistics.median(took[door]) for door in ("alone", "stock", "gate"))
    goal = GOALS[version]
    return Point(f"three brokers {version} become one cluster, from the first gate asked (median of {rounds})",
                 f"at most {goal:g} times their boot without clustering, not slower than the stock plugin",
                 f"{gate:.1f} s: {gate / alone:.2f} times {alone:.1f} s; stock plugin {stock:.1f} s, in the operator's configuration "
                 f"{stock + OPERATOR_SLEEPS:.1f} s", max(gate / alone / goal, gate / stock), took)
