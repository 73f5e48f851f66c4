"""What the probes say in each state of a real broker: the decision table, row by row, on every version."""

import signal
import time

import pytest

from lab import milliseconds_until, stays, wait_until

SECOND = 1000


def probes(agent):
    return agent.status_of("/readyz"), agent.status_of("/livez")


def well(agent, limit=10):
    """Waits until the agent finds its broker well; what a test does next starts from there."""
    wait_until(lambda: probes(agent) == (200, 200), limit, lambda: f"healthy broker beside {agent.broker.name}; "
               f"it says {agent.get('/readyz?verbose')} {agent.get('/livez?verbose')}")
    return agent


def failing(agent, path, mentions):
    answer = agent.get(path)
    return answer.status == 503 and mentions in answer.text


def test_a_running_broker_is_ready_and_live(broker, sidecar):
    agent = well(sidecar(broker))
    assert agent.status_of("/startupz") == 200
    for check in ("ping", "running", "local-alarms", "port-connectivity"):
        wait_until(lambda: agent.status_of(f"/readyz/{check}") == 200, 3, check)
    status = agent.get("/v1/status").json
    assert status["node"] == broker.nodename
    assert status["broker"]["version"].startswith(broker.version + ".")


def test_a_booting_broker_is_live_all_the_time(broker, sidecar):
    agent = well(sidecar(broker))
    broker.kill()
    wait_until(lambda: agent.status_of("/readyz") == 503, 5)
    broker.start(wait=False)
    lives = []
    wait_until(lambda: lives.append(agent.status_of("/livez")) or agent.status_of("/readyz/running") == 200, 60, every=0.01)
    assert set(lives) == {200}
    well(agent)


def test_a_stopped_app_answers_ping_but_does_not_run(broker, sidecar):
    agent = well(sidecar(broker))
    broker.stop_app()
    wait_until(lambda: agent.status_of("/readyz/running") == 503, 3, "running fails")
    stays(lambda: probes(agent) == (200, 200), 1, "ready at ping level, live")
    broker.start_app()
    wait_until(lambda: agent.status_of("/readyz/running") == 200, 10)


def test_at_level_running_a_stopped_app_is_not_ready(newest, sidecar):
    agent = well(sidecar(newest, WARREN_READINESS_LEVEL="running"))
    newest.stop_app()
    wait_until(lambda: probes(agent) == (503, 200), 3)
    newest.start_app()
    well(agent)


@pytest.mark.parametrize("resource", ["memory", "disk"])
def test_a_local_alarm_fails_liveness_within_a_second_and_is_named(broker, sidecar, resource):
    agent = well(sidecar(broker))
    broker.raise_alarm(resource)
    assert milliseconds_until(lambda: failing(agent, "/livez", resource), 3) < SECOND
    assert agent.status_of("/readyz") == 200
    broker.clear_alarm(resource)
    assert milliseconds_until(lambda: agent.status_of("/livez") == 200, 3) < SECOND


def test_an_alarm_is_only_reported_where_the_policy_says_so(newest, sidecar):
    agent = well(sidecar(newest, WARREN_LIVENESS_ALARMS="report"))
    newest.raise_alarm("memory")
    wait_until(lambda: "memory" in agent.get("/v1/status").text, 3)
    assert probes(agent) == (200, 200)
    newest.clear_alarm("memory")


def test_a_closed_listener_fails_liveness_within_a_second_and_is_named(broker, sidecar):
    agent = well(sidecar(broker))
    broker.close_listener()
    assert milliseconds_until(lambda: failing(agent, "/livez", "5672"), 3) < SECOND
    assert agent.status_of("/readyz") == 200
    broker.open_listener()
    assert milliseconds_until(lambda: agent.status_of("/livez") == 200, 3) < SECOND


def test_a_listener_that_no_longer_accepts_fails_liveness_within_15_seconds(newest, sidecar):
    agent = well(sidecar(newest))
    newest.block_port()
    assert milliseconds_until(lambda: failing(agent, "/livez", "5672"), 20) < 15 * SECOND
    newest.unblock_ports()
    wait_until(lambda: agent.status_of("/livez") == 200, 15)


def test_a_draining_broker_is_live_but_not_ready(broker, sidecar):
    agent = well(sidecar(broker))
    broker.drain()
    wait_until(lambda: probes(agent) == (503, 200), 3, "draining")
    stays(lambda: agent.status_of("/livez") == 200, 1.5, "live although its listeners are closed")
    broker.revive()
    well(agent)


