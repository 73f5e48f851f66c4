"""A real API server takes every object of every golden case, and admits the pods where Pod Security is `restricted`."""

import json

import chart
import patched
import pytest
import yaml
from chart import CASES

# What the Prometheus operator brings: no more of it than that there is such a kind.
CRDS = [("podmonitors", "PodMonitor"), ("prometheusrules", "PrometheusRule")]


def crd(plural, kind):
    group, schema = "monitoring.coreos.com", {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "scope": "Namespaced", "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
                     "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}]}}


def named(kind, name, **more):
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **more}}


@pytest.fixture(scope="module")
def apply(server):
    """`kubectl apply` in a namespace that is restricted; what it completed, or an error with what it said."""
    def send(document, *words):
        done = server("-n", "messages", "apply", "-o", "json", *words, "-f", "-", text=json.dumps(document))
        assert done.returncode == 0 and "Warning" not in done.stderr, f"{yaml.safe_dump(document)}\n{done.stderr}"
        return json.loads(done.stdout)
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
    send(named("Namespace", "messages", labels=labels))
    for each in CRDS:
        send(crd(*each))
    server("wait", "--for=condition=established", "--timeout=30s", *(f"crd/{plural}.monitoring.coreos.com" for plural, _ in CRDS))
    for account in ("default", "rmq-warren", "rmq-broker", "brokers", "rabbitmq", "rmq-rabbitmq", "rmq-server"):
        send(named("ServiceAccount", account))
    return send


def dry(apply, document):
    return apply(document, "--dry-run=server", "--validate=strict")


def pod_of(stateful_set):
    """The pod that the StatefulSet's controller would make."""
    template = json.loads(json.dumps(stateful_set["spec"]["template"]))
    for claim in stateful_set["spec"].get("volumeClaimTemplates", []):
        volume = claim["metadata"]["name"]
        template["spec"]["volumes"].append({"name": volume, "persistentVolumeClaim": {"claimName": f"{volume}-x-0"}})
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x-0", "labels": template["metadata"]["labels"]}, "spec": template["spec"]}


@pytest.mark.parametrize("case", CASES)
def test_every_object_is_taken(apply, case):
    for (kind, _), each in chart.objects(case=case).items():
        completed = dry(apply, each)
        if kind == "StatefulSet":
            dry(apply, pod_of(completed))


@pytest.mark.parametrize("layout", patched.LAYOUTS)
def test_patched_pods_are_admitted(apply, kubectl, layout, tmp_path):
    completed = dry(apply, patched.patched(kubectl, layout, tmp_path))
    dry(apply, pod_of(completed))


def test_a_pod_that_is_not_restricted_is_refused(apply):
    pod = pod_of(chart.only(chart.objects(), "StatefulSet"))
    pod["spec"]["containers"][0]["securityContext"].pop("capabilities")
    with pytest.raises(AssertionError, match="restricted"):
        dry(apply, pod)


@pytest.fixture
def installed(server, helm):
    """`helm VERB rmq ...` on the API server, in a namespace of its own, and what the Secrets of the release hold then."""
    def run(verb, *words):
        done = helm("--kubeconfig", server.kubeconfig, "-n", "installed", verb, "rmq", *words)
        assert done.returncode == 0, done.stderr
        made = json.loads(server("-n", "installed", "get", "secrets", "-o", "json").stdout)["items"]
        return {each["metadata"]["name"]: each["data"] for each in made if each["type"] == "Opaque"}
    return run


def test_secrets_are_the_same_through_upgrades_and_a_new_installation(installed):
    made = installed("install", chart.CHART, "--create-namespace", "--set", "rabbitmq.defaultUser.password=first")
    assert {name: sorted(data) for name, data in made.items()} == {"rmq-warren-erlang-cookie": ["erlang-cookie"], "rmq-warren-default-user": ["password", "username"]}
    assert installed("upgrade", chart.CHART) == made
    others = ("--set", "rabbitmq.erlangCookie.key=other,rabbitmq.defaultUser.username=other,rabbitmq.defaultUser.password=other,commonLabels.a=b")
    assert installed("upgrade", chart.CHART, *others) == made
    assert installed("uninstall") == made
    assert installed("install", chart.CHART) == made
    assert installed("uninstall") == made


def test_secrets_that_were_rendered_anew_are_refused(apply, server):
    def secrets():
        rendered = yaml.safe_load_all(chart.helm("template", "rmq", chart.CHART).stdout)
        return [each for each in rendered if each and each["kind"] == "Secret"]
    for each in secrets():
        apply(each)
    for each in secrets():
        done = server("-n", "messages", "apply", "-f", "-", text=json.dumps(each))
        assert done.returncode != 0 and "immutable" in done.stderr
        server("-n", "messages", "delete", "secret", each["metadata"]["name"])


@pytest.mark.parametrize("change", ["rabbitmq.replicas=5", "rabbitmq.extraConfig=heartbeat = 30", "rabbitmq.stream.enabled=true", "image.tag=other",
                                    "rabbitmq.persistence.whenScaled=Delete"])
def test_an_upgrade_changes_nothing_that_cannot_change(apply, server, change):
    first = chart.only(chart.objects(), "StatefulSet")
    apply(first)
    dry(apply, chart.only(chart.objects("--set", change), "StatefulSet"))
    server("-n", "messages", "delete", "statefulset", first["metadata"]["name"])
