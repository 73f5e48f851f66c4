"""Every door that Warren writes for a broker, as real brokers take it; and what they keep of a data folder, as Warren judges it."""

import os
import shutil
import signal
import subprocess

import pytest

from lab import stays, wait_until
from lab.agent import ROOT

K8S = "rabbitmq_peer_discovery_k8s"
FOR_EVER = "2147483647"
JOINS = {"3.10": "classic", "4.0": "classic", "4.3": "seed"}
LIMIT = 120  # a broker boots in 1 to 5 s, on a busy machine in 30


def program(name, *arguments):
    return subprocess.run([ROOT / "build/dev/tests" / name, *arguments], check=True, capture_output=True, text=True).stdout


def door(broker, kind, target=None):
    """Writes 90-warren.conf; the broker reads it at its next start."""
    write_conf(broker, program("door_text", kind, broker.nodename, *([target.nodename] if target else [])))


def write_conf(broker, text, name="90-warren.conf"):
    path = broker.conf_dir / name
    path.write_text(text)
    broker.own(path)


def looked_at(broker):
    return program("data_look", broker.dir / "data/mnesia", broker.nodename).strip()


def asks(broker):
    """Whether the broker has taken itself for virgin: it is looking for a cluster, or was."""
    return "run peer discovery" in broker.log or "Peer nodes we can cluster with" in broker.log


def runs(broker):
    return broker.call("rabbit", "is_running", "[]") == "true"


def booting(broker):
    return broker.call("rabbit_boot_state", "get", "[]") == "booting"


def ended(broker):
    return not broker.processes("beam.smp")


def kill(broker):
    broker.kill()
    wait_until(lambda: ended(broker), 10)
    broker.reap()


def restart(broker):
    (broker.dir / "log/broker.out").unlink()
    broker.start(limit=LIMIT)


def start_and_ask(broker):
    """Starts a broker of which nobody expects that it runs, and returns once it looks for a cluster."""
    (broker.dir / "log/broker.out").unlink(missing_ok=True)
    broker.start(wait=False)
    wait_until(lambda: asks(broker) and booting(broker), LIMIT, f"{broker.name} looks for a cluster", every=0.2)


def are_one_cluster(nodes):
    names = sorted(node.nodename for node in nodes)
    wait_until(lambda: all(runs(node) and node.running_members() == names for node in nodes), LIMIT,
               lambda: f"one cluster; they list {[node.members() for node in nodes]}", every=0.3)


def cluster_id(broker):
    return broker.eval("rabbit_nodes:persistent_cluster_id().")


def stop_and_lose_data(broker):
    if not ended(broker):
        kill(broker)
    shutil.rmtree(broker.dir / "data/mnesia")


def test_a_closed_door_lets_a_broker_with_data_boot_and_one_without_wait_for_ever(fresh, version):
    broker, = fresh(1, version=version)
    door(broker, "closed")
    start_and_ask(broker)
    # 3.10 boots alone after 5 s of trying, 4.x after 30 tries, if it is not told otherwise.
    assert FOR_EVER in broker.call("application", "get_env", "[rabbit, cluster_formation]")
    stays(lambda: booting(broker), 12, "a virgin broker with a closed door waits", every=0.5)
    os.kill(broker.pid, signal.SIGTERM)
    wait_until(lambda: ended(broker), 20, "end of a broker that waits", every=0.1)
    broker.reap()
    start_and_ask(broker)
    kill(broker)

    door(broker, "found")
    restart(broker)
    assert broker.members() == [broker.nodename]
    founded = cluster_id(broker)
    broker.stop()
    door(broker, "closed")
    restart(broker)
    assert not asks(broker) and cluster_id(broker) == founded
    kill(broker)
    restart(broker)
    assert not asks(broker) and cluster_id(broker) == founded


def test_a_joiner_joins_and_stays_a_member_with_the_same_door(fresh, version):
    founder, joiner = fresh(2, version=version, plugins=[K8S])
    door(founder, "found")
    founder.start(limit=LIMIT)
    door(joiner, JOINS[version], founder)
    joiner.start(limit=LIMIT)
    are_one_cluster([founder, joiner])
    kill(joiner)
    restart(joiner)
    are_one_cluster([founder, joiner])
    joiner.stop()
    restart(joiner)
    are_one_cluster([founder, joiner])
    # The founder's door names itself alone: with data it does not look at it.
    kill(founder)
    restart(founder)
    are_one_cluster([founder, joiner])


# classic_config from 3.13 on compares start times: there a joiner must not be older than its target.
@pytest.mark.parametrize("version", ["3.10", "4.3"], indirect=True)
def test_a_joiner_waits_for_a_target_that_boots_later(fresh, version):
    founder, joiner = fresh(2, version=version)
    door(joiner, JOINS[version], founder)
    start_and_ask(joiner)
    stays(lambda: booting(joiner), 7, "the joiner waits", every=0.5)
    door(founder, "found")
    founder.start(limit=LIMIT)
    are_one_cluster([founder, joiner])


