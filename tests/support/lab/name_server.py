"""CoreDNS on the lab's bridge, with what a kube-apiserver says: the DNS that pods have."""

import signal
import socket
import subprocess

from . import processes
from .waiting import wait_until

COREFILE = """
. {{
    bind {address}
    errors
    kubernetes cluster.local {{
        kubeconfig {kubeconfig}
        ttl 0
    }}
}}
"""


class NameServer:
    """Belongs to the plane's lab. Answers on port 53 of this machine's address on the bridge."""

    def __init__(self, plane):
        self.plane, self.address = plane, plane.lab.network.gateway
        corefile = plane.dir / "Corefile"
        corefile.write_text(COREFILE.format(address=self.address, kubeconfig=plane.dir / "kubeconfig"))
        with open(plane.dir / "coredns.log", "ab") as output:
            self.process = subprocess.Popen([plane.kube_programs / "coredns", "-conf", corefile], stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, preexec_fn=processes.end_with_parent)
        plane.lab.closers.append(self.close)
        wait_until(self.listens, 20, "CoreDNS")

    def listens(self):
        with socket.create_connection((self.address, 53), 1):
            return True

    def serve(self, node, namespace):
        """What kubelet writes into a pod's resolv.conf."""
        (node.dir / "resolv.conf").write_text(f"search {namespace.name}.svc.cluster.local svc.cluster.local cluster.local\n"
                                              f"nameserver {self.address}\noptions ndots:5\n")

    def freeze(self):
        """From now on it is silent."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        self.process.kill()
        self.process.wait(10)