@pytest.mark.parametrize("version", ["4.0", "3.10"])
def test_a_broker_paused_in_a_minority_is_live(fresh, sidecar, version):
    nodes = fresh(2, version=version, config="cluster_partition_handling = pause_minority\nnet_ticktime = 5\n")
    first, second = nodes
    for node in nodes:
        peers = node.conf_dir / "10-peers.conf"
        peers.write_text("cluster_formation.peer_discovery_backend = classic_config\n" + "".join(
            f"cluster_formation.classic_config.nodes.{i} = {other.nodename}\n" for i, other in enumerate(nodes, 1)))
        node.own(peers)
        # 4.0 waits for the nodes it is told of; 3.10 does not, so there the second must find the first.
        node.start(wait=version == "3.10")
    for node in nodes:
        wait_until(lambda: len(node.running_members()) == 2, 60, "cluster of two", every=0.1)
    agent = well(sidecar(second))
    second.cut_off()
    wait_until(lambda: second.call("rabbit", "is_running", "[]") == "false", 30, "pause", every=0.1)
    wait_until(lambda: agent_inside(agent, "/readyz/running") == 503, 5)
    assert agent_inside(agent, "/livez") == 200 and agent_inside(agent, "/readyz") == 200
    second.reconnect()
    wait_until(lambda: agent.status_of("/readyz/running") == 200, 30)


def agent_inside(agent, path):
    """A probe from the host's own network, for a host that is cut off."""
    done = agent.broker.run("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/15690; printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3; head -n 1 <&3")
    return int(done.stdout.split()[1])


def test_a_hung_broker_is_not_ready_at_first_and_then_not_live(broker, sidecar):
    agent = well(sidecar(broker, WARREN_LIVENESS_HANG_TIMEOUT="8s"))
    broker.freeze()
    began = time.monotonic()
    wait_until(lambda: probes(agent) == (503, 200), 7.5, "not ready, still live")
    wait_until(lambda: agent.status_of("/livez") == 503, 12, "not live")
    assert time.monotonic() - began >= 7.5
    broker.thaw()
    well(agent)


def test_a_killed_broker_is_not_ready_within_100_ms_and_found_again(broker, sidecar):
    agent = well(sidecar(broker))
    broker.kill()
    assert milliseconds_until(lambda: agent.status_of("/readyz") == 503, 3) < 100
    assert agent.status_of("/livez") == 200
    broker.start()
    well(agent)


def test_a_broker_that_stays_away_is_not_live_after_the_boot_timeout(newest, sidecar):
    agent = well(sidecar(newest, WARREN_LIVENESS_BOOT_TIMEOUT="10s"))
    newest.kill()
    took = milliseconds_until(lambda: agent.status_of("/livez") == 503, 15)
    assert 9.5 * SECOND < took < 12 * SECOND


def test_a_renamed_broker_is_not_mistaken_for_the_old_one(fresh, sidecar):
    node, = fresh(nodename="other@rmq-4")
    node.start()
    agent = sidecar(node, RABBITMQ_NODENAME="rabbit@rmq-4")
    stays(lambda: probes(agent) == (503, 200), 1)
    assert "rabbit" in agent.get("/readyz?verbose").text


def test_a_wrong_cookie_is_named_once_and_restarts_nobody(newest, sidecar, namespace):
    namespace.publish([newest])
    wrong = newest.dir / "wrong-cookie"
    wrong.write_text("WRONGWRONGWRONGWRONG")
    wrong.chmod(0o400)
    newest.own(wrong)
    agent = sidecar(newest, namespace, WARREN_COOKIE_FILE=wrong)
    wait_until(lambda: failing(agent, "/readyz?verbose", "cookie"), 3)
    stays(lambda: probes(agent) == (503, 200), 2)
    wait_until(lambda: [e for e in namespace.events() if e["reason"] == "ErlangCookieMismatch"], 5)
    assert agent.told_twice() == []
    assert "WRONGWRONG" not in agent.log + agent.get("/v1/status").text + agent.get("/metrics").text
    wrong.unlink()
    wrong.write_text(newest.cookie_file.read_text())
    wrong.chmod(0o400)
    newest.own(wrong)
    agent.signal(signal.SIGHUP)
    well(agent, 35)


def test_epmd_that_dies_under_a_running_broker_changes_nothing(broker, sidecar):
    agent = well(sidecar(broker))
    broker.kill_epmd()
    stays(lambda: probes(agent) == (200, 200), 2)


def test_without_epmd_the_agent_answers_from_the_first_moment(host, sidecar):
    agent = sidecar(host)
    assert probes(agent) == (503, 200)
    wait_until(lambda: "EPMD" in agent.get("/readyz?verbose").text or "epmd" in agent.get("/readyz?verbose").text, 3)


def test_long_names_and_a_distribution_over_ipv6(fresh, sidecar):
    node, = fresh(long_names=True, ipv6=True)
    node.start()
    agent = well(sidecar(node))
    assert agent.get("/v1/status").json["node"] == node.nodename
