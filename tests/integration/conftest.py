"""One lab for the whole run: a broker of each version, shared by the tests and mended before each, and one API server."""

import itertools
import os

import pytest

from lab import SUITES, Lab, rootfs, why_not, wait_until
from lab.agent import Agent
from lab.control_plane import ControlPlane, why_no_control_plane

reasons = []
numbers = itertools.count(1)


# What brokers make of doors, data folders and calls changes with them, not with Warren: each of these tests runs on one version after the
# other, and on all of them with EVERY=1 in the environment.
FACTS = ("test_doors.py", "test_broker_calls.py")


def pytest_collection_modifyitems(config, items):
    if not os.environ.get("EVERY"):
        keep_one_version(config, items)
    reason = why_not()
    if reason:
        reasons.append(f"integration: {reason}")
        for item in items:
            item.add_marker(pytest.mark.skip(reason=reason))


def keep_one_version(config, items):
    names, left_out = {}, []
    for item in items:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        if item.path.name not in FACTS or "version" not in params:
            continue
        place = names.setdefault(item.originalname, len(names))
        if params["version"] != list(SUITES)[place % len(SUITES)]:
            left_out.append(item)
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter):
    for reason in dict.fromkeys(reasons):
        terminalreporter.write_line(f"SKIPPED {reason}")


@pytest.fixture(scope="session")
def lab():
    world = Lab()
    yield world
    world.close()
    assert world.leftovers() == []


@pytest.fixture(scope="session")
def plane(lab):
    reason = why_no_control_plane()
    if reason:
        reasons.append(f"integration with an API server: {reason}")
        pytest.skip(reason)
    return ControlPlane(lab)


@pytest.fixture(scope="module")
def formation_plane():
    """The API server of a lab of its own, for the pods there have the names that the shared brokers have here."""
    reason = why_no_control_plane()
    if reason:
        reasons.append(f"integration with an API server: {reason}")
        pytest.skip(reason)
    world = Lab()
    yield ControlPlane(world)
    world.close()
    assert world.leftovers() == []


@pytest.fixture(scope="session")
def brokers(lab):
    """The shared broker of each version, made and started at its first use."""
    made = {}

    def get(version):
        if version not in made:
            made[version] = lab.broker(list(SUITES).index(version), version=version)
        return made[version]
    return get


@pytest.fixture(params=list(SUITES))
def version(request):
    if request.param == "4.3" and rootfs.why_not_newest():
        reasons.append(f"4.3: {rootfs.why_not_newest()}")
        pytest.skip(rootfs.why_not_newest())
    return request.param


@pytest.fixture
def broker(brokers, version):
    """A running, healthy broker of each version."""
    return mended(brokers(version))


@pytest.fixture
def newest(brokers):
    """A running, healthy broker of the version that users run."""
    return mended(brokers(rootfs.newest()))


@pytest.fixture
def host(lab):
    """A host on which no broker runs."""
    return lab.nodes.get("rmq-3") or lab.broker(3)


@pytest.fixture
def fresh(lab):
    """Makes brokers on hosts of their own (rmq-4 and up), which are gone after the test."""
    made = []

    def make(count=1, **options):
        for index in range(count):
            made.append(lab.broker(4 + len(made), **options))
        return made[-count:]
    yield make
    for each in made:
        lab.remove(each)


@pytest.fixture
def namespace(plane):
    """An empty namespace of the API server with the full Role."""
    return plane.namespace(f"test-{next(numbers)}")


@pytest.fixture
def sidecar(lab):
    """Starts agents; they are gone after the test, and have warned of each thing once."""
    made = []

    def make(broker, namespace=None, start=True, wait=True, own_pids=True, arguments=(), repeats=(), **environment):
        """With a `namespace` of the API server the agent talks to it; without, there is none to be reached.

        `repeats`: what warnings begin with that the test brings about several times.
        """
        if namespace:
            agent = Agent(broker, namespace.plane, namespace.name, namespace.service, namespace.pod(broker.name), namespace.token(),
                          environment, arguments)
        else:
            agent = Agent(broker, environment={"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "9", **environment},
                          arguments=arguments)
        agent.repeats = repeats
        made.append(agent)
        return agent.start(wait=wait, own_pids=own_pids) if start else agent
    yield make
    twice = []
    for agent in made:
        twice += [f"{message}\n{agent.log}" for message in agent.told_twice(but=agent.repeats)]
        agent.close()
        lab.closers.remove(agent.close)
        agent.forget()
    assert not twice, "told twice: " + "\n".join(twice)


def mended(broker):
    """Brings a broker that an earlier test has broken back to what it was."""
    if not broker.processes("beam.smp"):
        return broker.start()
    broker.thaw()
    broker.unblock_ports()
    broker.reconnect()
    if not broker.processes("epmd") or broker.call("rabbit", "is_running", "[]") != "true":
        broker.kill()
        wait_until(lambda: not broker.processes("beam.smp"), 5, "end of the broker")
        return broker.start()
    for resource in ("memory", "disk"):
        broker.clear_alarm(resource)
    # A broker says that it runs a moment before its listeners are there.
    wait_until(lambda: broker.open_listener() or True, 10, f"listener on {broker.name}", every=0.2)
    broker.revive()
    return broker
