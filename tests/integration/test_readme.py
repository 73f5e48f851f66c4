"""README's StatefulSet is what a user applies: the API server takes it, and the sidecar runs with exactly what it is given there."""

import json
import re
import shutil
import signal
import subprocess

import pytest

from lab import processes, readme, wait_until
from lab.agent import PORT, ROOT
from lab.http import request


def kubectl(namespace, *words, document=None):
    plane = namespace.plane
    return subprocess.run([plane.kube_programs / "kubectl", "--kubeconfig", plane.dir / "kubeconfig", "-n", namespace.name, *words],
                          input=document, capture_output=True, text=True)


@pytest.fixture
def restricted(plane, namespace):
    """A namespace that admits nothing but what Pod Security's level restricted allows."""
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
    path = f"/api/v1/namespaces/{namespace.name}"
    plane.must("PUT", path, plane.must("GET", path) | {"metadata": {"name": namespace.name, "labels": labels}})
    return namespace


@pytest.fixture
def documents(restricted):
    """README's objects, by kind, as the API server completes them; it refuses unknown fields and says what it thinks of the rest."""
    found = {}
    for document in readme.yaml().split("---\n"):
        done = kubectl(restricted, "apply", "--dry-run=server", "--validate=strict", "-o", "json", "-f", "-", document=document)
        assert done.returncode == 0 and "Warning" not in done.stderr, f"{document}\n{done.stderr}"
        answer = json.loads(done.stdout)
        found[answer["kind"]] = answer
    return found


def pod_of(stateful_set, name):
    """The pod that the StatefulSet's controller would make."""
    spec = stateful_set["spec"]
    template = spec["template"]
    for claim in spec["volumeClaimTemplates"]:
        volume = claim["metadata"]["name"]
        template["spec"]["volumes"].append({"name": volume, "persistentVolumeClaim": {"claimName": f"{volume}-{name}"}})
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": template["metadata"]["labels"]}, "spec": template["spec"]}


def environment(container, fields):
    """The variables of a container, as kubelet would set them; `fields` has the pod's."""
    values = {}
    for each in container["env"]:
        value = each["value"] if "value" in each else fields[each["valueFrom"]["fieldRef"]["fieldPath"]]
        values[each["name"]] = re.sub(r"\$\((\w+)\)", lambda name: values[name[1]], value)
    return values


def containers(spec):
    return {each["name"]: each for each in [*spec["initContainers"], *spec["containers"]]}


def test_the_api_server_takes_every_document(documents):
    assert set(documents) == {"Service", "ServiceAccount", "Role", "RoleBinding", "StatefulSet"}
    assert documents["Role"]["rules"] == readme.rules()


