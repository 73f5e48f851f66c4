"""The scenarios, each a function over a Run. At its end all pods of `run.set.size` must be one cluster with all confirmed messages.

Times, ordinals and variants that a scenario leaves open come from run.random, so that a seed names the whole run.
"""

import shutil
import time

from lab import objects
from lab.messages import QUORUM
from lab.pod import GRACE

ALL = {}
LEASE = 10  # seconds after which the lock of a silent holder is lost


def scenario(sizes=(2, 7), gate_only=False):
    """`sizes`: the least and the most nodes that it makes sense with; `gate_only`: it asks for agents."""
    def add(function):
        function.sizes, function.gate_only = sizes, gate_only
        ALL[function.__name__] = function
        return function
    return add


# ---- forming ----------------------------------------------------------------

@scenario()
def parallel_start(run):
    run.apply()
    run.publish_early()
    run.formed()


@scenario()
def ordered_start(run):
    """One after the other, each once the one before it is ready."""
    run.apply(policy="OrderedReady")
    run.publish_early()
    run.formed()


@scenario()
def one_late(run):
    """A pod that is made while the others form their cluster, or after."""
    late = run.random.randrange(run.size)
    run.apply(hold=[late])
    if run.random.random() < 0.5:
        run.moment()
    else:
        run.formed([ordinal for ordinal in range(run.size) if ordinal != late])
    run.set.release(late)


@scenario()
def killed_while_booting(run):
    """Agents, brokers, both, or whole pods are killed at random moments of the boot."""
    run.apply()
    for _ in range(run.random.randint(1, 4)):
        run.moment(5)
        kill(run, run.any(), run.random.choice(["agent", "broker", "both", "pod"]))
    if run.version != "4.3" and run.door == "gate":
        empty_where_asked(run)


def whole(run):
    return len(run.set.running) == run.set.size and all(pod.ready for pod in run.set.running.values())


def empty_where_asked(run):
    """Mnesia never boots again where it was killed while it made its tables. Does what the Event asks for, if one comes before the cluster does."""
    def asked():
        return [event["regarding"]["name"] for event in run.set.namespace.events() if "never boots again" in (event.get("note") or "")]
    run.wait(lambda: whole(run) or asked(), "a cluster, or an Event with the cure")
    for name in asked():
        node = next(node for node in run.nodes.values() if node.name == name)
        run.set.note(f"a person deletes the folder of {name}")
        run.log.add("folder_deleted", node)
        shutil.rmtree(node.dir / "data/mnesia" / node.nodename, ignore_errors=True)


def kill(run, ordinal, what):
    run.disturb()
    pod = run.set.running.get(ordinal)
    if what == "pod":
        run.set.delete(ordinal, grace=0)
    elif pod:
        if what != "broker":
            pod.kill_agent()
        if what != "agent":
            pod.kill_broker()


@scenario()
def founder_killed_between_gate_and_join(run):
    """The first that may start is killed at the moment at which a second one may."""
    run.apply()
    run.wait(lambda: len(run.opened()) >= 2, "two open gates", every=0.005)
    run.moment(run.random.choice([0, 1, 4]))
    kill(run, run.opened()[0], run.random.choice(["broker", "both", "pod"]))


@scenario()
def broker_restarted_in_the_same_pod(run):
    """Its conf.d stays as the gate left it; once while booting and once after."""
    run.apply()
    run.moment()
    kill(run, run.any(), "broker")
    run.formed()
    run.publish()
    ordinal = run.any()
    run.disturb()
    pod = run.set.pods[ordinal]
    starts = pod.broker_starts
    run.random.choice([pod.kill_broker, pod.stop_broker_container])()
    run.wait(lambda: pod.broker_starts > starts, "the broker starts again")


@scenario(gate_only=True)
def agent_paused_longer_than_a_lease(run):
    """An agent that sleeps while others go on must not act on what it believed before."""
    run.apply()
    run.moment(4)
    pod = run.set.running.get(run.any())
    run.disturb()
    if pod and pod.pause_agent():
        time.sleep(LEASE + 5)
        pod.resume_agent()


# ---- the API server ------------------------------------------------------------

@scenario(gate_only=True)
def api_down_before(run):
    """It is silent for every pod from the first moment on. Nobody founds a cluster that way."""
    run.apply(hold=range(run.size))
    for ordinal in range(run.size):
        run.set.cut_api(ordinal)
    run.set.release()
    run.moment()
    assert not run.opened(), "a gate opened while no agent could know who else there is"
    for ordinal in run.set.nodes:
        run.set.mend_api(ordinal)


