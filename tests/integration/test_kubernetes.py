"""The agent against a real kube-apiserver: peers, permissions, tokens, outages and Events."""

import signal
import subprocess

import pytest

from lab import milliseconds_until, objects, stays, wait_until

NAMES = ["rabbit@rmq-0", "rabbit@rmq-1", "rabbit@rmq-2"]


class At:
    """A pod's place in the endpoints without a broker behind it."""

    def __init__(self, lab, index):
        self.name, self.address, self.address6 = f"rmq-{index}", lab.network.address(10 + index), lab.network.address6(10 + index)


@pytest.fixture
def three(lab, namespace):
    nodes = [At(lab, index) for index in range(3)]
    namespace.publish(nodes)
    return nodes


def knows(agent, names=NAMES, limit=5):
    wait_until(lambda: agent.peers() == names, limit, lambda: f"{names} in /v1/peers; it has {agent.get('/v1/peers')}\n{agent.log[-1500:]}")
    return agent


def test_slices_of_both_families_become_one_list(host, sidecar, namespace, three):
    agent = knows(sidecar(host, namespace, WARREN_NODE=NAMES[0]))
    answer = agent.get("/v1/peers").json
    first = answer["peers"][0]
    assert answer["service"] == "rmq" and answer["source"] and answer["observed_at"]
    assert first["pod"] == "rmq-0" and first["uid"] == namespace.pod("rmq-0")
    assert sorted(first["addresses"]) == sorted([three[0].address, three[0].address6])
    assert agent.status_of("/startupz") == 200


def test_a_change_is_seen_at_once(lab, host, sidecar, namespace, three):
    agent = knows(sidecar(host, namespace))
    namespace.publish([*three, At(lab, 4)], endpoints=False)
    assert milliseconds_until(lambda: agent.peers() == [*NAMES, "rabbit@rmq-4"], 3) < 500
    namespace.publish(three[:2], endpoints=False)
    assert milliseconds_until(lambda: agent.peers() == NAMES[:2], 3) < 500


def test_a_terminating_pod_stays_a_peer_and_is_marked(host, sidecar, namespace, three):
    agent = knows(sidecar(host, namespace))
    namespace.slice("rmq-v4", [namespace.endpoint(node.name, node.address, terminating=node is three[2], serving=node is not three[2])
                               for node in three])
    namespace.plane.delete(f"{namespace.slices}/rmq-v6")
    wait_until(lambda: [peer["terminating"] for peer in agent.get("/v1/peers").json["peers"]] == [False, False, True], 3)


def test_endpoints_in_several_slices_are_joined(host, sidecar, namespace, three):
    namespace.slice("rmq-v4", [namespace.endpoint(three[0].name, three[0].address)])
    namespace.slice("rmq-v4-more", [namespace.endpoint(node.name, node.address) for node in three[1:]])
    namespace.plane.delete(f"{namespace.slices}/rmq-v6")
    knows(sidecar(host, namespace))


def test_the_role_of_the_classic_plugin_is_enough(host, sidecar, namespace, three):
    namespace.allow(objects.CLASSIC)
    agent = knows(sidecar(host, namespace))
    namespace.publish(three[:2], slices=False)
    knows(agent, NAMES[:2], 15)


def test_the_peer_file_has_what_the_broker_understands(host, sidecar, namespace, three):
    agent = knows(sidecar(host, namespace, WARREN_NODE=NAMES[0]))
    wait_until(agent.peers_file.exists, 3)
    text = agent.peers_file.read_text()
    for name in NAMES:
        assert f" = {name}\n" in text
    namespace.publish(three[:2], endpoints=False)
    wait_until(lambda: "rmq-2" not in agent.peers_file.read_text(), 3)


def test_a_list_without_the_own_node_keeps_the_broker_waiting(host, sidecar, namespace, three):
    agent = knows(sidecar(host, namespace))
    wait_until(lambda: "K8S_ADDRESS_TYPE" in agent.get("/startupz").text, 3)
    assert agent.status_of("/startupz") == 503 and not agent.peers_file.exists()


def test_the_command_line_prints_the_peers(host, sidecar, namespace, three):
    agent = knows(sidecar(host, namespace))
    done = agent.run("peers")
    assert done.returncode == 0, done.stderr
    for name in NAMES:
        assert name in done.stdout