def test_a_node_that_is_made_to_join_by_calls_stays_a_member_with_the_same_door(fresh, version):
    founder, joiner = fresh(2, version=version)
    door(founder, "found")
    door(joiner, "join-by-calls", founder)
    founder.start(wait=False)
    joiner.start(limit=LIMIT)
    founder.wait_running(LIMIT)
    assert joiner.members() == [joiner.nodename]
    for command in (["stop_app"], ["join_cluster", founder.nodename], ["start_app"]):
        joiner.ctl(*command, limit=LIMIT)
    are_one_cluster([founder, joiner])
    kill(joiner)
    restart(joiner)
    are_one_cluster([founder, joiner])


def test_a_door_overrules_what_was_there_before(fresh, version):
    broker, = fresh(1, version=version)
    broker.configure("cluster_formation.peer_discovery_backend = dns\ncluster_formation.dns.hostname = no.such.name\n"
                     "cluster_formation.classic_config.nodes.1 = rabbit@rmq-7\ncluster_formation.discovery_retry_limit = 1\n"
                     "cluster_formation.target_cluster_size_hint = 3\n")
    write_conf(broker, "cluster_formation.node_type = ram\n" if version != "4.3" else "cluster_formation.node_type = disk\n", "10-mine.conf")
    door(broker, "found")
    broker.start(limit=LIMIT)
    assert broker.members() == [broker.nodename]
    broker.stop()
    stop_and_lose_data(broker)
    door(broker, "closed")
    start_and_ask(broker)
    stays(lambda: booting(broker), 3, "a closed door holds", every=0.5)


def test_a_door_does_not_overrule_another_node_nor_a_later_file(fresh, version):
    broker, = fresh(1, version=version)
    door(broker, "found")
    broker.configure("cluster_formation.classic_config.nodes.7 = rabbit@rmq-7\n")
    start_and_ask(broker)
    stays(lambda: booting(broker), 5, "it looks for the other node too", every=0.5)
    stop_and_lose_data(broker)
    broker.configure("")
    write_conf(broker, "cluster_formation.classic_config.nodes.1 = rabbit@rmq-7\n", "99-mine.conf")
    start_and_ask(broker)
    stays(lambda: booting(broker), 5, "it looks for the later file's node", every=0.5)


def test_a_seed_door_needs_4_1_but_not_that_the_plugin_is_enabled(fresh, version):
    broker, = fresh(1, version=version)
    door(broker, "seed", broker)
    if version == "4.3":
        broker.start(limit=LIMIT)
        assert broker.members() == [broker.nodename]
    else:
        with pytest.raises(RuntimeError, match="failed_to_prepare_configuration"):
            broker.start(limit=LIMIT)


def test_warren_calls_a_data_folder_virgin_only_where_the_broker_does(fresh, version):
    broker, = fresh(1, version=version)
    first_boot = "no" if version == "3.10" else "yes, unfinished"
    assert looked_at(broker) == "no"
    door(broker, "closed")
    start_and_ask(broker)
    assert looked_at(broker) == first_boot
    kill(broker)
    assert looked_at(broker) == first_boot

    stop_and_lose_data(broker)
    assert looked_at(broker) == "no"
    door(broker, "found")
    restart(broker)
    assert looked_at(broker) == "yes"
    broker.stop()
    assert looked_at(broker) == "yes"

    restart(broker)
    for kind in ("classic", "quorum", "stream"):
        broker.eval(f'{{new, _}} = rabbit_amqqueue:declare({{resource, <<"/">>, queue, <<"{kind}">>}}, true, false, '
                    f'[{{<<"x-queue-type">>, longstr, <<"{kind}">>}}], none, <<"test">>).')
    broker.ctl("stop_app", limit=LIMIT)
    broker.ctl("reset", limit=LIMIT)
    assert looked_at(broker) == "no"
    kill(broker)
    assert looked_at(broker) == "no"
    door(broker, "closed")
    start_and_ask(broker)


@pytest.mark.parametrize("version", ["4.0"], indirect=True)
def test_a_node_that_was_moved_to_khepri_while_it_ran_has_data(fresh, version):
    broker, = fresh(1, version=version)
    door(broker, "found")
    broker.start(limit=LIMIT)
    broker.ctl("enable_feature_flag", "--experimental", "khepri_db", limit=LIMIT)
    assert looked_at(broker) == "yes"
    kill(broker)
    # Nothing is left but names that Mnesia's test for a virgin node passes over.
    assert not list((broker.dir / "data/mnesia" / broker.nodename).glob("*.D??"))
    assert looked_at(broker) == "yes"
    restart(broker)
    broker.ctl("stop_app", limit=LIMIT)
    broker.ctl("reset", limit=LIMIT)
    kill(broker)
    assert looked_at(broker) == "no"
    door(broker, "closed")
    start_and_ask(broker)
