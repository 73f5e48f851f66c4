"""The steps of the demo. Each shows something, measures it, and says whether it was as promised."""

import textwrap
import time

from lab import NotInTime, milliseconds_until, wait_until
from lab.rootfs import broker_version

PEERS = ("rabbit@rmq-0", "rabbit@rmq-1", "rabbit@rmq-2")


class Story:
    def __init__(self, screen, place, brokers, agents):
        self.screen, self.place, self.brokers, self.agents = screen, place, brokers, agents

    def tell(self):
        self.hosts()
        self.peers()
        self.cluster()
        self.killed_broker()
        self.memory_alarm()
        self.closed_listener()
        self.events()

    # ---- what the steps share ---------------------------------------------------------

    def turns(self, agent, path, wanted, limit, since, mentions="", within=None):
        """Waits until a probe answers `wanted`, and tells after how many milliseconds it did."""
        def answer_is():
            answer = agent.get(f"{path}?verbose")
            return answer.status == wanted and mentions in answer.text
        name = f"{agent.broker.name} {path}"
        try:
            took = milliseconds_until(answer_is, limit, since=since)
        except NotInTime:
            self.screen.promise(False, f"{name} {wanted} within {limit} s; it says {agent.get(path + '?verbose')}")
            return
        late = within is not None and took > within
        self.screen.promise(not late, f"{name} turned {wanted} after {took:.0f} ms" + (f", promised within {within} ms" if late else ""))
        failing = [line for line in agent.get(f"{path}?verbose").text.splitlines() if line.startswith("[-]")]
        if failing and wanted == 503:
            self.screen.quote("\n".join(failing))

    def keeps(self, agent, path, wanted, why):
        answer = agent.get(path)
        self.screen.promise(answer.status == wanted, f"{agent.broker.name} {path} stays {wanted}: {why}" if answer.status == wanted
                            else f"{agent.broker.name} {path} should stay {wanted} ({why}), but says {answer}")

    def told(self, *reasons):
        """Waits for Events, for which members are looked at every five seconds."""
        try:
            wait_until(lambda: not self.untold(reasons), 15, "Events")
        except NotInTime:
            pass
        left_out = self.untold(reasons)
        self.screen.promise(not left_out, f"Events tell of it: {', '.join(reasons)}" if not left_out
                            else f"Events {', '.join(left_out)} are missing")

    def untold(self, reasons):
        return [reason for reason in reasons if reason not in {event["reason"] for event in self.place.events()}]

    def probes(self):
        rows = [[agent.broker.nodename, agent.status_of("/startupz"), agent.status_of("/readyz"), agent.status_of("/livez")]
                for agent in self.agents]
        self.screen.table(["broker", "/startupz", "/readyz", "/livez"], rows)
        return [status for row in rows for status in row[1:]]

    # ---- the steps -------------------------------------------------------

    def hosts(self):
        version = broker_version(self.brokers[0].base)
        self.screen.step(f"Three hosts on this machine, each with a network of its own and RabbitMQ {version}; no broker runs yet")
        self.screen.table(["host", "IPv4", "IPv6"], [[b.name, b.address, b.address6] for b in self.brokers])
        self.place.publish(self.brokers)
        self.screen.say(f"A stand-in for the Kubernetes API at {self.place.plane.url} has them as endpoints of the Service rmq.")

    def peers(self):
        self.screen.step("Warren starts beside each broker and finds the peers")
        for agent in self.agents:
            began = time.monotonic()
            agent.start(wait=False)
            try:
                took = milliseconds_until(lambda: agent.peers() == list(PEERS), 5, "peers", since=began)
                self.screen.promise(True, f"{agent.broker.name} knows {', '.join(PEERS)} {took:.0f} ms after its start")
            except NotInTime as error:
                self.screen.promise(False, f"{agent.broker.name} knows its peers: {error}")
        first = self.agents[0]
        wait_until(first.peers_file.exists, 5, "peer file")
        self.screen.say(f"Each wrote them for its broker, as {first.peers_file.name} in conf.d:")
        self.screen.quote(first.peers_file.read_text())
        for agent in self.agents:
            self.turns(agent, "/startupz", 200, 5, time.monotonic())
        self.screen.say("So kubelet would start the broker containers now. Until they run, nobody is sent there and nobody restarts them:")
        self.promise_probes([200, 503, 200] * 3)

    def promise_probes(self, wanted):
        seen = self.probes()
        self.screen.promise(seen == wanted, "all probes as they should be" if seen == wanted else f"probes should be {wanted}")

    def cluster(self):
        self.screen.step("The brokers start, each with nothing but that file to go by")
        began = time.monotonic()
        for broker in self.brokers:
            broker.start(wait=False)
        for agent in self.agents:
            self.turns(agent, "/readyz", 200, 60, began)
        def formed():
            return all(tuple(broker.running_members()) == PEERS for broker in self.brokers)
        try:
            took = milliseconds_until(formed, 60, since=began, every=0.1)
            self.screen.promise(True, f"one cluster of three, {took / 1000:.1f} s after the start; each lists {', '.join(PEERS)}")
        except NotInTime:
            self.screen.promise(False, f"one cluster of three; they list {[broker.running_members() for broker in self.brokers]}")
        self.promise_probes([200, 200, 200] * 3)
        self.told("PeersDiscovered", "ClusterJoined", "ClusterFormed")

    def killed_broker(self):
        agent, broker = self.agents[2], self.brokers[2]
        self.screen.step(f"The broker on {broker.name} is killed (SIGKILL)")
        if broker.version == "3.10":
            # Its Mnesia writes a joined cluster's schema to disk minutes later; killed before, it does not boot again.
            broker.call("mnesia", "dump_log", "[]")
        began = time.monotonic()
        broker.kill()
        self.turns(agent, "/readyz", 503, 5, began, within=100)
        self.keeps(agent, "/livez", 200, "it may be on its way back; only a long absence is a reason to restart it")
        wait_until(lambda: len(self.brokers[0].running_members()) == 2, 30,
                   lambda: f"the others notice; they list {[broker.running_members() for broker in self.brokers]}")
        self.told("BrokerUnreachable", "NodeUnreachable")
        self.screen.say("It is started again, as kubelet would do:")
        broker.start(wait=False)
        self.turns(agent, "/readyz", 200, 60, time.monotonic())
        broker.wait_running()
        self.told("BrokerReachable", "NodeReachable")

    def memory_alarm(self):
        agent, broker = self.agents[1], self.brokers[1]
        self.screen.step(f"The memory limit on {broker.name} is set below what it uses: RabbitMQ raises a memory alarm")
        wait_until(lambda: agent.status_of("/livez") == 200, 10, "livez before the alarm")
        broker.raise_alarm("memory")
        self.turns(agent, "/livez", 503, 5, time.monotonic(), mentions="memory", within=1000)
        self.keeps(agent, "/readyz", 200, "consumers still drain its queues")
        self.keeps(self.agents[0], "/livez", 200, "the alarm is not its own")
        broker.clear_alarm("memory")
        self.screen.say("The limit is set back:")
        self.turns(agent, "/livez", 200, 5, time.monotonic(), within=1000)
        self.told("AlarmRaised", "AlarmCleared")

    def closed_listener(self):
        agent, broker = self.agents[0], self.brokers[0]
        self.screen.step(f"The AMQP listener on {broker.name} (port 5672) is closed, though the broker still names it")
        broker.close_listener(5672)
        self.turns(agent, "/livez", 503, 5, time.monotonic(), mentions="5672", within=1000)
        self.keeps(agent, "/readyz", 200, "the broker answers; readiness asks for no more by default")
        broker.open_listener(5672)
        self.screen.say("It is opened again:")
        self.turns(agent, "/livez", 200, 5, time.monotonic(), within=1000)
        self.told("ListenerUnreachable", "ListenerReachable")

    def events(self):
        self.screen.step("The Events that were written, as `kubectl describe pod` would show them")
        rows = [[event["type"], event["reason"], event["regarding"]["name"],
                 textwrap.shorten(event["note"], 110, placeholder=" ...")] for event in sorted(self.place.events(), key=lambda event: event.get("eventTime") or "")]
        self.screen.table(["type", "reason", "about", "note"], rows)
