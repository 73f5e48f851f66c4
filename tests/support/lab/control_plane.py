"""A real kube-apiserver with etcd, started by ../kube, and the objects a StatefulSet's controllers would have made."""

import pathlib
import ssl
import subprocess
from urllib.parse import urlsplit

from . import objects
from .http import request
from .rootfs import cache
from .waiting import wait_until

KUBE = pathlib.Path(__file__).resolve().parent.parent / "kube/kube"


def why_no_control_plane():
    """Builds the programs when they are not there yet; why that is impossible here, or None."""
    done = subprocess.run([KUBE, "build"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return None if done.returncode == 0 else f"no Kubernetes programs: {(done.stderr.strip().splitlines() or ['?'])[-1]}"


class ControlPlane:
    """Listens on `address` (this machine's own on the lab's bridge, so that the nodes reach it)."""

    def __init__(self, lab, address=None):
        self.dir = lab.dir / "control-plane"
        self.host = address or lab.network.gateway
        lab.closers.append(self.close)
        self.kube("control-plane", self.host)
        pki = self.dir / "pki"
        self.ca = (pki / "ca.crt").read_text()
        self.admin = ssl.create_default_context(cafile=pki / "ca.crt")
        self.admin.load_cert_chain(pki / "admin.crt", pki / "admin.key")
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

    def close(self):
        if (self.dir / "parts").exists():
            self.kube("down")

    # ---- the API ---------------------------------------------------------

    def ask(self, method, path, body=None, content="application/json"):
        return request(self.host, self.port, method, path, body, {"Content-Type": content}, self.admin)

    def must(self, method, path, body=None, content="application/json"):
        answer = self.ask(method, path, body, content)
        if answer.status not in (200, 201, 202):
            raise RuntimeError(f"{method} {path}: {answer}")
        return answer.json

    def put(self, path, name, body):
        """Creates an object, or replaces the one of that name."""
        if self.ask("GET", f"{path}/{name}").status == 200:
            return self.must("PUT", f"{path}/{name}", body)
        return self.must("POST", path, body)

    def delete(self, path):
        answer = self.ask("DELETE", path)
        if answer.status not in (200, 202, 404):
            raise RuntimeError(f"DELETE {path}: {answer}")

    # ---- what a StatefulSet in a namespace would have --------------------

    def namespace(self, name, service="rmq"):
        return Namespace(self, name, service)


class Namespace:
    """A namespace with a service account, its Role, and the pods and endpoints of one Service."""

    def __init__(self, plane, name, service):
        self.plane, self.name, self.service, self.account = plane, name, service, "rabbitmq"
        plane.put("/api/v1/namespaces", name, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        plane.put(f"{self.core}/serviceaccounts", self.account,
                  {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": objects.meta(self.account, name)})
        plane.put(f"{self.rbac}/rolebindings", "warren", objects.role_binding("warren", name, self.account))
        self.allow(objects.FULL)

    @property
    def core(self):
        return f"/api/v1/namespaces/{self.name}"

    @property
    def rbac(self):
        return f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.name}"

    @property
    def slices(self):
        return f"/apis/discovery.k8s.io/v1/namespaces/{self.name}/endpointslices"

    def allow(self, rules):
        """Replaces the Role of the service account: objects.FULL, objects.CLASSIC, or [] for nothing."""
        self.plane.put(f"{self.rbac}/roles", "warren", objects.role("warren", self.name, rules))

    def token(self, seconds=3600):
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": seconds}}
        return self.plane.must("POST", f"{self.core}/serviceaccounts/{self.account}/token", body)["status"]["token"]

    def pod(self, name):
        """Makes the pod's object (no kubelet runs it) and returns its uid."""
        answer = self.plane.ask("GET", f"{self.core}/pods/{name}")
        if answer.status == 200:
            return answer.json["metadata"]["uid"]
        return self.plane.must("POST", f"{self.core}/pods", objects.pod(name, self.name, self.account))["metadata"]["uid"]

    def endpoint(self, name, address, **conditions):
        return objects.endpoint(name, self.name, self.pod(name), address, **conditions)

    def slice(self, name, endpoints, address_type="IPv4"):
        self.plane.put(self.slices, name, objects.slice_(name, self.name, self.service, endpoints, address_type))

    def endpoints(self, ready, not_ready=()):
        """The Endpoints object of the Service; pods are (name, address)."""
        def full(pods):
            return [(name, self.pod(name), address) for name, address in pods]
        self.plane.put(f"{self.core}/endpoints", self.service,
                       objects.endpoints_object(self.service, self.name, full(ready), full(not_ready)))

    def publish(self, nodes, slices=True, endpoints=True):
        """Slices of both address families and the Endpoints object for some nodes of the lab."""
        if slices:
            self.slice(f"{self.service}-v4", [self.endpoint(node.name, node.address) for node in nodes])
            self.slice(f"{self.service}-v6", [self.endpoint(node.name, node.address6) for node in nodes], "IPv6")
        if endpoints:
            self.endpoints([(node.name, node.address) for node in nodes])

    def events(self):
        """All Events of the namespace, in the shape of events.k8s.io/v1."""
        return self.plane.must("GET", f"/apis/events.k8s.io/v1/namespaces/{self.name}/events")["items"]
