"""The calls of formation, by tests/support/broker_calls_main.cpp, against clusters of real brokers.

Three members with queues of each kind; the disk of one is lost, forgotten through another, and joins again by calls.
"""

import json
import pathlib
import shutil
import subprocess
import time

import pytest

from lab import wait_until

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "build/dev/tests/broker_calls"
READY = 3  # boot_state::ready

# Declares queues on the nodes that are to lead them; one eval, for each costs a second.
DECLARE = """[begin
  {_, new} = {Name, element(1, rpc:call(Node, rabbit_amqqueue, declare,
    [{resource, <<"/">>, queue, Name}, true, false, [{<<"x-queue-type">>, longstr, Type} | More], none, <<"test">>]))},
  ok end || {Node, Name, Type, More} <- [QUEUES]]."""
ONE_REPLICA = {"quorum": '[{<<"x-quorum-initial-group-size">>, long, 1}]', "stream": '[{<<"x-initial-cluster-size">>, long, 1}]'}
REPLICAS = """[begin #{nodes := N} = amqqueue:get_type_state(Q), {element(4, amqqueue:get_name(Q)),
  case N of _ when is_map(N) -> maps:keys(N); _ -> lists:sort(N) end} end
  || Q <- rabbit_amqqueue:list(), amqqueue:get_type(Q) =/= rabbit_classic_queue]."""


def call(broker, *words, seconds=60):
    done = subprocess.run([PROGRAM, broker.address, "4369", broker.nodename, broker.cookie_file, str(seconds), *words],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=seconds + 60)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def declare(broker, queues):
    words = ",".join(f"""{{'{leader.nodename}', <<"{name}">>, <<"{kind}">>, {ONE_REPLICA[kind] if single else "[]"}}}"""
                     for leader, name, kind, single in queues)
    assert "ok" in broker.eval(DECLARE.replace("QUEUES", words))


def door_to(broker):
    return f"cluster_formation.peer_discovery_backend = classic_config\ncluster_formation.classic_config.nodes.1 = {broker.nodename}\n"


def boot(*nodes):
    """Starts them side by side and waits until each may be stopped again: a moment later than it calls itself ready."""
    for node in nodes:
        node.start(wait=False)
    for node in nodes:
        node.wait_running()
        wait_until(lambda: call(node, "facts")["boot"] == READY, 10, f"end of the boot of {node.name}", every=0.1)


def cluster(fresh, version, count):
    """Members that came through the classic door, all clocks being equal."""
    first, *others = nodes = fresh(count, version=version)
    boot(first)
    for node in others:
        node.configure(door_to(first))
    boot(*others)
    names = sorted(node.nodename for node in nodes)
    for node in nodes:
        wait_until(lambda: node.members() == names, 60, lambda: f"one cluster; {node.name} lists {node.members()}", every=0.2)
    return nodes


def end(node):
    node.kill()
    wait_until(lambda: not node.processes("beam.smp"), 10, f"end of {node.name}")
    node.reap()


def lose_disk(node):
    end(node)
    shutil.rmtree(node.dir / "data/mnesia")


def refusal(broker, target):
    return call(broker, "join", target)["failed"]["text"]


def names(queues):
    return sorted(queue.split("'")[1] for queue in queues["names"])


def test_the_facts_of_a_broker_in_each_state(fresh, version):
    [node] = fresh(1, version=version)
    before = time.time()
    boot(node)
    facts = call(node, "facts")
    assert facts["version"].startswith(version + ".")
    assert facts["store"] == ("khepri" if version == "4.3" else "mnesia")
    assert facts["cluster_id"].startswith("rabbitmq-cluster-id-")
    assert facts["members"] == facts["running"] == [node.nodename]
    assert facts["data_folder"] == f"/var/lib/rabbitmq/mnesia/{node.nodename}"
    assert before - 1 < facts["began"] < time.time()
    assert call(node, "content") == {"first_boot_only": True, "found": ""}

    node.stop_app()
    stopped = call(node, "facts")
    assert stopped["boot"] == 0 and stopped["cluster_id"] == "" and stopped["began"] == facts["began"]
    # Mnesia's members are in a file, Khepri's are not known.
    assert stopped.get("members") == (None if version == "4.3" else [node.nodename])
    assert "failed" in call(node, "content")

    node.start_app()
    assert call(node, "facts")["cluster_id"] == facts["cluster_id"]
    declare(node, [(node, "q", "classic", False)])
    assert call(node, "content") == {"first_boot_only": False, "found": "1 queue"}


def test_whatever_a_node_holds_beyond_its_first_boot_is_found(broker):
    node = broker
    for made, undone, found in (
            (("add_vhost", "two"), ("delete_vhost", "two"), "the virtual host 'two'"),
            (("add_user", "eve", "secret-1"), ("delete_user", "eve"), "the user 'eve'"),
            (("set_policy", "p", "^a", '{"max-length": 1}'), ("clear_policy", "p"), "1 policy")):
        node.ctl(*made)
        assert call(node, "content")["found"] == found
        node.ctl(*undone)
    assert call(node, "content")["first_boot_only"]


