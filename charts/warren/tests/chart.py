"""The chart as helm renders it, and where the programs are."""

import os
import pathlib
import re
import shutil
import subprocess

import yaml

CHART = pathlib.Path(__file__).resolve().parent.parent
ROOT = CHART.parent.parent
KUBE = ROOT / "tests/support/kube/kube"
CASES = sorted(path.stem for path in (CHART / "tests/cases").glob("*.yaml"))
BY_CHANCE = "bWFkZSBieSBjaGFuY2U="  # "made by chance"
cache = pathlib.Path(os.environ.get("WARREN_CACHE") or pathlib.Path.home() / ".cache/warren")
kube_cache = pathlib.Path(os.environ.get("KUBE_CACHE") or cache / "kube")


def program(name):
    """One of those that `kube build` makes, else from PATH, else None."""
    built = kube_cache / "bin" / name
    return str(built) if built.exists() else shutil.which(name)


def run(*command, text=None):
    return subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True)


def helm(*words):
    return run(program("helm"), *words)


def template(*words, case=None, chart=CHART):
    """What `helm install rmq` would send in the namespace `messages`; what is made by chance is told as such."""
    files = ["-f", CHART / f"tests/cases/{case}.yaml"] if case else []
    done = helm("template", "rmq", chart, "--namespace", "messages", "--kube-version", "1.33.0", *files, *words)
    assert done.returncode == 0, done.stderr
    return re.sub(r'(erlang-cookie|password): "[A-Za-z0-9+/=]{40,}"\n', rf'\1: "{BY_CHANCE}"\n', done.stdout)


class Strict(yaml.SafeLoader):
    """Refuses a key that is there twice, as helm and the API server do."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: {keys}"
        return super().construct_mapping(node, deep)


def objects(*words, case=None, chart=CHART):
    """The same as dictionaries, by (kind, name)."""
    return {(each["kind"], each["metadata"]["name"]): each for each in yaml.load_all(template(*words, case=case, chart=chart), Strict) if each}


def only(rendered, kind):
    found, = [each for (its, _), each in rendered.items() if its == kind]
    return found


def pod_of(rendered):
    return only(rendered, "StatefulSet")["spec"]["template"]


def containers(spec):
    return {each["name"]: each for each in [*spec.get("initContainers", []), *spec["containers"]]}
