"""Peers from a list and from DNS, without an API server to be asked: real brokers, and real CoreDNS in front of a real kube-apiserver."""

import pytest

from lab import wait_until
from lab.name_server import NameServer

VERSION = "4.3"


@pytest.fixture(scope="module")
def name_server(plane):
    server = NameServer(plane)
    yield server
    plane.lab.closers.remove(server.close)
    server.close()


@pytest.fixture
def service(namespace):
    """The headless Service of a namespace, without which CoreDNS gives no records."""
    spec = {"clusterIP": "None", "publishNotReadyAddresses": True, "ports": [{"name": "amqp", "port": 5672}]}
    namespace.plane.put(f"{namespace.core}/services", namespace.service, {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": namespace.service, "namespace": namespace.name}, "spec": spec})
    return namespace


def lists(agent, names, limit=15):
    wait_until(lambda: agent.peers() == names, limit, lambda: f"{names} in /v1/peers; it has {agent.get('/v1/peers')}\n{agent.log[-1500:]}")


def form_one_cluster(nodes, agents):
    for agent in agents:
        wait_until(lambda: agent.status_of("/startupz") == 200, 10, lambda: f"peer file\n{agent.log[-1500:]}")
    for node in nodes:
        node.start(wait=False)
    names = sorted(node.nodename for node in nodes)
    for node in nodes:
        wait_until(lambda: node.running_members() == names, 90, lambda: f"one cluster; {node.name} lists {node.running_members()}", every=0.2)
    for agent in agents:
        wait_until(lambda: agent.status_of("/readyz/running") == 200, 10)


def is_quiet_about_kubernetes(agent):
    """It says once that Events go to the log alone, and does not ask an API server."""
    assert agent.log.count("Events go to this log alone") == 1, agent.log
    assert not [line for line in agent.log.splitlines() if "Kubernetes" in line or "127.0.0.1:9" in line], agent.log
    with pytest.raises(LookupError):
        agent.metric("warren_kubernetes_requests_total")


def test_three_brokers_of_a_list_form_one_cluster(fresh, sidecar):
    nodes = fresh(3, version=VERSION)
    given = ",".join(node.name for node in reversed(nodes))
    agents = [sidecar(node, WARREN_PEERS_FROM="static", WARREN_STATIC_PEERS=given) for node in nodes]
    names = sorted(node.nodename for node in nodes)
    form_one_cluster(nodes, agents)
    for node, agent in zip(nodes, agents):
        lists(agent, names)
        answer = agent.get("/v1/peers").json
        assert answer["source"] == "static"
        addresses = {peer["node"]: peer["addresses"] for peer in answer["peers"]}
        assert addresses[node.nodename] == [node.address, node.address6]
        assert agent.metric("warren_cluster_members", state="expected") == 3
        wait_until(lambda: "ClusterJoined: " in agent.log, 15)
        is_quiet_about_kubernetes(agent)
    done = agents[0].run("peers")
    assert done.returncode == 0 and all(name in done.stdout for name in names), done


def test_the_list_of_rabbitmq_conf_is_taken(host, sidecar, tmp_path):
    conf = host.dir / "classic.conf"
    conf.write_text("".join(f"cluster_formation.classic_config.nodes.{n} = rabbit@rmq-{n}\n" for n in (1, 2, 3)))
    agent = sidecar(host, WARREN_PEERS_FROM="static", WARREN_RABBITMQ_CONF=conf)
    lists(agent, ["rabbit@rmq-1", "rabbit@rmq-2", "rabbit@rmq-3"])


def test_three_brokers_in_dns_form_one_cluster(fresh, sidecar, service, name_server):
    nodes = fresh(3, version=VERSION)
    for node in nodes:
        name_server.serve(node, service)
    service.publish(nodes)
    agents = [sidecar(node, WARREN_PEERS_FROM="dns", POD_NAMESPACE=service.name) for node in nodes]
    names = sorted(node.nodename for node in nodes)
    for agent in agents:
        lists(agent, names)
    first = agents[0].get("/v1/peers").json
    assert first["source"] == "dns" and first["service"] == "rmq"
    assert [peer["pod"] for peer in first["peers"]] == [node.name for node in nodes]
    assert [peer["addresses"] for peer in first["peers"]] == [[node.address, node.address6] for node in nodes]
    form_one_cluster(nodes, agents)
    for agent in agents:
        is_quiet_about_kubernetes(agent)


def test_a_change_in_dns_is_seen_and_a_silent_server_is_not_taken_for_no_peers(host, fresh, sidecar, service, name_server):
    others = fresh(2, version=VERSION)
    name_server.serve(host, service)
    service.publish([host, *others])
    agent = sidecar(host, WARREN_PEERS_FROM="dns", WARREN_PEERS_INTERVAL="1s", POD_NAMESPACE=service.name)
    names = [node.nodename for node in (host, *others)]
    lists(agent, names)
    service.publish([host, others[0]])
    lists(agent, names[:2])
    name_server.freeze()
    try:
        wait_until(lambda: "did not answer" in agent.get("/v1/peers").json.get("error", ""), 15, "the failed look")
        assert agent.peers() == names[:2]
        assert agent.status_of("/agent/livez") == 200
    finally:
        name_server.thaw()
    wait_until(lambda: "error" not in agent.get("/v1/peers").json, 15, "a look that gives the peers again")
    service.publish([])
    lists(agent, [])
    assert "error" not in agent.get("/v1/peers").json


def test_a_service_without_host_names_in_dns_is_told_with_its_cure(host, sidecar, service, name_server):
    name_server.serve(host, service)
    nameless = service.endpoint(host.name, host.address)
    del nameless["hostname"]
    service.slice("rmq-v4", [nameless])
    agent = sidecar(host, WARREN_PEERS_FROM="dns", POD_NAMESPACE=service.name)
    wait_until(lambda: "has no host name in DNS" in " ".join(agent.get("/v1/peers").json.get("problems", [])), 15)
    assert agent.peers() == []


def test_peers_by_address_need_no_host_names(host, sidecar, service, name_server):
    name_server.serve(host, service)
    service.publish([host])
    agent = sidecar(host, WARREN_PEERS_FROM="dns", POD_NAMESPACE=service.name, K8S_ADDRESS_TYPE="ip")
    lists(agent, [f"rabbit@{host.address}"])
