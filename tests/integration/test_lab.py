"""The hosts and brokers are what the other tests take them for."""

import socket

import pytest

from lab import Lab, wait_until


def reach(address, port=5672):
    try:
        socket.create_connection((address, port), timeout=0.5).close()
        return "accepted"
    except TimeoutError:
        return "silent"
    except OSError:
        return "refused"


def test_a_broker_runs_on_a_host_of_its_own(broker):
    assert broker.members() == [broker.nodename]
    assert reach(broker.address) == "accepted" and reach(broker.address6) == "accepted"
    assert reach(broker.address, 4369) == "accepted"


def test_a_closed_listener_refuses_while_the_broker_still_names_it(broker):
    broker.close_listener()
    assert reach(broker.address) == "refused"
    assert "5672" in broker.call("rabbit_networking", "node_listeners", f"['{broker.nodename}']")
    broker.open_listener()
    assert reach(broker.address) == "accepted"


def test_a_blocked_port_is_silent_and_a_frozen_broker_still_accepts(broker):
    broker.block_port()
    assert reach(broker.address) == "silent"
    broker.unblock_ports()
    broker.freeze()
    assert reach(broker.address) == "accepted"
    broker.thaw()


@pytest.mark.parametrize("resource", ["memory", "disk"])
def test_alarms_are_raised_by_the_broker_itself(broker, resource):
    broker.raise_alarm(resource)
    wait_until(lambda: resource in broker.call("rabbit_alarm", "get_local_alarms", "[]"), 5)
    broker.clear_alarm(resource)
    wait_until(lambda: broker.call("rabbit_alarm", "get_local_alarms", "[]") == "[]", 5)


def test_a_lab_leaves_nothing_behind():
    with Lab() as other:
        other.broker(0, version="4.0").start(wait=False)
    assert other.leftovers() == []