@scenario(gate_only=True)
def api_down_during(run):
    run.apply()
    run.moment(4)
    run.disturb()
    run.set.note("the API server goes down")
    run.plane.stop()
    run.moment(12)
    if run.random.random() < 0.5:
        kill(run, run.any(), run.random.choice(["agent", "broker", "both"]))
    run.plane.start_again()


@scenario(gate_only=True)
def api_down_after(run):
    """Members with data come back without it, in the same pod."""
    run.apply()
    run.formed()
    run.publish()
    run.disturb()
    run.set.note("the API server goes down")
    run.plane.stop()
    for ordinal in run.random.sample(range(run.size), run.random.randint(1, run.size)):
        kill(run, ordinal, run.random.choice(["agent", "broker", "both"]))
    run.moment(4)
    run.formed()
    run.plane.start_again()


@scenario(gate_only=True)
def leases_deleted(run):
    """While the cluster forms and once more before a disk is lost."""
    run.apply()
    run.moment()
    run.disturb()
    run.set.note("the Leases are deleted")
    run.set.namespace.remove_leases()
    run.formed()
    run.publish()
    run.set.note("the Leases are deleted")
    run.set.namespace.remove_leases()
    if run.size > 2:
        lose_disk(run, run.any())


@scenario(gate_only=True)
def leases_forbidden(run):
    """The Role does not give them, or only lets them be read; then somebody mends it."""
    leases = next(rule for rule in objects.GATE if "leases" in rule["resources"])
    rest = objects.FULL + [rule for rule in objects.GATE if rule is not leases]
    run.apply(rules=rest + run.random.choice([[], [{**leases, "verbs": ["get"]}]]))
    run.formed()
    assert not run.set.namespace.all_leases()
    run.disturb()
    run.set.note("the Role is mended")
    run.set.namespace.allow(objects.FULL + objects.GATE)
    if run.size > 2 and run.random.random() < 0.5:
        lose_disk(run, run.any())
    run.wait(lambda: any("warren/record" in (lease["metadata"].get("annotations") or {}) for lease in run.set.namespace.all_leases()),
             "the record")


# ---- lost disks ----------------------------------------------------------------

def lose_disk(run, ordinal):
    run.lose_disk(ordinal)
    run.set.release(ordinal)


@scenario(sizes=(3, 7))
def disk_of_node_0_lost(run):
    run.apply()
    run.formed()
    run.publish()
    lose_disk(run, 0)


@scenario(sizes=(3, 7))
def disk_of_node_2_lost(run):
    run.apply()
    run.formed()
    run.publish()
    lose_disk(run, 2)


@scenario(sizes=(2, 2), gate_only=True)
def two_nodes_and_a_disk_lost(run):
    """A person must say what is to be given up: on Khepri the majority of the metadata, before that the quorum queue that has lost its own."""
    run.apply()
    run.formed()
    run.publish()
    lost = run.any()
    run.lose_disk(lost)
    run.set.release(lost)
    if run.version == "4.3":
        survivor = run.set.nodes[run.any(lost)]
        run.wait(lambda: any("force_standalone_khepri_boot" in text for text in run.event_texts()), "an Event with the cure")
        assert lost not in run.opened()
        run.set.note("a person runs rabbitmqctl force_standalone_khepri_boot")
        run.log.add("forced_standalone", survivor)
        survivor.ctl("force_standalone_khepri_boot")
        return
    # Of the queue's two replicas only its leader can take the other one off.
    run.wait(lambda: whole(run) or any("cannot be forgotten" in text and QUORUM in text for text in run.event_texts()),
             "a cluster, or an Event that names the queue")
    if whole(run):
        return
    assert lost not in run.opened()
    run.set.note("a person deletes the queue")
    run.publisher.stop()
    run.publisher.declared.pop(QUORUM)
    run.set.nodes[run.any(lost)].ctl("delete_queue", QUORUM)


@scenario(sizes=(3, 3), gate_only=True)
def lagging_replica(run):
    """A queue with a replica that lags, the disk of an up-to-date one lost and back, then the third node killed.

    Would the new, empty replica and the lagging one be a majority, they would go on without what only the third has.
    """
    run.apply()
    run.formed()
    run.publish()
    lagging, lost, third = run.random.sample(range(3), 3)
    stop_replica(run, lagging)
    run.publish(100)
    run.publisher.stop()
    run.lose_disk(lost)
    run.set.release(lost)
    run.moment(6)
    # Its replica must be taken out of the queue before it starts, which takes the lagging one.
    assert lost not in run.opened(), "the gate opened though the queue cannot have lost its replica yet"
    start_replica(run, lagging)
    run.wait(lambda: lost in run.opened(), "the gate opens")
    run.moment(run.random.choice([0, 4]))
    kill(run, third, run.random.choice(["broker", "pod"]))


