"""Ten runs a version of `make formation`, so that every scenario comes up: three nodes form one cluster and lose nothing, whatever happens."""

import pytest

from lab import SUITES

from . import scenarios
from .run import Run

RUNS = 10
SIZE = 3


def chosen(version, number):
    """Another part of the scenarios for each version."""
    names = sorted(scenarios.ALL)
    return scenarios.ALL[names[(list(SUITES).index(version) * RUNS + number) % len(names)]]


@pytest.mark.parametrize("number", range(RUNS))
def test_all_pods_become_one_cluster_and_nothing_confirmed_is_lost(formation_plane, version, number):
    scenario = chosen(version, number)
    least, most = scenario.sizes
    run = Run(formation_plane, version, scenario, number, min(max(SIZE, least), most), strict=False)
    try:
        run.go()
    except Exception as error:
        run.failed(error)
        raise
    finally:
        run.close()
        formation_plane.mend()
