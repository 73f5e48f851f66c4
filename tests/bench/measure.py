"""One function per figure; each returns Points."""

import dataclasses
import http.client
import json
import os
import statistics
import subprocess
import time

from lab import milliseconds_until, processes, wait_until
from lab.agent import PORT, ROOT, Agent
from lab.objects import endpoint, slice_

MIB = 1024 * 1024


@dataclasses.dataclass
class Point:
    name: str
    wanted: str
    measured: str
    share: float  # of the limit: at most 1 is wanted, 2 is twice too slow or too large
    detail: dict

    @property
    def reached(self):
        return self.share <= 1


def at_most(name, value, limit, unit, digits=1, **detail):
    return Point(name, f"at most {limit:g} {unit}", f"{value:.{digits}f} {unit}", value / limit, {"value": value, **detail})


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def agent_processes(agent):
    return [agent.guard, agent.worker]


def cpu(pids):
    return sum(processes.cpu_seconds(pid) for pid in pids)


def client(broker, path, *options):
    """The command line of the resident probe client, pointed at the agent beside a broker."""
    return [ROOT / "build/dev/tests/probe_client", "--address", broker.address, "--port", str(PORT), "--path", path, *map(str, options)]


# ---- a probe -------------------------------------------------------------

def one_probe(broker, agent, by_http, by_tool):
    """CPU and wall time of one readiness probe: through Warren, and by rabbitmq-diagnostics in the broker's container.

    What agent and broker use without any probe is taken off on both sides.
    """
    parts = {"agent": agent_processes(agent), "broker": [broker.pid]}

    def used_by_parts():
        return {part: cpu(pids) for part, pids in parts.items()}

    def idle_rates(seconds=10):
        before, began = used_by_parts(), time.monotonic()
        time.sleep(seconds)
        return {part: (used - before[part]) / (time.monotonic() - began) for part, used in used_by_parts().items()}

    def side(run, count):
        before = used_by_parts()
        prober, wall = run(count)
        more = {part: max(0.0, used - before[part] - idle[part] * wall) / count for part, used in used_by_parts().items()}
        return {"count": count, "wall": wall / count, "prober": prober / count, **more}

    def by_client(count):
        done = subprocess.run(client(broker, "/readyz", "--count", count), capture_output=True, text=True, check=True)
        result = json.loads(done.stdout)
        if result["failures"]:
            raise RuntimeError(f"{result['failures']} of {count} probes failed")
        return result["cpu_seconds"], result["wall_seconds"]

    def tool(count):
        command = broker.enter("rabbitmq-diagnostics", "-q", "ping", environment=broker.environment())
        used, began = 0.0, time.monotonic()
        for _ in range(count):
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                raise RuntimeError(f"rabbitmq-diagnostics ended with {child.returncode}")
            used += usage.ru_utime + usage.ru_stime
        return used, time.monotonic() - began

    by_client(200)
    idle = idle_rates()
    ours, theirs = side(by_client, by_http), side(tool, by_tool)
    ours["cpu"], theirs["cpu"] = (sum(each[part] for part in ("prober", "agent", "broker")) for each in (ours, theirs))
    detail = {"warren": ours, "rabbitmq-diagnostics": theirs, "idle": idle}
    def times_less(what, unit, scale, limit):
        ratio = theirs[what] / ours[what]
        return Point(f"{'CPU' if what == 'cpu' else 'wall'} time of a readiness probe, against `rabbitmq-diagnostics -q ping`",
                     f"{limit} times less", f"{ratio:.0f} times less ({ours[what] * 1e6:.0f} µs against {theirs[what] * scale:.0f} {unit})",
                     limit / ratio, detail)
    return [times_less("cpu", "ms", 1e3, 1000), times_less("wall", "ms", 1e3, 300)]


# ---- at rest -------------------------------------------------------------

def at_rest(agent, seconds):
    time.sleep(5)  # start-up work ends
    pids = agent_processes(agent)
    before, began = cpu(pids), time.monotonic()
    time.sleep(seconds)
    share = (cpu(pids) - before) / (time.monotonic() - began) * 100
    each = [processes.proportional_memory(pid) / MIB for pid in pids]
    return [at_most("memory at rest, guard and worker (PSS; goal 8 MiB)", sum(each), 10, "MiB", guard=each[0], worker=each[1]),
            at_most("CPU at rest, default intervals, share of a core (goal 0.05 %)", share, 0.2, "%", 3, seconds=seconds)]


# ---- reactions -----------------------------------------------------------

