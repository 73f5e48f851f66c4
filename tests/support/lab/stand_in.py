"""The small stand-in for the Kubernetes API (build/dev/tests/api_stand_in), for when no real one is wanted."""

import subprocess

from . import processes
from .agent import ROOT
from .api import Api, Place


class StandIn(Api):
    """Plain HTTP on this machine's address on the bridge; no permissions are asked for."""

    ca = None

    def __init__(self, lab):
        program = ROOT / "build/dev/tests/api_stand_in"
        if not program.exists():
            raise RuntimeError(f"{program} is missing: make dev")
        self.host = lab.network.gateway
        self.process = subprocess.Popen([program, "--address", self.host, "--port", "0"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True, preexec_fn=processes.end_with_parent)
        lab.closers.append(self.close)
        self.port = int(self.process.stdout.readline().strip().rstrip("/").rsplit(":", 1)[1])

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def place(self, name="lab", service="rmq"):
        return Place(self, name, service)

    def close(self):
        self.process.kill()
        self.process.wait(10)
        self.process.stdout.close()
