"""What the controllers of Kubernetes do for a StatefulSet, in small, against a real kube-apiserver that has no controllers:
they make and delete pods and claims and keep the endpoints; lab/pod.py runs the pods.

    with StatefulSet(lab, namespace, version="4.3", size=3) as brokers:
        brokers.start()
        brokers.wait_ready(60)
"""

import signal
import threading
import time

from . import objects
from .agent import Agent
from .pod import GRACE, Pod
from .rootfs import broker_version
from .waiting import wait_until

TICK = 0.05


class StatefulSet:
    """`door`: "gate" (Warren decides), "stock" (RabbitMQ's own Kubernetes plugin) or "alone" (no clustering at all); the last two have
    no agent. It counts for pods made from then on, as a changed template does. `clocks`: by ordinal, how wrong the pod's clock is.
    `settings`: variables of the agents; None takes one away that would be set. `rules`: of their Role, if not all that they can use.
    `events` is called with each thing that is done to a pod, its disk or its broker: what, the node, and more by name.
    """

    def __init__(self, lab, namespace, version, size=3, policy="Parallel", door="gate", config="", settings=None, clocks=None, rules=None,
                 events=lambda what, node, **more: None):
        self.lab, self.namespace, self.plane = lab, namespace, namespace.plane
        self.version, self.size, self.policy, self.door = version, size, policy, door
        self.config, self.settings, self.clocks = config, settings or {}, clocks or {}
        self.events = events
        self.name = namespace.service
        self.nodes, self.agents, self.pods = {}, {}, {}  # by ordinal; pods: those that are there
        self.held = set()  # ordinals of which no pod is made for now
        self.published = None
        self.began, self.told = time.monotonic(), []
        self.lock = threading.RLock()  # held while pods are made and taken away
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.control, daemon=True, name="controllers")
        namespace.allow(rules or objects.FULL + objects.GATE)
        self.token = namespace.token()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- for people ------------------------------------------------------

    def note(self, text):
        self.told.append((time.monotonic() - self.began, text))

    @property
    def story(self):
        return "".join(f"{when:8.2f} {text}\n" for when, text in sorted(self.told))

    # ---- the controllers -------------------------------------------------

    def start(self):
        """Applies the StatefulSet: from now on its pods are made."""
        self.apply()
        self.began, self.told = time.monotonic(), []
        self.thread.start()
        return self

    def apply(self):
        for ordinal in range(self.size):
            if ordinal not in self.nodes:
                self.nodes[ordinal] = self.make_node(ordinal)
        body = objects.stateful_set(self.name, self.namespace.name, self.size, self.policy, self.namespace.service)
        self.plane.put(self.namespace.stateful_sets, self.name, body)

    def control(self):
        trouble = None
        while not self.stopping.wait(TICK):
            try:
                with self.lock:
                    self.take_away()
                    self.make()
                    self.publish()
                trouble = None
            except (OSError, RuntimeError) as error:  # the API server is away: nothing changes until it is back
                if repr(error)[:60] != trouble:
                    trouble = repr(error)[:60]
                    self.note(f"controllers: {trouble}")

    def take_away(self):
        for ordinal, pod in list(self.pods.items()):
            if pod.gone.is_set():
                self.events("pod_gone", pod.node)
                self.namespace.remove_pod(pod.node.name)
                del self.pods[ordinal]
        if self.policy == "Parallel":
            leaving = [ordinal for ordinal in self.pods if ordinal >= self.size]
        else:
            leaving = [max(self.pods)] if self.pods and max(self.pods) >= self.size else []
        for ordinal in leaving:
            if self.pods[ordinal].ending is None:
                self.delete(ordinal)

    def make(self):
        for ordinal in range(self.size):
            pod = self.pods.get(ordinal)
            if not pod and ordinal not in self.held:
                self.make_pod(ordinal)
            if self.policy == "OrderedReady" and not (ordinal in self.pods and self.pods[ordinal].ready):
                return

    def make_pod(self, ordinal):
        node = self.nodes[ordinal]
        self.namespace.claim(self.claim_of(ordinal))
        uid = self.namespace.pod(node.name)
        node.lose_conf()
        self.configure(node)
        agent = self.agent(node, ordinal, uid) if self.door == "gate" else None
        self.note(f"{node.name}: pod {uid[:8]} is made")
        self.events("pod_made", node)
        self.pods[ordinal] = Pod(node, uid, agent, self.readiness, self.note, self.events)

    def publish(self):
        """Endpoints and slices, if they are others than before. publishNotReadyAddresses makes all of them ready."""
        seen = tuple((pod.node.name, pod.uid, pod.node.address, pod.ready and pod.ending is None, pod.ending is not None)
                     for _, pod in sorted(self.pods.items()))
        if seen == self.published:
            return
        place = self.namespace
        place.slice(f"{place.service}-v4", [objects.endpoint(name, place.name, uid, address, True, serving, terminating)
                                            for name, uid, address, serving, terminating in seen])
        staying = [(name, uid, address) for name, uid, address, _, terminating in seen if not terminating]
        self.plane.put(f"{place.core}/endpoints", place.service, objects.endpoints_object(place.service, place.name, staying))
        self.published = seen

    # ---- nodes, their brokers and agents ----------------------------------

    def claim_of(self, ordinal):
        return f"data-{self.name}-{ordinal}"

    # Not in the controllers' thread: a node ends with the thread that made it.
    def make_node(self, ordinal):
        plugins = ["rabbitmq_peer_discovery_k8s"]
        return self.lab.broker(ordinal, version=self.version, long_names=True, plugins=plugins, clock=self.clocks.get(ordinal, 0))

    def configure(self, node):
        node.configure(self.config + (self.plugin_config(node) if self.door == "stock" else ""))

    def plugin_config(self, node):
        """What users of RabbitMQ's Kubernetes plugin write, the operator's users too."""
        lines = {"peer_discovery_backend": "k8s", "target_cluster_size_hint": self.size}
        if self.version in ("3.10", "4.0"):  # later ones do not ask the API
            account = node.dir / "etc/account"
            account.mkdir(exist_ok=True)
            for name, value in (("token", self.token), ("ca.crt", self.plane.ca), ("namespace", self.namespace.name)):
                (account / name).write_text(value)
                node.own(account / name)
                lines[f"k8s.{ {'token': 'token', 'ca.crt': 'cert', 'namespace': 'namespace'}[name] }_path"] = f"/etc/rabbitmq/account/{name}"
            suffix = node.host_part().removeprefix(node.name)
            lines |= {"k8s.host": self.plane.host, "k8s.port": self.plane.port, "k8s.scheme": "https", "k8s.service_name": self.namespace.service,
                      "k8s.address_type": "hostname", "k8s.hostname_suffix": suffix}
        return "".join(f"cluster_formation.{key} = {value}\n" for key, value in lines.items())

    def agent(self, node, ordinal, uid):
        agent = self.agents.get(ordinal)
        if not agent:
            settings = {"WARREN_FORMATION": "gate", "WARREN_CONF_DIR": node.conf_dir, "WARREN_DATA_DIR": "/var/lib/rabbitmq/mnesia",
                        "WARREN_RABBITMQ_CONF": node.dir / "etc/rabbitmq.conf", "WARREN_ENABLED_PLUGINS": node.dir / "etc/enabled_plugins",
                        "WARREN_BROKER_VERSION": broker_version(node.base), "WARREN_READINESS_LEVEL": self.readiness}
            agent = self.agents[ordinal] = Agent(node, self.plane, self.namespace.name, self.namespace.service, uid, self.token)
            del agent.environment["WARREN_PEERS_FILE"], agent.environment["WARREN_PEERS_FORMAT"]
            settings |= {"WARREN_ADMIN_SOCKET": agent.run_dir / "admin.sock"} | self.settings
            agent.environment |= {name: value for name, value in settings.items() if value is not None}
        agent.environment["POD_UID"] = uid
        return agent

    @property
    def readiness(self):
        """As the chart sets it: with Parallel a restart of one after the other waits until each has rejoined."""
        return "running" if self.policy == "Parallel" else "ping"

    # ---- what tests do with it --------------------------------------------

    @property
    def running(self):
        """The pods that are there and not ending, by ordinal."""
        return {ordinal: pod for ordinal, pod in sorted(self.pods.items()) if pod.ending is None}

    def names(self, ordinals=None):
        return sorted(self.nodes[ordinal].nodename for ordinal in (range(self.size) if ordinals is None else ordinals))

    def wait_ready(self, limit):
        """Until every pod that should be there is ready."""
        def waiting():
            return [f"{self.name}-{ordinal}" for ordinal in range(self.size) if not ((pod := self.pods.get(ordinal)) and pod.ready and pod.ending is None)]
        wait_until(lambda: not waiting(), limit, lambda: f"not ready: {waiting()}", every=0.05)

    def hold(self, *ordinals):
        """Makes no pod of these for now."""
        with self.lock:
            self.held |= set(ordinals)

    def release(self, *ordinals):
        with self.lock:
            self.held -= set(ordinals or range(self.size))

    def delete(self, ordinal, grace=GRACE):
        """Begins the end of a pod; a grace of 0 is the power cut. Another one is made in its place unless it is held."""
        with self.lock:
            pod = self.pods.get(ordinal)
            if pod and pod.ending is None:
                self.note(f"{pod.node.name}: pod is deleted" + ("" if grace else " at once"))
                self.namespace.terminate_pod(pod.node.name)
                pod.end(grace)
        return pod

    def replace(self, *ordinals, grace=GRACE, limit=60):
        """Deletes pods at the same time and waits until their successors are made."""
        old = {ordinal: self.delete(ordinal, grace) for ordinal in ordinals}
        wait_until(lambda: all(self.pods.get(ordinal) not in (None, pod) for ordinal, pod in old.items()), limit, "new pods", every=0.05)

    def take_down(self, *ordinals, grace=GRACE, limit=60):
        """Deletes pods in this order, each once the one before it is gone, and makes no others until `release`."""
        self.hold(*ordinals)
        for ordinal in ordinals:
            self.delete(ordinal, grace)
            wait_until(lambda: ordinal not in self.pods, limit, f"end of pod {ordinal}", every=0.05)

    def lose_disk(self, ordinal, grace=0):
        """Takes a pod down and deletes its claim with all data. `release` makes a new pod with a new, empty claim."""
        self.take_down(ordinal, grace=grace)
        self.namespace.remove_claim(self.claim_of(ordinal))
        self.nodes[ordinal].lose_data()
        self.events("disk_lost", self.nodes[ordinal])
        self.note(f"{self.nodes[ordinal].name}: disk is lost")

    def scale(self, size):
        self.note(f"scaled to {size}")
        with self.lock:
            self.size = size
            self.apply()

    def cut_api(self, ordinal):
        """From now on the API server is silent for this pod alone."""
        node = self.nodes[ordinal]
        self.note(f"{node.name}: is cut off from the API server")
        node.in_network("nft", f"add table inet api; add chain inet api output {{ type filter hook output priority 0; }}; "
                               f"add rule inet api output ip daddr {self.plane.host} drop")

    def mend_api(self, ordinal):
        self.note(f"{self.nodes[ordinal].name}: reaches the API server again")
        self.nodes[ordinal].in_network("nft", "add table inet api; delete table inet api")

    def close(self):
        """Ends everything at once and removes the nodes."""
        self.stopping.set()
        if self.thread.is_alive():
            self.thread.join()
        for pod in self.pods.values():
            pod.end(0)
        for pod in self.pods.values():
            pod.thread.join(30)
        for agent in self.agents.values():
            agent.close()
            self.lab.closers.remove(agent.close)
        for node in self.nodes.values():
            self.lab.remove(node)
        self.nodes = {}
