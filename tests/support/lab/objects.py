"""Kubernetes objects as the tests need them, as plain dictionaries."""

from . import readme

# README's Role.
FULL = readme.rules()
# What the peer discovery plugin of RabbitMQ has always asked for, and no more.
CLASSIC = [
    {"apiGroups": [""], "resources": ["endpoints"], "verbs": ["get"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]},
]

# What the gate needs besides: its lock and the cluster's record, and whether a node without a pod holds data.
GATE = [
    {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]},
    {"apiGroups": [""], "resources": ["persistentvolumeclaims"], "verbs": ["get"]},
]


def meta(name, namespace, **more):
    return {"name": name, "namespace": namespace, **more}


def pod(name, namespace, account):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta(name, namespace),
            "spec": {"serviceAccountName": account, "automountServiceAccountToken": False, "nodeName": "none",
                     "containers": [{"name": "rabbitmq", "image": "none"}]}}


def role(name, namespace, rules):
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta(name, namespace), "rules": rules}


def role_binding(name, namespace, account):
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta(name, namespace),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}]}


def endpoint(pod_name, namespace, uid, address, ready=True, serving=True, terminating=False):
    return {"addresses": [address], "hostname": pod_name,
            "conditions": {"ready": ready, "serving": serving, "terminating": terminating},
            "targetRef": {"kind": "Pod", "name": pod_name, "namespace": namespace, "uid": uid}}


def slice_(name, namespace, service, endpoints, address_type="IPv4"):
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": address_type,
            "metadata": meta(name, namespace, labels={"kubernetes.io/service-name": service}),
            "endpoints": endpoints, "ports": [{"name": "amqp", "port": 5672, "protocol": "TCP"}]}


def endpoints_object(service, namespace, ready, not_ready=()):
    """`ready` and `not_ready`: (pod name, uid, address) each."""
    def address(name, uid, value):
        return {"ip": value, "hostname": name, "targetRef": {"kind": "Pod", "name": name, "namespace": namespace, "uid": uid}}
    subset = {"ports": [{"name": "amqp", "port": 5672, "protocol": "TCP"}]}
    if ready:
        subset["addresses"] = [address(*each) for each in ready]
    if not_ready:
        subset["notReadyAddresses"] = [address(*each) for each in not_ready]
    return {"apiVersion": "v1", "kind": "Endpoints", "metadata": meta(service, namespace),
            "subsets": [subset] if ready or not_ready else []}


def stateful_set(name, namespace, replicas, policy, service):
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "rabbitmq", "image": "none"}]}}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": meta(name, namespace),
            "spec": {"replicas": replicas, "serviceName": service, "podManagementPolicy": policy,
                     "selector": {"matchLabels": labels}, "template": template,
                     "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": CLAIM}]}}


CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


def claim(name, namespace):
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta(name, namespace), "spec": CLAIM}
