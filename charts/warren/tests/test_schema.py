"""Wrong values are refused, and the message names them."""

import json

import chart
import pytest
import yaml

REFUSED = [
    ("rabbitmq.replica=3", "replica"),
    ("imag.tag=x", "imag"),
    ("rabbitmq.replicas=-1", "/rabbitmq/replicas"),
    ("rabbitmq.replicas=100", "/rabbitmq/replicas"),
    ("rabbitmq.replicas=three", "/rabbitmq/replicas"),
    ("rabbitmq.uid=0", "/rabbitmq/uid"),
    ("rabbitmq.podManagementPolicy=parallel", "/rabbitmq/podManagementPolicy"),
    ("rabbitmq.plugins={Rabbit Management}", "/rabbitmq/plugins/0"),
    ("rabbitmq.memoryHighWatermark=1.5", "/rabbitmq/memoryHighWatermark"),
    ("rabbitmq.diskFreeLimit=much", "/rabbitmq/diskFreeLimit"),
    ("rabbitmq.partitionHandling=heal", "/rabbitmq/partitionHandling"),
    ("rabbitmq.persistence.size=8GB", "/rabbitmq/persistence/size"),
    ("rabbitmq.persistence.size=...", "/rabbitmq/persistence/size"),
    ("rabbitmq.persistence.accessModes=[]", "/rabbitmq/persistence/accessModes"),
    ("rabbitmq.persistence.whenDeleted=Recycle", "/rabbitmq/persistence/whenDeleted"),
    ("rabbitmq.persistence.whenScaled=Delete,rabbitmq.replicas=0", "rabbitmq.replicas=0"),
    ("rabbitmq.image.digest=sha256:1", "/rabbitmq/image/digest"),
    ("rabbitmq.service.extraSpec.selector.a=b", "/rabbitmq/service/extraSpec"),
    ("rabbitmq.networkPolicy.apiServerPorts=[]", "/rabbitmq/networkPolicy/apiServerPorts"),
    ("serviceAccount.create=false", "serviceAccount.name"),
    ("fullnameOverride=1rmq", "/fullnameOverride"),
    ("fullnameOverride=rmq.messages", "/fullnameOverride"),
    ("nameOverride=rmq.messages", "cannot be the name of a Service"),
    ("rabbitmq.tls.only=true", "/rabbitmq/tls/existingSecret"),
    ("rabbitmq.tls.verifyClients=true", "/rabbitmq/tls/existingSecret"),
    ("rabbitmq.service.type=ExternalName", "/rabbitmq/service/type"),
    ("rabbitmq.antiAffinity=strong", "/rabbitmq/antiAffinity"),
    ("rabbitmq.topologySpreadConstraints[0].labelSelector.a=b", "/rabbitmq/topologySpreadConstraints/0"),
    ("rabbitmq.extraEnv[0].value=x", "/rabbitmq/extraEnv/0"),
    ("rabbitmq.erlangCookie.existingSecret=Not A Name", "/rabbitmq/erlangCookie/existingSecret"),
    ("rabbitmq.podDisruptionBudget.maxUnavailable=some", "/rabbitmq/podDisruptionBudget/maxUnavailable"),
    ("rabbitmq.enabled=false", "/existing/statefulSet"),
    ("warren.readinessLevel=ready", "/warren/readinessLevel"),
    ("warren.livenessAlarms=ignore", "/warren/livenessAlarms"),
    ("warren.livenessAlarmHold=5", "/warren/livenessAlarmHold"),
    ("warren.foundWhen=some", "/warren/foundWhen"),
    ("image.pullPolicy=Sometimes", "/image/pullPolicy"),
    ("clusterDomain=Cluster.local.", "/clusterDomain"),
    ("commonLabels.a=1", "/commonLabels/a"),
    ("podMonitor.interval=often", "/podMonitor/interval"),
]


@pytest.mark.parametrize("value, named", REFUSED)
def test_refused(helm, value, named):
    done = helm("template", "rmq", chart.CHART, *(("--set-json", value) if value.endswith("[]") else ("--set", value)))
    assert done.returncode != 0 and named in done.stderr, done.stderr


def test_a_release_whose_name_no_service_can_have_is_refused(helm):
    done = helm("template", "1rmq", chart.CHART)
    assert done.returncode != 0 and "fullnameOverride" in done.stderr
    assert helm("template", "1rmq", chart.CHART, "--set", "fullnameOverride=rmq").returncode == 0


@pytest.mark.parametrize("value", ["rabbitmq.memoryHighWatermark=0.5", "rabbitmq.image.tag=4.3", "rabbitmq.replicas=0", "rabbitmq.podDisruptionBudget.maxUnavailable=50%",
                                   "rabbitmq.persistence.storageClass=-", "rabbitmq.persistence.size=1.5Gi",
                                   "rabbitmq.replicas=0,rabbitmq.persistence.whenScaled=Delete,rabbitmq.persistence.enabled=false",
                                   f"image.digest=sha256:{'0' * 64}", "warren.livenessAlarmHold=500ms", "global.x=y"])
def test_taken(helm, value):
    done = helm("template", "rmq", chart.CHART, "--set", value)
    assert done.returncode == 0, done.stderr


def test_no_pod_monitor_without_labels_to_find_pods_by(helm):
    done = helm("template", "rmq", chart.CHART, "--set", "rabbitmq.enabled=false,existing.statefulSet=a,existing.service=b,existing.serviceAccount=c,podMonitor.enabled=true")
    assert done.returncode != 0 and "existing.podLabels" in done.stderr


def test_the_schema_knows_every_value_and_no_other():
    schema = json.loads((chart.CHART / "values.schema.json").read_text())

    def properties(node):
        return schema["definitions"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node

    def compare(values, node, path):
        known = properties(node).get("properties")
        if known is None or not isinstance(values, dict):
            return
        assert set(values) <= set(known), path
        # What has no default of its own: kubelet's fields.
        assert path.endswith("resources") or path.endswith("updateStrategy") or set(known) - {"global"} <= set(values), path
        for key, value in values.items():
            compare(value, known[key], f"{path}.{key}")
    compare(yaml.safe_load((chart.CHART / "values.yaml").read_text()), schema, "")


def test_every_object_with_known_fields_is_closed():
    def opened(node, path):
        if isinstance(node, dict):
            if "properties" in node and node.get("additionalProperties") is not False:
                yield path
            for key, each in node.items():
                if key not in ("if", "then"):  # conditions, not what an object has
                    yield from opened(each, f"{path}/{key}")
    assert list(opened(json.loads((chart.CHART / "values.schema.json").read_text()), "")) == []
