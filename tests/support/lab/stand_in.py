"""The small stand-in for the Kubernetes API (build/dev/tests/api_stand_in), for when no real one is wanted."""

import ssl
import subprocess

from . import processes
from .agent import ROOT
from .api import Api, Place
from .waiting import wait_until

TOKEN = "stand-in-token"


class StandIn(Api):
    """TLS on this machine's address on the bridge, one token for all, no permissions asked for."""

    def __init__(self, lab):
        program = ROOT / "build/dev/tests/api_stand_in"
        if not program.exists():
            raise RuntimeError(f"{program} is missing: make dev")
        self.host, self.dir, self.headers = lab.network.gateway, lab.dir / "stand-in", {"Authorization": f"Bearer {TOKEN}"}
        self.dir.mkdir()
        (self.dir / "objects.json").write_text("[]\n")
        port_file = self.dir / "port"
        with open(self.dir / "events.out", "wb") as output:
            self.process = subprocess.Popen(
                [program, "--listen", f"{self.host}:0", "--tls-dir", self.dir, "--token", TOKEN, "--port-file", port_file,
                 "--state", self.dir / "objects.json"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=processes.end_with_parent)
        lab.closers.append(self.close)
        wait_until(port_file.exists, 5, "the API stand-in")
        self.port = int(port_file.read_text())
        self.ca = (self.dir / "ca.crt").read_text()
        self.tls = ssl.create_default_context(cadata=self.ca)

    @property
    def url(self):
        return f"https://{self.host}:{self.port}"

    def place(self, name="lab", service="rmq"):
        return Place(self, name, service)

    def close(self):
        self.process.kill()
        self.process.wait(10)