def test_its_pods_are_admitted_where_pod_security_is_restricted(documents, restricted):
    namespace = restricted
    namespace.plane.must("POST", f"{namespace.core}/serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "rmq"}})
    path, pod = f"{namespace.core}/pods?dryRun=All", pod_of(documents["StatefulSet"], "rmq-0")
    admitted = namespace.plane.must("POST", path, pod)["spec"]
    mounts = {name: [mount["mountPath"] for mount in each["volumeMounts"]] for name, each in containers(admitted).items()}
    holders = [name for name, paths in mounts.items() if "/var/run/secrets/kubernetes.io/serviceaccount" in paths]
    assert holders == ["warren"], "the token is for Warren alone"
    pod["spec"]["containers"][0]["securityContext"].pop("capabilities")
    refused = namespace.plane.ask("POST", path, pod)
    assert refused.status == 403 and "restricted" in refused.text


def test_its_variables_are_settings(documents):
    names = set(environment(containers(documents["StatefulSet"]["spec"]["template"]["spec"])["warren"],
                            {"metadata.name": "", "metadata.namespace": "", "metadata.uid": "", "status.podIP": ""}))
    assert {"POD_UID", "WARREN_PEERS_FILE", "K8S_HOSTNAME_SUFFIX"} <= names <= readme.settings()


# The pod's network and process ids of its own; the root has the binary and what every container has, and is read-only.
CONTAINER = """
set -e
mount --bind {root} {root}
mount -t proc proc {root}/proc
mount --bind {hosts} {root}/etc/hosts
{mounts}
mount -o remount,bind,ro {root}
exec env -i "$@"
"""


@pytest.fixture
def container(documents, tmp_path):
    """Runs the sidecar as README's pod would, in a folder with nothing but the binary; `volumes` are folders by name."""
    spec = documents["StatefulSet"]["spec"]["template"]["spec"]
    warren, user = containers(spec)["warren"], spec["securityContext"]["runAsUser"]
    root, started = tmp_path / "root", []

    def run(broker, volumes, fields, **more):
        for folder in ("etc", "proc", *(mount["mountPath"].strip("/") for mount in warren["volumeMounts"])):
            (root / folder).mkdir(parents=True, exist_ok=True)
        (root / "etc/hosts").touch()
        shutil.copy(ROOT / "build/warren", root / "warren")
        mounts = "\n".join(f"mount --bind {volumes[mount['name']]} {root}{mount['mountPath']}" for mount in warren["volumeMounts"])
        script = CONTAINER.format(root=root, hosts=broker.dir / "hosts", mounts=mounts)
        command = ["nsenter", "--target", str(broker.first), "--net", "--uts", "unshare", "--mount", "--pid", "--fork", "--kill-child=KILL",
                   "bash", "-c", script, "container", *(f"{name}={value}" for name, value in (environment(warren, fields) | more).items()),
                   "/usr/sbin/chroot", f"--userspec={user}:{spec['securityContext']['fsGroup']}", root, "/warren", *warren["args"]]
        with open(tmp_path / "out", "wb") as output:
            started.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            preexec_fn=processes.end_with_parent))
        return tmp_path / "out"
    yield run
    for process in started:
        for pid in reversed(processes.descendants(process.pid)):
            processes.send(pid, signal.SIGKILL)
        process.kill()
        process.wait(10)


def volume(folder, group, **files):
    """A volume as kubelet makes it for fsGroup."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o440)
        shutil.chown(folder / name, 0, group)
    shutil.chown(folder, 0, group)
    folder.chmod(0o2775)
    return folder


def test_the_sidecar_answers_in_an_empty_folder_with_what_its_pod_gives_it(plane, fresh, container, tmp_path):
    place = plane.namespace("lab")
    broker, = fresh(long_names=True)
    place.publish([broker])
    broker.start()
    volumes = {"conf-d": volume(tmp_path / "conf-d", 999), "cookie": volume(tmp_path / "cookie", 999, **{"erlang-cookie": broker.cookie_file.read_text()}),
               "api-access": volume(tmp_path / "account", 999, token=place.token(), namespace=place.name, **{"ca.crt": plane.ca})}
    fields = {"metadata.name": broker.name, "metadata.namespace": place.name, "metadata.uid": place.pod(broker.name), "status.podIP": broker.address}
    output = container(broker, volumes, fields, KUBERNETES_SERVICE_HOST=plane.host, KUBERNETES_SERVICE_PORT=plane.port)

    def answers(path):
        return request(broker.address, PORT, "GET", path)
    for path in ("/agent/livez", "/startupz", "/readyz", "/livez"):
        wait_until(lambda: answers(path).status == 200, 5, lambda: f"{path}\n{output.read_text()}")
    wait_until(lambda: [peer["node"] for peer in answers("/v1/peers").json["peers"]] == [broker.nodename], 5, output.read_text)
    wait_until(lambda: broker.nodename in (volumes["conf-d"] / "50-warren-peers.conf").read_text(), 5, "peer file")
    told = output.read_text()
    assert " warning: " not in told and " error: " not in told, told
