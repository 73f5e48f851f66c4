"""Prometheus takes the alerts, each of them fires on what tests/alerts.yaml shows it, and none on a cluster that is well."""

import shutil

import chart
import pytest
import yaml
from chart import CHART
from conftest import skip

CASES = yaml.safe_load((CHART / "tests/alerts.yaml").read_text())
WELL = CASES.pop("well")


@pytest.fixture(scope="module")
def promtool(helm, tmp_path_factory):
    """promtool in a folder with the rules as the chart makes them; further files by name."""
    program = shutil.which("promtool") or chart.cache / "bin/promtool"
    if not shutil.which(program):
        skip("charts: alerts", "there is no promtool")
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules()))

    def run(*words, **files):
        for name, content in files.items():
            (folder / name).write_text(yaml.safe_dump(content))
        return chart.run(program, *words, *(folder / name for name in files or ["rules.yaml"]))
    return run


def rules():
    return chart.only(chart.objects(case="monitoring"), "PrometheusRule")["spec"]


def series(lines):
    """What promtool reads of `METRIC LABELS: VALUE` of pod rmq-warren-0, or of that which the labels name."""
    for line, values in lines.items():
        name, _, labels = line.partition(" ")
        labels = ",".join(filter(None, [labels, *(() if "pod=" in labels else ('pod="rmq-warren-0"',))]))
        yield {"series": f'{name}{{namespace="messages",{labels}}}', "values": values if isinstance(values, str) else f"{values}x40"}


def fires(lines, *alerts):
    """A test that exactly these fire after half an hour."""
    expected = [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in sorted(alerts)]
    asked = {"expr": 'sort(count by (alertname) (ALERTS{alertstate="firing"}))', "eval_time": "30m", "exp_samples": expected}
    return {"interval": "1m", "input_series": list(series(lines)), "promql_expr_test": [asked]}


def test_prometheus_takes_them(promtool):
    done = promtool("check", "rules")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all("PODS" not in each["expr"] for each in rules()["groups"][0]["rules"])


def test_each_has_a_case():
    assert sorted(CASES) == sorted(each["alert"] for each in rules()["groups"][0]["rules"])


@pytest.mark.parametrize("alert", [*CASES, None])
def test_it_fires_alone(promtool, alert):
    lines = {**WELL, **CASES.get(alert, {})}
    lines = {line: values for line, values in lines.items() if values is not None}
    done = promtool("test", "rules", test={"rule_files": ["rules.yaml"], "tests": [fires(lines, *([alert] if alert else []))]})
    assert done.returncode == 0, done.stdout + done.stderr


def test_labels_name_the_cluster_and_may_say_another_severity():
    def labels(*words):
        return [each["labels"] for each in chart.only(chart.objects(*words, case="monitoring"), "PrometheusRule")["spec"]["groups"][0]["rules"]]
    assert all(each["statefulset"] == "rmq-warren" and each["team"] == "messages" for each in labels())
    assert {each["severity"] for each in labels()} == {"critical", "warning"}
    assert {each["severity"] for each in labels("--set", "prometheusRule.alertLabels.severity=page")} == {"page"}
