"""What the templates make of values. UPDATE=1 writes the golden files anew: read the difference before it is committed."""

import json
import os
import re
import shutil

import chart
import pytest
import yaml
from chart import CASES, CHART, ROOT

pytestmark = pytest.mark.usefixtures("helm")
GOLDEN = CHART / "tests/golden"
RESTRICTED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


@pytest.mark.parametrize("case", CASES)
def test_golden(case):
    text = chart.template(case=case)
    # The dashboard is a file of the chart, looked at below.
    text = re.sub(r"(-warren\.json: \|\n)(    .*\n)+", r"\1    ...\n", text)
    path = GOLDEN / f"{case}.yaml"
    if os.environ.get("UPDATE"):
        path.write_text(text)
    assert text == path.read_text(), f"{path.name} differs; UPDATE=1 make charts writes it anew"


def test_there_is_no_golden_file_without_a_case():
    assert sorted(path.stem for path in GOLDEN.glob("*.yaml")) == CASES


def test_lint(helm):
    done = helm("lint", "--strict", CHART)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("case", CASES)
def test_one_object_per_template(case):
    sources = re.findall(r"^# Source: (.*)$", chart.template(case=case), re.M)
    assert len(sources) == len(set(sources))


@pytest.mark.parametrize("case", [case for case in CASES if case != "existing"])
def test_the_token_is_for_warren_alone_and_containers_are_restricted(case):
    pod = chart.pod_of(chart.objects(case=case))["spec"]
    assert pod["automountServiceAccountToken"] is False and pod["securityContext"]["runAsNonRoot"] is True
    for name, each in chart.containers(pod).items():
        if name in ("before", "beside"):
            continue
        assert each["securityContext"] == RESTRICTED, name
        mounts = {mount["name"] for mount in each["volumeMounts"]}
        assert ("api-access" in mounts) == (name == "warren"), name
        # The broker and Warren read what `prepare` has copied.
        assert ("cookie" in mounts) == (name == "prepare"), name


UNTOUCHED = [
    "rabbitmq.replicas=5", "rabbitmq.podDisruptionBudget.enabled=false", "rabbitmq.networkPolicy.enabled=false", "rabbitmq.service.type=NodePort",
    "commonLabels.a=b", "commonAnnotations.a=b", "podMonitor.enabled=true", "prometheusRule.enabled=true", "dashboard.enabled=true",
    "rabbitmq.defaultUser.password=other", "serviceAccount.annotations.a=b", "rabbitmq.persistence.whenDeleted=Delete"]


@pytest.mark.parametrize("value", UNTOUCHED)
def test_what_is_beside_the_pods_restarts_none(value):
    assert chart.pod_of(chart.objects("--set", value)) == chart.pod_of(chart.objects())


@pytest.mark.parametrize("value", ["rabbitmq.extraConfig=heartbeat = 30", "rabbitmq.advancedConfig=[].", "rabbitmq.stream.enabled=true", "rabbitmq.diskFreeLimit=3GB"])
def test_what_the_broker_reads_at_its_start_restarts_the_pods(value):
    assert chart.pod_of(chart.objects("--set", value)) != chart.pod_of(chart.objects())


