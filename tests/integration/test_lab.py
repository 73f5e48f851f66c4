"""The hosts and brokers are what the other tests take them for."""

import os
import pathlib
import socket
import subprocess
import sys

import pytest

from lab import Lab, processes, wait_until
from lab.network import bridges

SUPPORT = str(pathlib.Path(__file__).resolve().parents[1] / "support")


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


KILLED = """
import signal
from lab import Lab
from lab.agent import Agent
from lab.control_plane import ControlPlane
lab = Lab()
ControlPlane(lab)
broker = lab.broker(0, version="4.0")
Agent(broker, environment={"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "9"}).start()
broker.start(wait=False)
print(lab.dir, lab.network.name, broker.first, flush=True)
signal.pause()
"""


def running(words):
    return {pid: processes.command_line(pid) for pid in processes.all_processes()
            if processes.alive(pid) and any(word in processes.command_line(pid) for word in words)}


def test_a_killed_run_ends_with_it_and_the_next_one_clears_the_rest(plane):
    run = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": SUPPORT})
    try:
        folder, bridge, first = run.stdout.readline().split()
        inside = processes.in_namespace("net", int(first))
        agent = running([f"{folder}/warren agent"])
        assert agent and inside
    finally:
        run.kill()
        run.communicate()
    wait_until(lambda: not any(processes.alive(pid) for pid in [*inside, *agent]), 5, "end of the hosts, the broker and the agent")
    with Lab():
        assert running([f"{folder}/"]) == {}
        assert not pathlib.Path(folder).exists()
        assert bridge not in bridges()
