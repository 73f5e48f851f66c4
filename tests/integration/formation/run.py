"""One run: a StatefulSet in a namespace of its own, what a scenario does to it, and the checks at the end."""

import random
import time
import warnings

from lab import NotInTime, StatefulSet, wait_until
from lab.agent import ROOT
from lab.messages import Publisher

from . import checks
from .checks import Broken
from .event_log import EventLog, replay
from .story import tell

LIMIT = 150  # seconds for whatever is waited for, on a busy machine
STAYS_APART = 20  # seconds after which two clusters of ready brokers are not taken for a passing state


class Run:
    """`random` draws everything that a scenario leaves open. `door` is "gate" for Warren, or "stock" to see what RabbitMQ does by itself.
    Unless `strict`, a log that the model of a broker cannot follow is a warning: it says something of the model, not of Warren.
    """

    def __init__(self, plane, version, scenario, seed, size, door="gate", strict=True):
        self.plane, self.version, self.scenario, self.seed, self.size, self.door = plane, version, scenario, seed, size, door
        self.random = random.Random(f"{seed} {scenario.__name__}")
        self.set = self.publisher = self.formed_in = self.cluster_id = None
        self.disturbances = 0  # how often anything was broken: as often a warning may come again
        self.lost_disks = set()
        self.strict = strict
        self.version_is_known = True
        self.log = EventLog(version, scenario.__name__, size, seed)

    # ---- what scenarios are written with ----------------------------------

    def apply(self, size=None, policy="Parallel", hold=(), clocks=None, door=None, rules=None):
        """Makes the StatefulSet and its pods, but for those in `hold`."""
        namespace = self.plane.namespace(f"f{self.seed}-{time.monotonic_ns() % 10**9}")
        # Sometimes the agents are not told the broker's version: then every joiner waits until the founder runs.
        self.version_is_known = self.random.random() < 0.8 or self.door != "gate"
        settings = {} if self.version_is_known else {"WARREN_BROKER_VERSION": None}
        self.set = StatefulSet(self.plane.lab, namespace, self.version, size or self.size, policy, door or self.door,
                               settings=settings, clocks=clocks, rules=rules, events=self.log.add)
        self.set.hold(*hold)
        self.set.start()
        self.log.watch(self.set)
        return self.set

    @property
    def name(self):
        return f"{self.version}-{self.scenario.__name__}-{self.size}-{self.seed}"

    @property
    def nodes(self):
        return self.set.nodes

    def any(self, *but):
        """One of the ordinals."""
        return self.random.choice([ordinal for ordinal in range(self.set.size) if ordinal not in but])

    def moment(self, longest=8.0):
        """Waits for a random time; a boot takes 3 to 8 s on two cores."""
        time.sleep(self.random.uniform(0, longest))

    def formed(self, ordinals=None, limit=LIMIT):
        """Until all pods are ready and their brokers one cluster of all, the same as before."""
        began, names = time.monotonic(), self.set.names(ordinals)
        nodes = [self.nodes[ordinal] for ordinal in (range(self.set.size) if ordinals is None else ordinals)]
        seen, apart = {}, []

        def one():
            if any(pod.failure for pod in self.set.pods.values()):
                raise RuntimeError("the lab failed")
            if not all((pod := self.set.pods.get(int(node.name.rsplit("-", 1)[1]))) and pod.ready for node in nodes):
                return False
            seen.update(checks.sights(nodes))
            apart.append(time.monotonic()) if len(checks.ids(seen)) > 1 else apart.clear()
            if apart and apart[-1] - apart[0] > STAYS_APART:
                raise Broken(f"SPLIT: {checks.told(seen)}")
            return checks.is_one_cluster(seen, names)
        try:
            wait_until(one, limit, every=0.1)
        except NotInTime:
            raise Broken(f"no cluster of all after {limit} s: {checks.told(checks.sights(nodes))}") from None
        cluster_id = next(iter(seen.values()))[2]
        if self.cluster_id not in (None, cluster_id):
            raise Broken(f"ANOTHER CLUSTER: {cluster_id} was founded where there was {self.cluster_id}")
        self.cluster_id = cluster_id
        self.formed_in = self.formed_in or time.monotonic() - self.set.began
        self.set.note(f"one cluster of {len(names)} after {time.monotonic() - began:.1f} s, id {cluster_id}")

    def publish(self, messages=30):
        """Begins to publish, and waits until so many messages are confirmed."""
        self.publisher = self.publisher or Publisher(self.set)
        self.publisher.wait_for(messages, LIMIT)

    def publish_early(self):
        """Publishes to whatever is ready, from the first moment on."""
        self.publisher = Publisher(self.set)

    def lose_disk(self, ordinal, grace=0):
        self.disturb()
        self.lost_disks.add(self.nodes[ordinal].name)
        self.set.lose_disk(ordinal, grace)

    def disturb(self, times=1):
        self.disturbances += times

    def opened(self):
        """Ordinals of the pods whose gate is open, the first that opened first."""
        return [ordinal for _, ordinal in sorted((pod.opened, ordinal) for ordinal, pod in self.set.running.items() if pod.opened)]

    def wait(self, condition, what, limit=LIMIT, every=0.02):
        wait_until(condition, limit, what, every)

    def event_texts(self):
        return [event.get("note") or "" for event in self.set.namespace.events()]

    # ---- from begin to end -------------------------------------------------

    def go(self):
        """Raises Broken, or any other exception when the lab or the machine failed; `close` in any case."""
        try:
            self.play()
        except Exception as error:
            try:
                self.replay(formed=False)
            except Exception as contradiction:  # which must not take the place of what went wrong first
                error.add_note(str(contradiction))
            raise
        self.replay(formed=True)

    def play(self):
        self.scenario(self)
        if self.publisher:
            self.publisher.stop()
        self.formed()
        if self.publisher:
            checks.confirmed_is_there(self.publisher, self.set, self.lost_disks)
        checks.agents_are_well(self.set, self.disturbances)

    def replay(self, formed):
        """Writes the log, before `close` takes those of the brokers away. With Warren the model must be able to follow it."""
        self.log.close()
        nodes, agents = (self.set.nodes, self.set.agents) if self.set else ({}, {})
        file = self.log.write(ROOT / "build/formation/logs" / f"{self.name}.jsonl", nodes, agents, formed)
        if self.door != "gate":
            return
        try:
            replay(file)
        except Broken as contradiction:
            if self.strict:
                raise
            warnings.warn(str(contradiction), stacklevel=2)

    def close(self):
        if self.publisher:
            self.publisher.stop()
        self.log.close()
        if self.set:
            self.set.close()

    def failed(self, error):
        """Writes the story of a run that failed; returns the folder."""
        folder = ROOT / "build/formation" / self.name
        tell(self, error, folder)
        return folder