@pytest.fixture
def later(tmp_path):
    """The chart of a later version, with other permissions and alerts."""
    copy = tmp_path / "warren"
    shutil.copytree(CHART, copy, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    shutil.copytree(CHART / "templates/tests", copy / "templates/tests")

    def change(path, old, new):
        text = (copy / path).read_text()
        assert old in text
        (copy / path).write_text(text.replace(old, new))
    change("Chart.yaml", "\nversion: ", "\nversion: 9")
    change("templates/role.yaml", "verbs: [list, watch]", "verbs: [get, list, watch]")
    change("files/alerts.yaml", "for: 5m", "for: 7m")
    change("files/dashboard.json", "Members running", "Running members")
    return copy, change


def test_a_new_version_of_the_chart_restarts_no_pod_and_changes_no_claim_template(later):
    more = ("--set", "prometheusRule.enabled=true,dashboard.enabled=true")
    before, after = (chart.only(chart.objects(*more, chart=each), "StatefulSet")["spec"] for each in (CHART, later[0]))
    assert before == after


def test_a_new_appversion_restarts_the_pods_for_the_sidecar_s_image_unless_a_tag_is_given(later):
    copy, change = later
    change("Chart.yaml", "appVersion: ", "appVersion: 9")

    def pods(*words):
        return [chart.pod_of(chart.objects(*words, chart=each)) for each in (CHART, copy)]
    before, after = pods()
    sidecar = chart.containers(after["spec"])["warren"]
    assert sidecar["image"].startswith("warren:9")
    sidecar["image"] = chart.containers(before["spec"])["warren"]["image"]
    assert before == after
    before, after = pods("--set", "image.tag=x")
    assert before == after


def test_a_label_or_annotation_that_the_chart_has_too_is_the_chart_s():
    keys = [r"app\.kubernetes\.io/name", r"app\.kubernetes\.io/managed-by"]
    words = [f"{where}.{key}=other" for where in ("commonLabels", "rabbitmq.podLabels", "podMonitor.labels") for key in keys]
    words += [r"commonAnnotations.helm\.sh/resource-policy=other", r"rabbitmq.podAnnotations.checksum/config=other",
              r"rabbitmq.podAnnotations.kubectl\.kubernetes\.io/default-container=warren", "podMonitor.enabled=true"]
    # No key is twice, else this fails.
    rendered = chart.objects("--set", ",".join(words))
    for each in rendered.values():
        assert each["metadata"]["labels"]["app.kubernetes.io/name"] == "warren"
        assert each["kind"] == "Pod" or each["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "Helm"
        assert each["kind"] != "Secret" or each["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    pod = chart.pod_of(rendered)["metadata"]
    assert pod["labels"]["app.kubernetes.io/name"] == "warren" and pod["annotations"]["checksum/config"] != "other"
    assert pod["annotations"]["kubectl.kubernetes.io/default-container"] == "warren"


def test_names_that_look_like_something_else_stay_names():
    given = {"fullnameOverride": "null", "rabbitmq.erlangCookie.existingSecret": "1", "rabbitmq.erlangCookie.key": "2", "rabbitmq.defaultUser.existingSecret": "3",
             "rabbitmq.tls.existingSecret": "4", "rabbitmq.definitions.existingSecret": "5", "serviceAccount.name": "6", "rabbitmq.priorityClassName": "7",
             "rabbitmq.persistence.size": "8"}
    rendered = chart.objects("--set-string", ",".join(f"{key}={value}" for key, value in given.items()))
    pod = chart.pod_of(rendered)["spec"]
    secrets = {volume["name"]: volume["secret"] for volume in pod["volumes"] if "secret" in volume}
    found = [secrets["cookie"]["secretName"], secrets["cookie"]["items"][0]["key"], secrets["tls"]["secretName"], secrets["definitions"]["secretName"],
             pod["serviceAccountName"], pod["priorityClassName"], chart.only(rendered, "RoleBinding")["subjects"][0]["name"]]
    assert found == ["1", "2", "4", "5", "6", "7", "6"]
    users = [each["valueFrom"]["secretKeyRef"]["name"] for each in chart.containers(pod)["rabbitmq"]["env"] if "secretKeyRef" in each.get("valueFrom", {})]
    assert users == ["3", "3"] and chart.only(rendered, "StatefulSet")["metadata"]["name"] == chart.only(rendered, "Role")["metadata"]["name"] == "null"


def test_a_release_and_a_namespace_of_digits_stay_names():
    done = chart.helm("template", "1", CHART, "--namespace", "2", "--set", "fullnameOverride=rmq", "--set-string", "nameOverride=3")
    rendered = [each for each in yaml.safe_load_all(done.stdout) if each]
    labels = [each["metadata"]["labels"] for each in rendered]
    stateful_set, = [each["spec"] for each in rendered if each["kind"] == "StatefulSet"]
    binding, = [each for each in rendered if each["kind"] == "RoleBinding"]
    for each in [*labels, stateful_set["selector"]["matchLabels"], stateful_set["template"]["metadata"]["labels"]]:
        assert each["app.kubernetes.io/instance"] == "1" and each["app.kubernetes.io/name"] == "3"
    assert binding["subjects"][0]["namespace"] == "2"


def test_the_key_of_one_s_own_secret_makes_no_other_cookie():
    secret = chart.objects("--set", "rabbitmq.erlangCookie.key=other")[("Secret", "rmq-warren-erlang-cookie")]
    assert list(secret["data"]) == ["erlang-cookie"]
    assert chart.pod_of(chart.objects("--set", "rabbitmq.erlangCookie.key=other")) == chart.pod_of(chart.objects())


def test_secrets_that_are_made_cannot_change():
    made = [each for (kind, _), each in chart.objects().items() if kind == "Secret"]
    assert len(made) == 2 and all(each["immutable"] is True for each in made)


def test_brokers_may_use_all_ports_of_each_other():
    rendered = chart.objects()
    brokers = chart.only(rendered, "StatefulSet")["spec"]["selector"]["matchLabels"]
    assert chart.only(rendered, "NetworkPolicy")["spec"]["ingress"][0] == {"from": [{"podSelector": {"matchLabels": brokers}}]}


def test_metrics_are_not_for_the_world():
    def ports(kind):
        service = chart.objects("--set", f"rabbitmq.service.type={kind},rabbitmq.tls.existingSecret=x")[("Service", "rmq-warren-client")]
        return {each["name"] for each in service["spec"]["ports"]}
    assert ports("ClusterIP") - ports("LoadBalancer") == {"prometheus", "prometheus-tls"} and "amqp" in ports("LoadBalancer")


def test_the_management_pages_have_numbers_whatever_the_image_says():
    def conf(*words):
        return chart.only(chart.objects(*words), "ConfigMap")["data"]["rabbitmq.conf"]
    assert "management_agent.disable_metrics_collector = false" in conf()
    # Without the plugin nothing asks for them.
    assert "management_agent" not in conf("--set", "rabbitmq.plugins={rabbitmq_prometheus}")


def test_readiness_goes_with_the_policy():
    def level(*words):
        sidecar = chart.containers(chart.pod_of(chart.objects(*words))["spec"])["warren"]
        return next(each["value"] for each in sidecar["env"] if each["name"] == "WARREN_READINESS_LEVEL")
    assert level() == "running"
    assert level("--set", "rabbitmq.podManagementPolicy=OrderedReady") == "ping"
    # Else a rolling restart takes the next disk away before the last member is back.
    assert level("--set", "rabbitmq.podManagementPolicy=OrderedReady,rabbitmq.persistence.enabled=false") == "running"
    assert level("--set", "warren.readinessLevel=serving") == "serving"


def test_the_role_names_what_can_be_named_and_orders_nothing_else():
    rules = chart.only(chart.objects(), "Role")["rules"]
    unnamed = {(resource, verb) for rule in rules if "resourceNames" not in rule for resource in rule["resources"] for verb in rule["verbs"]}
    assert unnamed == {("endpointslices", "list"), ("endpointslices", "watch"), ("events", "create"), ("events", "patch"), ("leases", "create"),
                       ("persistentvolumeclaims", "get")}
    text = (CHART / "templates/role.yaml").read_text()
    assert text.count("  - apiGroups:") == len(re.findall(r"  # .*\n *- apiGroups:", text)), "each rule says why"


def test_a_long_release_name_fits():
    done = chart.helm("template", "r" * 53, CHART)
    names = {each["metadata"]["name"] for each in yaml.safe_load_all(done.stdout) if each}
    # A label of each pod has the StatefulSet's name and 11 characters more; Services have 63.
    assert max(map(len, names)) <= 63 and min(map(len, names)) <= 52


def test_versions_are_the_program_s():
    version = re.search(r"project\(\s*warren\s+VERSION\s+([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(), re.I)[1]
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == version


def known_metrics():
    readme = (ROOT / "README.md").read_text()
    own = re.findall(r"^\| `([a-z_]+)` \| (?:gauge|counter)", readme, re.M)
    return {*own, *(CHART / "tests/rabbitmq_metrics.txt").read_text().split()}


def metrics_in(expression):
    return set(re.findall(r"\b((?:warren|rabbitmq|process)_[a-z_]+)\b(?=[{\[ )]|$)", re.sub(r'"[^"]*"', '""', expression)))


def test_alerts_and_dashboard_ask_for_metrics_that_there_are():
    alerts = [alert["expr"] for alert in yaml.safe_load((CHART / "files/alerts.yaml").read_text())]
    panels = [target["expr"] for panel in json.loads((CHART / "files/dashboard.json").read_text())["panels"] for target in panel.get("targets", [])]
    assert len(alerts) > 10 and len(panels) > 20
    for expression in [*alerts, *panels]:
        assert metrics_in(expression), expression
        assert metrics_in(expression) <= known_metrics(), expression


def test_dashboard_has_no_panel_twice_and_none_over_another():
    panels = json.loads((CHART / "files/dashboard.json").read_text())["panels"]
    taken = [(x, y) for panel in panels for at in [panel["gridPos"]] for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]
    assert len(taken) == len(set(taken)) and len({panel["id"] for panel in panels}) == len(panels)


def test_notes_have_two_commands(helm):
    done = helm("install", "rmq", CHART, "--dry-run=client", "-n", "messages")
    notes = done.stdout.split("NOTES:\n")[1]
    assert [line.split()[0] for line in notes.splitlines() if line.startswith("   ")] == ["kubectl", "kubectl"], notes
    # That user is not made where definitions are imported.
    done = helm("install", "rmq", CHART, "--dry-run=client", "-n", "messages", "--set", "rabbitmq.definitions.existingSecret=mine")
    notes = done.stdout.split("NOTES:\n")[1]
    assert "default-user" not in notes and "Secret mine" in notes
