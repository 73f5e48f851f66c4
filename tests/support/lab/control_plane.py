"""A real kube-apiserver with etcd, started by ../kube, and the objects a StatefulSet's controllers would have made."""

import pathlib
import ssl
import subprocess
from urllib.parse import urlsplit

from . import objects
from .api import Api, Place
from .rootfs import cache
from .waiting import wait_until

KUBE = pathlib.Path(__file__).resolve().parent.parent / "kube/kube"


def why_no_control_plane():
    """Why there can be no API server on this machine (no Go to be had), or None. That it does not build is no reason but an error."""
    done = subprocess.run([KUBE, "build"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode not in (0, 77):
        raise RuntimeError(f"kube build: {done.stderr.strip()[-3000:]}")
    return None if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


class ControlPlane(Api):
    """Listens on `address` (this machine's own on the lab's bridge, so that the nodes reach it)."""

    def __init__(self, lab, address=None):
        self.lab, self.dir = lab, lab.dir / "control-plane"
        self.host = address or lab.network.gateway
        lab.closers.append(self.close)
        self.kube("control-plane", self.host)
        pki = self.dir / "pki"
        self.ca = (pki / "ca.crt").read_text()
        self.tls = ssl.create_default_context(cafile=pki / "ca.crt")
        self.tls.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        self.kube_programs = cache() / "kube/bin"
        self.port = urlsplit(next(word for word in (self.dir / "kubeconfig").read_text().split('"') if word.startswith("https:"))).port

    def kube(self, *arguments):
        done = subprocess.run([KUBE, "-C", self.dir, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(f"kube {' '.join(arguments)}: {done.stderr.strip()}")

    def stop(self):
        """Takes the API server away; what it knew stays in etcd."""
        self.kube("stop", "kube-apiserver")

    def start_again(self, wait=True):
        self.kube("start", "kube-apiserver")
        if wait:
            wait_until(lambda: self.ask("GET", "/readyz").status == 200, 30, "API server back", every=0.05)

    def mend(self):
        """Starts the API server again if a test has left it stopped."""
        try:
            self.ask("GET", "/readyz")
        except OSError:
            self.start_again()

    def close(self):
        if (self.dir / "parts").exists():
            self.kube("down")

    def namespace(self, name, service="rmq"):
        return Namespace(self, name, service)


class Namespace(Place):
    """A namespace with a service account and its Role, as a StatefulSet would have them."""

    def __init__(self, plane, name, service):
        super().__init__(plane, name, service)
        plane.put("/api/v1/namespaces", name, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        plane.put(f"{self.core}/serviceaccounts", self.account,
                  {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": objects.meta(self.account, name)})
        plane.put(f"{self.rbac}/rolebindings", "warren", objects.role_binding("warren", name, self.account))
        self.allow(objects.FULL)

    @property
    def rbac(self):
        return f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.name}"

    def allow(self, rules):
        """Replaces the Role of the service account: objects.FULL, objects.CLASSIC, or [] for nothing."""
        self.plane.put(f"{self.rbac}/roles", "warren", objects.role("warren", self.name, rules))

    def token(self, seconds=3600):
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": seconds}}
        return self.plane.must("POST", f"{self.core}/serviceaccounts/{self.account}/token", body)["status"]["token"]
