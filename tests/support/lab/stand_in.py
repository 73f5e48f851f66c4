"""The small stand-in for the Kubernetes API (build/dev/tests/api_stand_in), for when no real one is wanted."""

import subprocess
import uuid

from . import objects, processes
from .agent import ROOT
from .http import request
from .waiting import wait_until


class StandIn:
    """Plain HTTP on this machine's address on the bridge; no permissions are asked for."""

    ca, token = None, ""

    def __init__(self, lab, namespace="lab", service="rmq"):
        program = ROOT / "build/dev/tests/api_stand_in"
        if not program.exists():
            raise RuntimeError(f"{program} is missing: make dev")
        self.host, self.namespace, self.service = lab.network.gateway, namespace, service
        self.process = subprocess.Popen([program, "--listen", f"{self.host}:0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        text=True, preexec_fn=processes.end_with_parent)
        lab.started.append(self.process)
        lab.closers.append(self.close)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.uids = {}

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def uid(self, pod):
        return self.uids.setdefault(pod, str(uuid.uuid4()))
