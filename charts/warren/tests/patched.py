"""The StatefulSets of other layouts with the patches of docs/patches."""

import json

import yaml
from chart import CHART

LAYOUTS = sorted(path.stem for path in (CHART / "docs/patches").glob("*.yaml"))


def base(layout):
    return yaml.safe_load((CHART / f"tests/existing/{layout}.yaml").read_text())


def patch(layout):
    """What is merged into the StatefulSet; the cluster operator does it itself, and lets a probe stand in place of its own."""
    document = yaml.safe_load((CHART / f"docs/patches/{layout}.yaml").read_text())
    if layout == "cluster-operator":
        return {"spec": document["spec"]["override"]["statefulSet"]["spec"]}
    return document


def patched(kubectl, layout, tmp_path):
    file = tmp_path / f"{layout}.json"
    file.write_text(json.dumps(base(layout)))
    done = kubectl("patch", "--local", "-f", file, "--type", "strategic", "-p", json.dumps(patch(layout)), "-o", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