def killed_broker(broker, agent, times):
    took = []
    for _ in range(times):
        wait_until(lambda: agent.status_of("/readyz") == 200, 60)
        watching = subprocess.Popen(client(broker, "/readyz", "--wait-for", 503, "--limit", 5), stdout=subprocess.PIPE, text=True)
        time.sleep(0.05)  # it probes back to back by now
        began = time.monotonic()
        broker.kill()
        answer, _ = watching.communicate(timeout=10)
        if watching.returncode:
            raise RuntimeError("/readyz did not say 503 within 5 s")
        took.append((json.loads(answer)["at"] - began) * 1000)
        broker.start()
    wait_until(lambda: agent.status_of("/readyz") == 200, 60)
    return [at_most(f"broker killed with SIGKILL: `/readyz` says 503 (slowest of {times})", max(took), 100, "ms", all=took)]


def changes_of_health(broker, agent, times):
    def turn(change, status):
        wait_until(lambda: agent.status_of("/livez") == (200 if status == 503 else 503), 20)
        began = time.monotonic()
        change()
        return milliseconds_until(lambda: agent.status_of("/livez") == status, 20, since=began)
    points = []
    for name, broke, mend in (("alarm set or cleared", broker.raise_alarm, broker.clear_alarm),
                              ("listener closed or opened", broker.close_listener, broker.open_listener)):
        took = []
        for _ in range(times):
            took += [turn(broke, 503), turn(mend, 200)]
        points.append(at_most(f"{name}: `/livez` turns (slowest of {len(took)}, the call into the broker included)", max(took), 1000, "ms", 0, all=took))
    silent = turn(broker.block_port, 503) / 1000
    broker.unblock_ports()
    wait_until(lambda: agent.status_of("/livez") == 200, 30)
    return [*points, at_most("listener listens but does not accept: `/livez` says 503", silent, 15, "s")]


# ---- endpoints -----------------------------------------------------------

def slice_changes(namespace, agent, lab, times):
    """From before a PUT, over a connection that is there, until /v1/peers has it."""
    took, plane = [], namespace.plane
    plane.delete(f"{namespace.slices}/rmq-v6")
    first, second = (namespace.endpoint(f"rmq-{i}", lab.network.address(10 + i)) for i in (0, 1))
    connection = http.client.HTTPSConnection(plane.host, plane.port, timeout=5, context=plane.tls)
    for number in range(times):
        endpoints = [first, second] if number % 2 else [first]
        body = json.dumps(slice_("rmq-v4", namespace.name, namespace.service, endpoints))
        began = time.monotonic()
        connection.request("PUT", f"{namespace.slices}/rmq-v4", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"PUT of a slice: {answer.status}")
        wait_until(lambda: len(agent.peers()) == len(endpoints), 5, "change in /v1/peers", every=0.0002)
        took.append((time.monotonic() - began) * 1000)
    connection.close()
    return [at_most(f"changed EndpointSlice on a real API server: in `/v1/peers` (99th percentile of {times}, the PUT included)",
                    percentile(took, 0.99), 20, "ms", median=statistics.median(took), slowest=max(took))]


def many_endpoints(lab, host, namespace, few):
    """10,000 endpoints in 100 slices. The time is that of an agent's start until it knows them, less that of one with three."""
    def started(where):
        # In this format the file does not wait for the broker's own node, which is not among them.
        agent = Agent(host, where.plane, where.name, where.service, where.pod(host.name), where.token(), {"WARREN_PEERS_FORMAT": "plain"})
        began = time.monotonic()
        agent.start(wait=False)
        wait_until(lambda: agent.status_of("/startupz") == 200, 30, "peers known", every=0.001)
        took = (time.monotonic() - began) * 1000
        return agent, took

    def gone(agent):
        agent.close()
        lab.closers.remove(agent.close)
        agent.forget()

    path = namespace.slices
    for number in range(100):
        endpoints = [endpoint(f"many-{number * 100 + i}", namespace.name, f"00000000-0000-0000-0000-{number * 100 + i:012d}",
                              f"10.{100 + number // 100}.{number % 100}.{i + 1}") for i in range(100)]
        namespace.slice(f"many-{number}", endpoints)
    usual, unusual, peaks = [], [], []
    for _ in range(3):
        agent, took = started(few)
        usual.append(took)
        gone(agent)
        agent, took = started(namespace)
        assert len(agent.peers()) == 10000, path
        unusual.append(took)
        peaks.append([peak_memory(pid) / MIB for pid in agent_processes(agent)])
        gone(agent)
    few_ms, many_ms = statistics.median(usual), statistics.median(unusual)
    time_taken = at_most("10,000 endpoints in 100 slices: from list to peers", many_ms - few_ms, 100, "ms", 0, with_three=usual, with_10000=unusual)
    time_taken.measured += f" (start to peers {many_ms:.0f} ms, with 3 endpoints {few_ms:.0f} ms)"
    guard, worker = max(peaks, key=sum)
    return [time_taken, at_most(f"10,000 endpoints: resident memory at its peak, guard and worker (most of {len(peaks)} runs)",
                                guard + worker, 40, "MiB", guard=guard, worker=worker)]


def peak_memory(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