def test_a_lost_member_is_forgotten_and_joins_again_by_calls(fresh, version):
    first, second, lost = nodes = cluster(fresh, version, 3)
    queues = []
    for index, node in enumerate(nodes):
        queues += [(node, f"cq{index}", "classic", False), (node, f"qq{index}", "quorum", False), (node, f"st{index}", "stream", False)]
    declare(first, [*queues, (lost, "qq-only", "quorum", True), (lost, "st-only", "stream", True)])

    # A member that runs is not forgotten.
    refused = call(first, "forget", lost.nodename)
    assert refused["problem"]["text"] == f"{lost.nodename}: A member that still runs cannot be forgotten." and refused["is_member"]

    lose_disk(lost)
    report = call(first, "forget", lost.nodename)
    assert report["complete"] and report["was_member"] and not report["is_member"], report
    assert names(report["lost"]) == ["cq2", "qq-only", "st-only"]
    assert names(report["shrunk"]) == ["qq0", "qq1", "qq2"]
    assert names(report["streams"]) == ["st0", "st1", "st2"]
    remaining = sorted([first.nodename, second.nodename])
    assert first.members() == second.members() == remaining
    replicas = first.eval(REPLICAS)
    assert replicas.count(first.nodename) == replicas.count(second.nodename) == 6, replicas

    # Again, through the other one: nothing is left to be done.
    again = call(second, "forget", lost.nodename)
    assert again["complete"] and not again["was_member"] and again["shrunk"]["count"] == 0

    # The node boots alone and is then made to join; as a member it has nothing more to do.
    lost.configure("")
    boot(lost)
    alone = call(lost, "facts")
    assert alone["members"] == [lost.nodename]
    assert call(lost, "join", first.nodename) == {}
    assert lost.members() == first.members() == sorted([*remaining, lost.nodename])
    assert call(lost, "facts")["cluster_id"] == call(first, "facts")["cluster_id"] != alone["cluster_id"]
    assert call(lost, "join", first.nodename) == {}


def test_an_ok_without_a_majority_is_not_believed(fresh, version):
    first, second, lost = cluster(fresh, version, 3)
    declare(first, [(first, "qq", "quorum", False)])
    second.stop_app()
    lose_disk(lost)
    report = call(first, "forget", lost.nodename)
    assert not report["complete"] and report["is_member"], report
    assert report["problem"]["text"].endswith("Too few members run to change who belongs to the cluster.")
    assert names(report["failed"]) == ["qq"]
    assert lost.nodename in first.members()
    second.start_app()
    wait_until(lambda: call(first, "forget", lost.nodename)["complete"], 60, "forgetting once the majority is back")
    assert first.eval(REPLICAS).count(second.nodename) == 1


def test_a_join_that_must_not_be_changes_nothing(fresh, version):
    founder, other = fresh(2, version=version)
    boot(founder, other)
    assert "nodedown" in refusal(other, "rabbit@rmq-7")
    founder.stop_app()
    assert "does not run" in refusal(other, founder.nodename)
    founder.start_app()
    declare(other, [(other, "mine", "classic", False)])
    assert "holds 1 queue" in refusal(other, founder.nodename)
    assert other.members() == [other.nodename] and founder.members() == [founder.nodename]
    assert call(other, "facts")["boot"] == READY


def test_a_join_goes_on_from_where_it_was_left(fresh, version):
    founder, node = fresh(2, version=version)
    boot(founder, node)
    both = sorted([founder.nodename, node.nodename])
    # Stopped, and not joined yet.
    node.stop_app()
    assert call(node, "join", founder.nodename) == {}
    assert founder.members() == node.members() == both
    # Joined, and not started yet.
    node.stop_app()
    assert call(node, "join", founder.nodename) == {}
    assert call(node, "facts")["members"] == both


def test_a_node_that_the_cluster_lists_though_it_runs_alone(fresh, version):
    first, second, node = cluster(fresh, version, 3)
    lose_disk(node)
    node.configure("")
    boot(node)
    answer = call(node, "join", first.nodename)
    if version != "4.3":
        # Mnesia refuses it, and forgets it only once its broker is stopped; Khepri takes it out and in again.
        assert "has changed nothing" in answer["failed"]["text"] and call(node, "facts")["boot"] == READY
        assert "cannot be forgotten" in call(first, "forget", node.nodename)["problem"]["text"]
        assert call(node, "stop") == {}
        assert call(second, "forget", node.nodename)["complete"]
        answer = call(node, "join", first.nodename)
    assert answer == {}
    assert first.members() == node.members() == sorted([first.nodename, second.nodename, node.nodename])
