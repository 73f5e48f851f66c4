"""Speaking to a Kubernetes API, real or stand-in, and the objects of one Service in it."""

from . import objects
from .http import request


class Api:
    """`host`, `port`, and how the administrator is known: by the certificate in `tls`, or by `headers`."""

    host, port, tls, headers = None, None, None, {}

    def ask(self, method, path, body=None):
        return request(self.host, self.port, method, path, body, self.headers, self.tls)

    def must(self, method, path, body=None):
        answer = self.ask(method, path, body)
        if answer.status not in (200, 201, 202):
            raise RuntimeError(f"{method} {path}: {answer}")
        return answer.json

    def put(self, path, name, body):
        """Creates an object, or replaces the one of that name."""
        if self.ask("GET", f"{path}/{name}").status == 200:
            return self.must("PUT", f"{path}/{name}", body)
        return self.must("POST", path, body)

    def delete(self, path, body=None):
        answer = self.ask("DELETE", path, body)
        if answer.status not in (200, 202, 404):
            raise RuntimeError(f"DELETE {path}: {answer}")


class Place:
    """The pods, endpoints and Events of one Service in one namespace."""

    account = "rabbitmq"

    def __init__(self, plane, name, service):
        self.plane, self.name, self.service = plane, name, service

    @property
    def core(self):
        return f"/api/v1/namespaces/{self.name}"

    @property
    def slices(self):
        return f"/apis/discovery.k8s.io/v1/namespaces/{self.name}/endpointslices"

    def pod(self, name):
        """Makes the pod's object (no kubelet runs it) and returns its uid."""
        answer = self.plane.ask("GET", f"{self.core}/pods/{name}")
        if answer.status == 200:
            return answer.json["metadata"]["uid"]
        return self.plane.must("POST", f"{self.core}/pods", objects.pod(name, self.name, self.account))["metadata"]["uid"]

    def terminate_pod(self, name):
        """Marks a pod as terminating, until remove_pod as its kubelet."""
        self.plane.delete(f"{self.core}/pods/{name}", {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 30})

    def remove_pod(self, name):
        self.plane.delete(f"{self.core}/pods/{name}", {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0})

    @property
    def stateful_sets(self):
        return f"/apis/apps/v1/namespaces/{self.name}/statefulsets"

    @property
    def claims(self):
        return f"{self.core}/persistentvolumeclaims"

    def claim(self, name):
        """Makes a claim if there is none."""
        if self.plane.ask("GET", f"{self.claims}/{name}").status == 404:
            self.plane.must("POST", self.claims, objects.claim(name, self.name))

    def remove_claim(self, name):
        """Deletes a claim, and as its controller the finalizer that would keep it."""
        self.plane.delete(f"{self.claims}/{name}")
        answer = self.plane.ask("GET", f"{self.claims}/{name}")
        if answer.status == 200:
            kept = answer.json
            kept["metadata"]["finalizers"] = []
            self.plane.must("PUT", f"{self.claims}/{name}", kept)

    @property
    def leases(self):
        return f"/apis/coordination.k8s.io/v1/namespaces/{self.name}/leases"

    def all_leases(self):
        return self.plane.must("GET", self.leases)["items"]

    def remove_leases(self):
        for lease in self.all_leases():
            self.plane.delete(f"{self.leases}/{lease['metadata']['name']}")

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