def test_without_permission_it_names_the_cure_once_and_goes_on_when_it_is_given(host, sidecar, namespace, three):
    namespace.allow([])
    agent = sidecar(host, namespace)
    wait_until(lambda: "403" in agent.log, 5, "403 in the log")
    assert agent.status_of("/agent/livez") == 200 and agent.status_of("/livez") == 200
    stays(lambda: agent.told_twice() == [], 3, "each message told once")
    assert "Role" in agent.log
    namespace.allow(objects.FULL)
    agent.signal(signal.SIGHUP)
    knows(agent, limit=40)


def test_a_bad_token_is_named_and_a_new_one_taken(host, sidecar, namespace, three):
    agent = sidecar(host, namespace, start=False)
    agent.give_account(token="no.such.token")
    agent.start()
    wait_until(lambda: "401" in agent.log, 5, "401 in the log")
    agent.give_account(token=namespace.token())
    knows(agent, limit=40)


def test_a_rotated_token_goes_unnoticed(host, sidecar, namespace, three):
    agent = knows(sidecar(host, namespace))
    before = agent.log.count("\n")
    agent.give_account(token=namespace.token())
    namespace.publish(three[:2], endpoints=False)
    knows(agent, NAMES[:2])
    assert agent.log.count("\n") - before <= 2, agent.log[-1500:]


def test_a_certificate_of_another_authority_is_refused(host, sidecar, namespace, three, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=another", "-keyout", tmp_path / "key", "-out", tmp_path / "ca"], check=True, capture_output=True)
    agent = sidecar(host, namespace, start=False)
    agent.give_account(ca=(tmp_path / "ca").read_text())
    agent.start()
    wait_until(lambda: "certificate" in agent.log, 5)
    stays(lambda: agent.peers() == [], 1)
    agent.give_account(ca=namespace.plane.ca)
    knows(agent, limit=100)  # files are read again each minute, and a refused server is tried again within 30 s


def test_the_api_server_goes_and_comes_back(newest, sidecar, namespace, three):
    agent = knows(sidecar(newest, namespace))
    wait_until(lambda: agent.status_of("/readyz") == 200, 5)
    namespace.plane.stop()
    try:
        stays(lambda: agent.peers() == NAMES and agent.status_of("/readyz") == 200 and agent.status_of("/livez") == 200, 4,
              "the last list and the broker's health are served on")
    finally:
        namespace.plane.start_again()
    namespace.publish(three[:2])
    knows(agent, NAMES[:2], 40)


def test_an_agent_that_starts_before_the_api_server_serves_from_the_first_moment(host, sidecar, namespace, three):
    agent = sidecar(host, namespace, start=False)
    namespace.plane.stop()
    try:
        agent.start()
        assert (agent.status_of("/readyz"), agent.status_of("/livez"), agent.status_of("/startupz")) == (503, 200, 503)
    finally:
        namespace.plane.start_again()
    knows(agent, limit=40)


def described(namespace, pod):
    """kubectl describe pod, as an administrator would read it."""
    plane = namespace.plane
    kubectl = plane.kube_programs / "kubectl"
    return subprocess.run([kubectl, "--kubeconfig", plane.dir / "kubeconfig", "-n", namespace.name, "describe", "pod", pod],
                          capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("rules", [objects.FULL, objects.CLASSIC], ids=["events.k8s.io", "core"])
def test_events_appear_in_kubectl_describe_pod(newest, sidecar, namespace, rules):
    namespace.allow(rules)
    namespace.publish([newest])
    agent = sidecar(newest, namespace)
    wait_until(lambda: agent.status_of("/readyz") == 200, 5)
    newest.raise_alarm("memory")
    wait_until(lambda: "AlarmRaised" in described(namespace, newest.name), 10, every=0.3)
    newest.clear_alarm("memory")
    wait_until(lambda: "AlarmCleared" in described(namespace, newest.name), 10, every=0.3)
    assert "memory" in described(namespace, newest.name)


def test_repeats_of_an_event_become_a_series(newest, sidecar, namespace):
    namespace.publish([newest])
    agent = sidecar(newest, namespace, repeats=["AlarmRaised: "])
    wait_until(lambda: agent.status_of("/livez") == 200 and agent.status_of("/readyz") == 200, 5)
    for _ in range(3):
        newest.raise_alarm("memory")
        wait_until(lambda: agent.status_of("/livez") == 503, 3)
        newest.clear_alarm("memory")
        wait_until(lambda: agent.status_of("/livez") == 200, 3)

    def raised():
        return [event for event in namespace.events() if event["reason"] == "AlarmRaised"]
    wait_until(lambda: any(event.get("series", {}).get("count", 0) >= 2 for event in raised()), 15, lambda: f"a series; {raised()}", every=0.2)
    assert len(raised()) == 1
