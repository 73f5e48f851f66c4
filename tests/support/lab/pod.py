"""One pod as kubelet would run it, in small: Warren as its native sidecar, the broker's container once that lets it, the probes.

What kubelet does each second it does every 100 ms here, and its back-off is half a second. It looks at readiness, at liveness
(three times 503, or 90 s without an answer, restarts the broker's container) and at startup. It has no liveness probe
of the agent, so that an agent may be stopped for as long as a test wants.
"""

import os
import signal
import threading
import time
import traceback

from . import processes
from .http import request
from .agent import PORT
from .waiting import NotInTime, wait_until

TICK, READINESS, LIVENESS = 0.1, 0.2, 1.0  # seconds between probes
READINESS_BY_CALL = 1.0  # where there is no agent to be asked, which is dearer
BACK_OFF = 0.5
FAILURES, SILENCE = 3, 90  # liveness: answers other than 200, probes without an answer
GRACE = 20  # seconds between SIGTERM and SIGKILL


class Pod:
    """Lives in a thread of its own, from its creation to its end. A pod of the same name made later is another one, with another uid.

    `agent` may be None: then the broker starts at once and is ready when it runs, with the readiness "ping" when it answers. `note` takes
    each thing that happens, as a text, and `events` what is done to the broker and how that ends.
    """

    def __init__(self, node, uid, agent, readiness, note, events):
        self.node, self.uid, self.agent = node, uid, agent
        self.by_call = ("true", "false") if readiness == "ping" else ("true",)
        self.note = lambda text: note(f"{node.name}: {text}")
        self.event = lambda what, **more: events(what, node, **more)
        self.broker_asked = False  # to end, since it began
        self.made = time.monotonic()
        self.asked = None  # when its gate answered first; without one, when its broker first started
        self.opened = None if agent else self.made  # when its gate did
        self.ready = False
        self.broker_starts = self.agent_ends = self.agent_kills = 0
        self.ending = None  # the grace in seconds, once it is to end
        self.failure = None
        self.gone = threading.Event()
        self.wake = threading.Event()
        self.broker_next = self.agent_next = self.readiness_next = self.liveness_next = 0.0
        self.started, self.failures, self.silence = False, 0, 0
        self.thread = threading.Thread(target=self.live, daemon=True, name=node.name)
        self.thread.start()

    # ---- the thread ------------------------------------------------------

    def live(self):
        try:
            while self.ending is None:
                began = time.monotonic()
                self.keep_agent(began)
                self.keep_broker(began)
                self.probe(time.monotonic())
                self.wake.wait(max(0.0, began + TICK - time.monotonic()))
            self.finish()
        except Exception:
            self.failure = traceback.format_exc()
            self.note(f"the lab failed: {self.failure}")
        finally:
            self.ready = False
            self.gone.set()

    def keep_agent(self, now):
        if not self.agent:
            return
        process = self.agent.process
        if process and process.poll() is not None:
            self.note(f"agent ended with {process.returncode}")
            self.agent.process, self.agent_next = None, now + BACK_OFF
            self.agent_ends += 1
        if not self.agent.process and now >= self.agent_next:
            self.agent.start(wait=False)

    def keep_broker(self, now):
        process = self.node.process
        if process and process.poll() is not None:
            self.note(f"broker ended with {process.returncode}")
            self.event("broker_ended", asked=self.broker_asked)
            self.after_broker(now)
        if not self.node.process and self.may_start() and now >= self.broker_next:
            self.asked = self.asked or now
            self.broker_asked = False
            self.event("broker_begins", door=self.node.door(), clock=self.node.clock)
            self.node.start(wait=False)
            self.broker_starts += 1
            self.note("broker starts")

    def after_broker(self, now):
        self.node.end_container()
        self.started, self.failures, self.silence = False, 0, 0
        self.broker_next = now + BACK_OFF

    def may_start(self):
        if self.opened is None:
            status, now = self.answer("/startupz"), time.monotonic()
            self.asked = self.asked or (status and now)
            if status == 200:
                self.opened = now
                self.note(f"gate open after {now - self.made:.1f} s")
        return self.opened is not None

    def probe(self, now):
        if now >= self.readiness_next:
            self.readiness_next = now + (READINESS if self.agent else READINESS_BY_CALL)
            ready = self.is_ready()
            if ready != self.ready:
                self.note("ready" if ready else "not ready")
            self.ready = ready
        if self.agent and self.node.process and now >= self.liveness_next:
            self.liveness_next = now + LIVENESS
            self.started = self.started or self.answer("/readyz/ping") == 200
            if self.started:
                self.look_at_liveness(now)

    def is_ready(self):
        if not self.node.process:
            return False
        return self.answer("/readyz") == 200 if self.agent else self.node.call("rabbit", "is_running", "[]") in self.by_call

    def look_at_liveness(self, now):
        status = self.answer("/livez")
        self.failures = self.failures + 1 if status not in (200, None) else 0
        self.silence = self.silence + 1 if status is None else 0
        if self.failures >= FAILURES or self.silence >= SILENCE:
            self.note(f"liveness failed, broker is restarted: {self.text('/livez?verbose')}")
            self.stop_broker(GRACE)
            self.after_broker(now)

    def ask(self, path):
        return request(self.node.address, PORT, "GET", path, limit=1)

    def answer(self, path):
        """The status of an answer, None if there is none."""
        try:
            return self.ask(path).status
        except OSError:
            return None

    def text(self, path):
        try:
            return self.ask(path).text
        except OSError as error:
            return repr(error)

    # ---- the end ---------------------------------------------------------

    def is_asked_to_end(self, how):
        self.broker_asked = True
        self.event(how)

    def stop_broker(self, grace):
        process = self.node.process
        if process:
            self.is_asked_to_end("broker_stopped" if grace else "broker_killed")
        for pid in self.node.processes("beam.smp") if grace else []:
            processes.send(pid, signal.SIGTERM)
        try:
            wait_until(lambda: not process or process.poll() is not None, grace, "end of the broker", every=0.05)
        except NotInTime:
            if grace:
                self.note(f"broker did not end within {grace} s")
        self.node.end_container()
        if process:
            self.event("broker_ended", asked=True)

    def finish(self):
        """The sidecar ends after the broker, as native sidecars do; a grace of 0 is the power cut."""
        self.ready = False
        if not self.ending and self.agent:
            self.agent.close()
        self.stop_broker(self.ending)
        if self.agent and self.agent.process:
            self.end_agent()

    def end_agent(self):
        if self.ending and self.agent.process.poll() is None:
            self.signal_agent(signal.SIGCONT)
            self.signal_agent(signal.SIGTERM)
            try:
                wait_until(lambda: self.agent.process.poll() is not None, 3, "end of the agent", every=0.05)
            except NotInTime:
                self.note("agent did not end within 3 s of SIGTERM")
        self.agent.close()
        self.agent.process = None

    def end(self, grace=GRACE):
        """Begins its end; `gone` is set when it is over."""
        self.ending = grace
        self.wake.set()

    # ---- what tests do to it ---------------------------------------------

    def signal_agent(self, number):
        """To guard and worker, and true if there are any. SIGKILL to the guard ends both."""
        try:
            pids = [self.agent.guard] if number in (signal.SIGKILL, signal.SIGTERM) else [self.agent.guard, self.agent.worker]
        except (LookupError, AttributeError):
            return False
        return all([processes.send(pid, number) for pid in pids])

    def kill_agent(self):
        self.note("agent is killed")
        self.agent_kills += 1
        return self.signal_agent(signal.SIGKILL)

    def pause_agent(self):
        self.note("agent is stopped by SIGSTOP")
        return self.signal_agent(signal.SIGSTOP)

    def resume_agent(self):
        self.note("agent goes on")
        return self.signal_agent(signal.SIGCONT)

    def kill_broker(self):
        """SIGKILL to the Erlang VM, or to what is about to become it; true if there was one."""
        self.note("broker is killed")
        process = self.node.process
        pids = self.node.processes("beam.smp") or (processes.descendants(process.pid) if process else [])
        if pids:
            self.is_asked_to_end("broker_killed")
        for pid in pids:
            processes.send(pid, signal.SIGKILL)
        return bool(pids)

    def stop_broker_container(self):
        """SIGTERM: the broker ends as it would in a container that is restarted."""
        self.note("broker is stopped")
        try:
            pid = self.node.pid
        except LookupError:
            return False
        self.is_asked_to_end("broker_stopped")
        return processes.send(pid, signal.SIGTERM)
