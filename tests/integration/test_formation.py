"""Brokers that have nothing but the agents' peer files form one cluster."""

from lab import wait_until

OTHER_BACKEND = "cluster_formation.peer_discovery_backend = dns\ncluster_formation.dns.hostname = no.such.name\n"


def test_three_brokers_form_one_cluster_from_the_peer_files(fresh, sidecar, namespace, version):
    # The broker's own configuration asks for another backend, which the peer file in conf.d overrides.
    nodes = fresh(3, version=version, long_names=True, config=OTHER_BACKEND)
    namespace.publish(nodes)
    agents = [sidecar(node, namespace) for node in nodes]
    for agent in agents:
        wait_until(lambda: agent.status_of("/startupz") == 200, 10, "peer file")
    for node in nodes:
        node.start(wait=False)
    names = sorted(node.nodename for node in nodes)
    for node in nodes:
        wait_until(lambda: node.running_members() == names, 90, lambda: f"one cluster; {node.name} lists {node.running_members()}", every=0.2)
    for node in nodes:
        assert "classic_config" in node.call("application", "get_env", "[rabbit, cluster_formation]")
    for agent in agents:
        wait_until(lambda: agent.status_of("/readyz/running") == 200, 10)
        wait_until(lambda: sorted(agent.get("/v1/status").json["members"]["value"] or []) == names, 35, "all members in /v1/status")
    wait_until(lambda: {"PeersDiscovered", "ClusterFormed"} <= {event["reason"] for event in namespace.events()}, 15)
