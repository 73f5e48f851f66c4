"""The patches of docs/patches put Warren into StatefulSets of the layouts that they are for, and change nothing that cannot change."""

import re

import chart
import pytest
import yaml
from chart import CHART, ROOT, containers
from patched import LAYOUTS, base, patched


@pytest.fixture(params=LAYOUTS)
def layout(request):
    return request.param


@pytest.fixture
def spec(kubectl, layout, tmp_path):
    return patched(kubectl, layout, tmp_path)["spec"]


def broker_of(spec):
    return spec["template"]["spec"]["containers"][0]


def variables(container):
    """As kubelet would set them, with names for the fields."""
    values = {}
    for each in container["env"]:
        value = each["value"] if "value" in each else each["valueFrom"].get("fieldRef", {}).get("fieldPath", "secret")
        values[each["name"]] = re.sub(r"\$\((\w+)\)", lambda name: values[name[1]], value)
    return values


def test_only_the_pods_differ(layout, spec):
    before = base(layout)["spec"]
    assert {key: value for key, value in spec.items() if key != "template"} == {key: value for key, value in before.items() if key != "template"}
    assert len(spec["template"]["spec"]["containers"]) == 1 and broker_of(spec)["image"] == broker_of(before)["image"]
    assert spec["template"]["metadata"] | {"creationTimestamp": None} == before["template"]["metadata"] | {"creationTimestamp": None}


def test_the_sidecar_comes_after_what_it_needs_and_goes_on(spec):
    names = list(containers(spec["template"]["spec"]))
    sidecar = containers(spec["template"]["spec"])["warren"]
    writes = [name for name, each in containers(spec["template"]["spec"]).items() if "broker-version" in " ".join(each.get("command", []))]
    assert sidecar["restartPolicy"] == "Always" and len(writes) == 1 and names.index(writes[0]) < names.index("warren")


def test_probes_are_warren_s_alone(layout, spec):
    broker = broker_of(spec)
    kinds = {"httpGet", "exec", "tcpSocket", "grpc"}
    for probe, path in (("startupProbe", "/readyz/ping"), ("readinessProbe", "/readyz"), ("livenessProbe", "/livez")):
        assert [broker[probe][kind]["path"] for kind in kinds & set(broker[probe])] == [path]
        assert broker[probe].get("initialDelaySeconds", 0) == 0 and broker[probe].get("timeoutSeconds", 1) == 1


def of_readme():
    page = (ROOT / "README.md").read_text().split("## Beside an existing StatefulSet")[1].split("```yaml\n")[1].split("```")[0]
    found, = [each for each in yaml.safe_load_all(page) if each["kind"] == "StatefulSet"]
    return found["spec"]["template"]["spec"]


def safe(pod, container):
    """What counts for a container of its own and of the pod's security context."""
    both = {**pod.get("securityContext", {}), **container["securityContext"]}
    return {key: both.get(key) for key in ("runAsNonRoot", "seccompProfile", "readOnlyRootFilesystem", "allowPrivilegeEscalation", "capabilities", "privileged")}


def essence(pod):
    """What is the same wherever Warren runs."""
    sidecar = containers(pod)["warren"]
    broker = pod["containers"][0]
    fields = {key: sidecar[key] for key in ("args", "restartPolicy", "ports", "startupProbe", "livenessProbe", "resources")}
    probes = {key: {**broker[key], "$patch": None} for key in ("startupProbe", "readinessProbe", "livenessProbe")}
    return {**fields, "safe": safe(pod, sidecar), "probes": probes}


@pytest.fixture(scope="module")
def of_chart(helm):
    return essence(chart.pod_of(chart.objects())["spec"])


def test_readme_s_sidecar_is_the_chart_s(of_chart):
    assert essence(of_readme()) == of_chart


def test_the_patch_s_sidecar_is_the_chart_s(layout, spec, of_chart):
    assert essence(spec["template"]["spec"]) == of_chart


def test_both_have_the_same_node_name(spec):
    sidecar, broker = variables(containers(spec["template"]["spec"])["warren"]), variables(broker_of(spec))
    assert sidecar["RABBITMQ_NODENAME"] == broker.get("RABBITMQ_NODENAME", broker.get("RABBITMQ_NODE_NAME"))
    assert sidecar["RABBITMQ_NODENAME"] == "rabbit@metadata.name" + sidecar["K8S_HOSTNAME_SUFFIX"] == "rabbit@metadata.name" + broker["K8S_HOSTNAME_SUFFIX"]
    assert sidecar["K8S_SERVICE_NAME"] == broker["K8S_SERVICE_NAME"] == spec["serviceName"]


def test_both_see_the_same_conf_d_and_data(spec):
    def source(container, path):
        mounts = [mount for mount in container["volumeMounts"] if (path + "/").startswith(mount["mountPath"].rstrip("/") + "/")]
        nearest = max(mounts, key=lambda mount: len(mount["mountPath"].rstrip("/")))
        return nearest["name"], path[len(nearest["mountPath"].rstrip("/")):]
    sidecar, broker = containers(spec["template"]["spec"])["warren"], broker_of(spec)
    settings = variables(sidecar)
    conf = settings.get("WARREN_CONF_DIR", "/etc/rabbitmq/conf.d")
    data = settings.get("WARREN_DATA_DIR", "/var/lib/rabbitmq/mnesia")
    assert source(sidecar, conf) == source(broker, conf)
    assert source(sidecar, data) == source(broker, data)
    assert variables(broker).get("RABBITMQ_MNESIA_DIR", data).startswith(data)


def test_every_mount_has_a_volume(spec):
    pod = spec["template"]["spec"]
    volumes = {each["name"] for each in pod["volumes"]} | {each["metadata"]["name"] for each in spec.get("volumeClaimTemplates", [])}
    for name, each in containers(pod).items():
        assert {mount["name"] for mount in each["volumeMounts"]} <= volumes, name
        assert len({mount["mountPath"] for mount in each["volumeMounts"]}) == len(each["volumeMounts"]), name


def test_the_sidecar_has_no_cookie_that_changes_while_the_broker_runs(spec):
    pod = spec["template"]["spec"]
    secrets = {volume["name"] for volume in pod["volumes"] if "secret" in volume}
    assert not secrets & {mount["name"] for mount in containers(pod)["warren"]["volumeMounts"]}


def test_the_sidecar_s_variables_are_settings(spec):
    readme = (ROOT / "README.md").read_text()
    for name in variables(containers(spec["template"]["spec"])["warren"]):
        assert f"`{name}`" in readme, name


def test_each_patch_is_explained():
    page = (CHART / "docs/existing.md").read_text()
    assert all(f"patches/{layout}.yaml" in page for layout in LAYOUTS)
