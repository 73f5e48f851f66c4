"""What was done to the brokers of a run and what was seen of them, one JSON object a line, for tests/simulation/replay_main.cpp.

Times are milliseconds since the run began. Nodes are ordinals. What the pods and people do is told by them; what agents do to brokers
is read from the brokers' logs, once the run is over; what the brokers say of their cluster is asked for a few times a second.
"""

import datetime
import json
import re
import subprocess
import threading
import time

from lab.agent import ROOT

from .checks import Broken

TOLD_LATE = 1.0  # seconds: at most so much later than the fact is it seen
MOST = 20_000  # events; a run of 7 nodes has a few hundred
EVERY, CALMLY = 0.1, 0.3  # seconds for each broker between looks, while something happens and after that; a look costs 10 ms
CALM_AFTER = 10.0
LINE = re.compile(r"^(\d{4}-\d\d-\d\d.\d\d:\d\d:\d\d\.\d+)(?:\+00:00|Z) \[\w+\] (?:<[\d.]+>|info:) +(.*)$", re.M)


def ordinal_of(name):
    return int(name.split("@")[-1].split(".")[0].rsplit("-", 1)[1])


def lines(text, clock):
    """(true time, text) of each line of a broker's or an agent's log."""
    for when, what in LINE.findall(text):
        stamp = datetime.datetime.fromisoformat(when.replace(" ", "T")).replace(tzinfo=datetime.timezone.utc)
        yield stamp.timestamp() - clock, what


