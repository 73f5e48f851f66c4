"""What must be true after every run, as the brokers themselves tell it."""

import re

from lab.messages import CLASSIC, QUORUM, missing


class Broken(AssertionError):
    """A promise that was not kept."""


def sights(nodes):
    return {node.name: node.sight() for node in nodes}


def is_one_cluster(seen, names):
    """True if every broker lists all of `names` and nobody else, sees all of them run, and has the same cluster id as the others."""
    return all(members == names == running for members, running, _ in seen.values()) and len({cluster_id for *_, cluster_id in seen.values()}) == 1 == len(ids(seen))


def ids(seen):
    """The ids of the clusters that brokers tell of: more than one is a split."""
    return {cluster_id for _, _, cluster_id in seen.values()} - {""}


def told(seen):
    return "; ".join(f"{name} lists {members}, runs {running}, id {cluster_id or 'none'}" for name, (members, running, cluster_id) in seen.items())


def confirmed_is_there(publisher, stateful_set, lost_disks):
    """Everything that was confirmed is still in its queue. The classic queue lives on one node, and dies with its disk."""
    home = next((node.name for node in stateful_set.nodes.values() if node.address == publisher.home), None)
    asked = next(iter(stateful_set.running.values())).node.address
    for queue in (QUORUM, CLASSIC):
        if queue not in publisher.declared or queue == CLASSIC and home in lost_disks:
            continue
        lost = missing(publisher, queue, asked)
        if lost:
            raise Broken(f"{len(lost)} of {len(publisher.confirmed[queue])} confirmed messages are missing in {queue}: {lost[:5]} ...")


def agents_are_well(stateful_set, disturbances):
    """Each told a thing once for each time that it happened, and none ended by itself or lost its worker."""
    for ordinal, agent in stateful_set.agents.items():
        told_too_often = agent.told_twice(times=1 + disturbances)
        if told_too_often:
            raise Broken(f"the agent of {agent.broker.name} told more than {1 + disturbances} times: {told_too_often}")
        pod = stateful_set.pods.get(ordinal)
        if pod and pod.agent and pod.agent_ends > pod.agent_kills:
            raise Broken(f"the agent of {agent.broker.name} ended {pod.agent_ends} times and was killed {pod.agent_kills} times")
        if pod and pod.agent and (lost := lost_workers(agent)):
            raise Broken(f"the guard of {agent.broker.name} has replaced its worker: {lost}")


def lost_workers(agent):
    lines = re.findall(r"^warren_worker_restarts_total.*", agent.get("/metrics").text, re.M)
    return [line for line in lines if float(line.rsplit(" ", 1)[1])]
