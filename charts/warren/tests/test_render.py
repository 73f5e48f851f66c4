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
    return copy


def test_a_new_version_of_the_chart_restarts_no_pod_and_changes_no_claim_template(later):
    more = ("--set", "prometheusRule.enabled=true,dashboard.enabled=true")
    before, after = (chart.only(chart.objects(*more, chart=each), "StatefulSet")["spec"] for each in (CHART, later))
    assert before == after
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