def replica(run, ordinal):
    return f"[quorum_queues, {{'%2F_{QUORUM}', '{run.set.nodes[ordinal].nodename}'}}]"


def stop_replica(run, ordinal):
    run.set.note(f"the replica on {run.set.nodes[ordinal].name} is stopped")
    run.set.nodes[ordinal].must_call("ra", "stop_server", replica(run, ordinal))


def start_replica(run, ordinal):
    run.set.note(f"the replica on {run.set.nodes[ordinal].name} is started")
    run.set.nodes[ordinal].must_call("ra", "restart_server", replica(run, ordinal))


# ---- restarts --------------------------------------------------------------------

def stop_all(run):
    """In any order, cleanly or by a power cut, one after the other or all at once; returns the order."""
    order = run.random.sample(range(run.size), run.size)
    grace = run.random.choice([0, GRACE])
    run.disturb()
    if run.random.random() < 0.3:
        run.set.hold(*order)
        for ordinal in order:
            run.set.delete(ordinal, grace)
        run.wait(lambda: not run.set.pods, "end of all pods")
    else:
        run.set.take_down(*order, grace=grace)
    return order


@scenario()
def all_restarted(run):
    run.apply(policy=run.random.choice(["Parallel", "OrderedReady"]))
    run.formed()
    run.publish()
    stop_all(run)
    run.set.release()


@scenario(sizes=(3, 7), gate_only=True)
def all_restarted_and_a_disk_lost(run):
    """Where the one that lost its disk was the last to stop, brokers on Mnesia wait for it, and a person must say whose data counts."""
    run.apply()
    run.formed()
    run.publish()
    order = stop_all(run)
    lost = run.any()
    run.lose_disk(lost)
    run.set.release()
    if run.version != "4.3":
        force_boot_where_asked(run, [ordinal for ordinal in order if ordinal != lost][-1])


def force_boot_where_asked(run, survivor):
    """Does what the Event asks for, if one comes before the cluster does."""
    run.wait(lambda: whole(run) or any("force_boot" in text for text in run.event_texts()), "a cluster, or an Event with the cure")
    if whole(run):
        return
    node, pod = run.set.nodes[survivor], run.set.pods[survivor]
    run.set.note(f"a person runs rabbitmqctl force_boot on {node.name}")
    run.log.add("forced_boot", node)
    node.ctl("force_boot", check=False)
    pod.stop_broker_container()


@scenario(sizes=(3, 7))
def all_but_one_restarted(run):
    run.apply()
    run.formed()
    run.publish()
    run.disturb()
    stays = run.any()
    run.set.replace(*[ordinal for ordinal in range(run.size) if ordinal != stays], grace=run.random.choice([0, GRACE]))


# ---- scaling, and Warren where it was not before ---------------------------------

@scenario(sizes=(2, 5))
def scaled_out(run):
    run.apply(policy=run.random.choice(["Parallel", "OrderedReady"]))
    run.formed()
    run.publish()
    run.set.scale(run.size + 2)


@scenario(sizes=(2, 5))
def scaled_in_and_out_with_the_claims_kept(run):
    """Who left comes back with its data, as the member that it still is."""
    run.apply(size=run.size + 2)
    run.formed()
    run.publish()
    run.disturb()
    run.set.scale(run.size)
    run.wait(lambda: len(run.set.pods) == run.size, "end of the pods beyond")
    run.moment(4)
    run.set.scale(run.size + 2)


@scenario(sizes=(2, 5), gate_only=True)
def warren_added_pod_by_pod(run):
    """A cluster of RabbitMQ's own plugin gets Warren by a rolling update."""
    run.apply(door="stock")
    run.formed()
    run.publish()
    run.log.begin_again(run.nodes)
    run.set.door = "gate"
    for ordinal in reversed(range(run.size)):
        run.disturb()
        run.set.replace(ordinal)
        run.formed()
    if run.size > 2:
        lose_disk(run, run.any())


# ---- clocks ------------------------------------------------------------------------

@scenario()
def clocks_differ(run):
    """By ten minutes, in either direction, each with its agent's; a disk is lost later."""
    run.apply(clocks={ordinal: run.random.choice([-600, 0, 600]) for ordinal in range(run.size)})
    run.formed()
    run.publish()
    if run.size > 2:
        lose_disk(run, run.any())
