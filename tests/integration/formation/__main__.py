"""Real brokers, real API server, drawn from a seed:  make formation RUNS=100 RABBITMQ=4.3

    python3 -m formation --runs N [--seed S] [--rabbitmq 4.3] [--scenario NAME] [--size N] [--door stock]

Run number i has the seed S + i, which draws the scenario, the number of nodes and all times. `--runs 1 --seed S` draws a run again.
With --door stock the brokers form their cluster by RabbitMQ's own Kubernetes plugin, without Warren, for comparison.
"""

import argparse
import random
import sys
import time

from lab import Lab, SUITES, why_not
from lab.control_plane import ControlPlane, why_no_control_plane

from . import scenarios
from .run import Run

SIZES = {2: 2, 3: 8, 4: 2, 5: 4, 6: 1, 7: 2}  # and how often


def draw(seed, names, largest):
    """The scenario and the number of nodes of a seed."""
    chance = random.Random(f"{seed}")
    chosen = scenarios.ALL[chance.choice(names)]
    least, most = chosen.sizes
    sizes = [size for size in SIZES if least <= size <= min(most, max(largest, least))]
    return chosen, chance.choices(sizes, [SIZES[size] for size in sizes])[0]


def one(plane, version, chosen, seed, size, door):
    """Runs it and prints its line; True if every promise was kept."""
    run, began, failure = Run(plane, version, chosen, seed, size, door), time.monotonic(), None
    try:
        run.go()
    except Exception as error:
        failure = error
    took = time.monotonic() - began
    try:
        formed = f"formed in {run.formed_in:.1f} s" if run.formed_in else "never formed"
        confirmed = len(run.publisher.confirmed["proof-quorum"]) if run.publisher else 0
        result = "ok" if failure is None else f"FAILED: {type(failure).__name__}"
        unknown = "" if run.version_is_known else ", version not known"
        print(f"seed {seed}  {version:4}  {size} nodes  {chosen.__name__:40} {result}  ({formed}, {confirmed} messages, {took:.0f} s{unknown})", flush=True)
        if failure is not None:
            run.failed(failure)
    finally:
        run.close()
        plane.mend()
    return failure is None


def main():
    options = argparse.ArgumentParser(prog="make formation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=10)
    options.add_argument("--seed", type=int, default=None, help="of the first run (default: the time)")
    options.add_argument("--rabbitmq", choices=list(SUITES), action="append", help="may be given several times (default: all, drawn by the seed too)")
    options.add_argument("--scenario", choices=list(scenarios.ALL), action="append")
    options.add_argument("--size", type=int, default=None, help="this many nodes")
    options.add_argument("--largest", type=int, default=7, help="at most so many nodes")
    options.add_argument("--door", choices=["gate", "stock"], default="gate")
    options = options.parse_args()
    reason = why_not() or why_no_control_plane()
    if reason:
        print(f"SKIPPED formation: {reason}")
        sys.exit(77)
    seed = options.seed if options.seed is not None else int(time.time())
    names = sorted(name for name in options.scenario or scenarios.ALL if options.door == "gate" or not scenarios.ALL[name].gate_only)
    versions = options.rabbitmq or list(SUITES)
    kept = 0
    with Lab() as lab:
        plane = ControlPlane(lab)
        for number in range(options.runs):
            chosen, size = draw(seed + number, names, options.largest)
            kept += one(plane, versions[(seed + number) % len(versions)], chosen, seed + number, options.size or size, options.door)
    print(f"{kept} passed, {options.runs - kept} failed")
    sys.exit(kept < options.runs)


main()