class EventLog:
    def __init__(self, version, scenario, nodes, seed):
        self.run = {"at": 0, "event": "run", "version": version, "scenario": scenario, "nodes": nodes, "seed": seed}
        self.began = time.time()
        self.events = []  # (time, order, event)
        self.seen = {}  # by ordinal: what its broker said last, since it began
        self.changed_at = time.monotonic()
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.thread = None

    def add(self, event, node, at=None, **more):
        """`node`: a Node of the lab. None of the rest is left out of the line unless it is None."""
        with self.lock:
            if len(self.events) >= MOST:
                return
            if "door" in more:
                kind, target = more.pop("door") or ("none", "")
                more |= {"door": kind, "target": ordinal_of(target) if target else None}
            if event in ("broker_begins", "broker_ended"):
                self.seen.pop(ordinal_of(node.name), None)
            what = {"event": event, "node": ordinal_of(node.name)} | {key: value for key, value in more.items() if value is not None}
            self.events.append((at or time.time(), len(self.events), what))
            self.changed_at = time.monotonic()

    def begin_again(self, nodes):
        """Forgets how the cluster formed, of whose brokers there is no model; they hold its data, and that is where the log begins."""
        self.look_at_all(nodes.values())
        with self.lock:
            self.events, seen, self.seen = [], self.seen, {}
        for node in nodes.values():
            sight = seen[ordinal_of(node.name)]
            self.add("pod_made", node)
            self.add("holds", node, members=sight["members"], cluster=sight["cluster"])
        for node in nodes.values():
            self.add("broker_begins", node, door=None, clock=node.clock)

    # ---- what brokers say ----------------------------------------------------

    def watch(self, stateful_set):
        self.thread = threading.Thread(target=self.look, args=(stateful_set,), daemon=True, name="event log")
        self.thread.start()

    def look(self, stateful_set):
        while not self.stopping.wait(max(3, len(stateful_set.nodes)) * (EVERY if time.monotonic() - self.changed_at < CALM_AFTER else CALMLY)):
            self.look_at_all(list(stateful_set.nodes.values()))

    def look_at_all(self, nodes):
        for node in nodes:
            try:
                if node.process:
                    self.look_at(node)
            except Exception:  # it ended meanwhile, or the run did
                continue

    def look_at(self, node):
        asked = time.time()
        members, running, cluster = node.sight(ready=True)
        answered, ordinal = time.time(), ordinal_of(node.name)
        sight = {"members": sorted(map(ordinal_of, members)), "running": sorted(map(ordinal_of, running)), "cluster": cluster}
        # What it tells is not of one moment: a node that joins may be seen to run before it is listed.
        if not set(sight["running"]) <= set(sight["members"]):
            return
        if not cluster or self.seen.get(ordinal) == sight or self.has_changed(ordinal, asked):
            return
        self.add("runs", node, at=(asked + answered) / 2, asked_at=asked, **sight)
        self.seen[ordinal] = sight

    def has_changed(self, ordinal, since):
        """Whether something was done to it since: then what it said may be of before or after that."""
        with self.lock:
            return any(when >= since and what["node"] == ordinal for when, _, what in self.events[-50:])

    # ---- what agents do to brokers ---------------------------------------------

    def read(self, node, agent):
        """Adds what a broker's log, and its agent's, tell of calls to it."""
        begins = [when for when, _, what in self.events if what["event"] == "broker_begins" and what["node"] == ordinal_of(node.name)]
        agent_log = list(lines(agent.log if agent else "", node.clock))
        self.read_forgetting(ordinal_of(node.name), agent_log)
        stopped_in = None  # the process in which it was stopped
        for when, what in list(lines(node.log, node.clock)):
            process = sum(begin <= when for begin in begins)
            if what.startswith("RabbitMQ is asked to stop"):
                stopped_in = process
                why = ([what for decided, what in agent_log if decided <= when and what.startswith("formation: ")] or [""])[-1]
                joins = re.match(r"formation: joins (rabbit@[\w.-]+)(?:;|$)", why)
                self.add("joins" if joins else "stops_app", node, at=when, via=ordinal_of(joins[1]) if joins else None)
            elif what.startswith("Starting RabbitMQ ") and process == stopped_in:
                stopped_in = None
                self.add("starts_app", node, at=when)

    def read_forgetting(self, lost, agent_log):
        """Adds when a node that has lost its disk was forgotten. Its agent says so after the fact, and not whom it asked."""
        begun = None
        for when, what in agent_log:
            if re.match("formation: .*forgets (what it was|that)", what):
                begun = begun or when
            elif begun and what.startswith("MemberForgotten: "):
                self.forgets(lost, begun, told=when)
                begun = None
        if begun:
            self.forgets(lost, begun)

    def forgets(self, lost, begun, told=None):
        """Before the first sight of a broker without that member; if there is none, when it was told."""
        had = []
        for when, _, what in sorted(self.events, key=lambda event: event[:2]):
            if what["event"] != "runs" or what["node"] == lost or told and when > told + TOLD_LATE:
                continue
            if lost in what["members"]:
                had.append(what["node"])
            elif when >= begun and what["node"] in had:
                self.events.append((when, -1, {"event": "forgets", "node": what["node"], "of": lost}))
                return
        if told and had:
            self.events.append((told, -1, {"event": "forgets", "node": had[-1], "of": lost}))

    # ---- the file --------------------------------------------------------------

    def close(self):
        self.stopping.set()
        if self.thread:
            self.thread.join()

    def in_order(self):
        """The events as they happened. A broker's answer is left out if it was given while its agent did something to it."""
        acts = [(when, what["node"]) for when, _, what in self.events if what["event"] in ("joins", "stops_app", "starts_app")]
        for when, _, what in sorted(self.events, key=lambda event: event[:2]):
            asked = what.pop("asked_at", when)
            if not any(asked <= at <= 2 * when - asked and node == what["node"] for at, node in acts if what["event"] == "runs"):
                yield {"at": max(0, round((when - self.began) * 1000))} | what

    def write(self, path, nodes, agents, formed):
        if formed:
            self.look_at_all(nodes.values())
        for ordinal, node in nodes.items():
            self.read(node, agents.get(ordinal))
        end = {"at": round((time.time() - self.began) * 1000), "event": "end", "formed": formed}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(event, separators=(",", ":")) + "\n" for event in [self.run, *self.in_order(), end]))
        return path


def replay(file):
    """Lets the simulation's model of a broker go the same way; raises Broken if it cannot."""
    done = subprocess.run([ROOT / "build/dev/tests/replay", file], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    if done.returncode:
        raise Broken(f"the broker model contradicts {file}:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
