"""Warren beside a broker, with the rights, the environment and the network that a sidecar in its pod would have."""

import os
import pathlib
import re
import shutil
import signal
import subprocess

from . import clocks, processes
from .http import request
from .node import text
from .waiting import NotInTime, wait_until

PORT = 15690
ROOT = pathlib.Path(__file__).resolve().parents[3]


def binary(lab, dynamic=False):
    """build/warren, copied to where a user without rights may run it; `dynamic`: the one that can be given another clock."""
    source, target = (ROOT / "build/dev/agent/warren", lab.dir / "dynamic/warren") if dynamic else (ROOT / "build/warren", lab.dir / "warren")
    if not source.exists():
        raise RuntimeError(f"{source} is missing: make {'dev' if dynamic else 'build'}")
    target.parent.mkdir(exist_ok=True)
    if not target.exists():
        shutil.copy(source, target)
        target.chmod(0o755)
    return target


# Names are resolved as in the broker's container, whose data volume is mounted at the same place; process ids are its own,
# so that the guard is process 1.
# A change of user makes the kernel forget with whom to end a process: it is told again.
CONTAINER = """
set -e
mount --bind {dir}/hosts /etc/hosts
mount --bind {dir}/resolv.conf /etc/resolv.conf
mount -t tmpfs tmpfs /var/lib
mkdir /var/lib/rabbitmq
mount --bind {dir}/data /var/lib/rabbitmq
exec setpriv --reuid {user} --regid {group} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all --pdeathsig KILL "$@"
"""


class Agent:
    """`api` has `host`, `port`, `ca` (or None for plain HTTP) and `token`; more settings go into `environment`."""

    def __init__(self, broker, api=None, namespace="lab", service="rmq", uid="", token="", environment=None, arguments=()):
        self.broker, self.lab, self.arguments = broker, broker.lab, arguments
        self.dir = broker.dir / "agent"
        self.account, self.run_dir = self.dir / "account", self.dir / "run"
        for path in (self.account, self.run_dir):
            path.mkdir(parents=True, exist_ok=True)
        broker.own(self.run_dir)
        self.generation = 0
        self.give_account(token, getattr(api, "ca", None) or "", namespace)
        self.peers_file = broker.conf_dir / "50-warren-peers.conf"
        self.environment = {
            "POD_NAME": broker.name, "POD_NAMESPACE": namespace, "POD_UID": uid, "POD_IP": broker.address,
            "K8S_TOKEN_PATH": self.account / "token", "K8S_CERT_PATH": self.account / "ca.crt",
            "K8S_NAMESPACE_PATH": self.account / "namespace", "K8S_SERVICE_NAME": service, "K8S_ADDRESS_TYPE": "hostname",
            "RABBITMQ_NODENAME": broker.nodename, "WARREN_COOKIE_FILE": broker.cookie_file,
            "WARREN_PEERS_FILE": self.peers_file, "WARREN_PEERS_FORMAT": "rabbitmq",
        }
        if api:
            self.environment |= {"KUBERNETES_SERVICE_HOST": api.host, "KUBERNETES_SERVICE_PORT": api.port}
            if not api.ca:
                self.environment |= {"K8S_SCHEME": "http", "K8S_HOST": api.host, "K8S_PORT": api.port}
        if broker.long_names:
            suffix = broker.lab.long_name(broker.name).removeprefix(broker.name)
            self.environment |= {"RABBITMQ_USE_LONGNAME": "true", "K8S_HOSTNAME_SUFFIX": suffix}
        if broker.clock:
            self.environment |= clocks.environment(broker.clock)
        self.environment |= environment or {}
        self.process = None
        self.starts = []  # where in the log each process began
        self.lab.closers.append(self.close)

    def give_account(self, token=None, ca=None, namespace=None):
        """Writes token, CA and namespace as kubelet does: a new folder, then one link moved over the old."""
        old = self.account / "..data"
        self.generation += 1
        new = self.account / f"..{self.generation}"
        new.mkdir()
        for name, value in (("token", token), ("ca.crt", ca), ("namespace", namespace)):
            (new / name).write_text(value if value is not None else (old / name).read_text())
            (new / name).chmod(0o644)
            if not (self.account / name).is_symlink():
                (self.account / name).symlink_to(f"..data/{name}")
        (self.account / "..data.new").symlink_to(new.name)
        (self.account / "..data.new").rename(old)

    # ---- life ------------------------------------------------------------

    def command(self, *words, own_pids=True):
        node = self.broker
        script = CONTAINER.format(dir=node.dir, user=node.user, group=node.group)
        pids = ["--pid", "--fork", "--kill-child=KILL", "--mount-proc"] if own_pids else []
        return ["nsenter", "--target", str(node.first), "--net", "--uts", "unshare", "--mount", *pids, "bash", "-c", script, "agent",
                "env", "-i", *(f"{key}={value}" for key, value in self.environment.items()), *map(str, words)]

    def start(self, wait=True, own_pids=True):
        """Starts the agent; with `wait` returns once it answers."""
        with open(self.dir / "agent.out", "ab") as output:
            self.starts.append(output.tell())
            self.process = subprocess.Popen(self.command(binary(self.lab, self.broker.clock != 0), "agent", *self.arguments, own_pids=own_pids),
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            preexec_fn=processes.end_with_parent)
        if wait:
            try:
                wait_until(lambda: self.get("/agent/livez").status == 200, 5, f"agent beside {self.broker.name}")
            except NotInTime as error:
                raise NotInTime(f"{error}\n{self.log[-3000:]}") from None
        return self

    def run(self, *words, limit=10):
        """`warren WORDS...` in the agent's place, to its end."""
        return subprocess.run(self.command(binary(self.lab), *words, own_pids=False), capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=limit)

    @property
    def log(self):
        return text(self.dir / "agent.out")

    def told_twice(self, but=(), times=1):
        """Warnings and errors that one process logged more than `times`, for they are told once per transition. Not those that begin with one of `but`."""
        found, log = set(), (self.dir / "agent.out").read_bytes() if self.starts else b""
        for start, end in zip(self.starts, [*self.starts[1:], len(log)]):
            told = re.findall(r"^\S+ \[\d+\] (?:warning|error): (.*)$", log[start:end].decode(errors="replace"), re.M)
            found |= {message for message in told if told.count(message) > times and not message.startswith(tuple(but))}
        return sorted(found)

    @property
    def guard(self):
        found = [pid for pid in [self.process.pid, *processes.descendants(self.process.pid)] if processes.name(pid) == "warren"]
        if not found:
            raise LookupError(f"no agent runs beside {self.broker.name}")
        return found[0]

    @property
    def worker(self):
        found = [pid for pid in processes.children(self.guard) if processes.alive(pid)]
        if not found:
            raise LookupError(f"no worker runs beside {self.broker.name}")
        return found[0]

    def signal(self, number):
        os.kill(self.guard, number)

    def stop(self, limit=5):
        """SIGTERM; returns the exit code."""
        self.signal(signal.SIGTERM)
        return self.process.wait(limit)

    def close(self):
        if self.process and self.process.poll() is None:
            for pid in reversed(processes.descendants(self.process.pid)):
                processes.send(pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait(10)

    def forget(self):
        """Deletes what it wrote, so that the next agent beside this broker starts afresh."""
        shutil.rmtree(self.dir)
        self.peers_file.unlink(missing_ok=True)

    # ---- asking ----------------------------------------------------------

    def ask(self, method, path, limit=5, headers=None):
        return request(self.broker.address, PORT, method, path, headers=headers, limit=limit)

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def status_of(self, path):
        return self.get(path).status

    def peers(self):
        """The node names of GET /v1/peers."""
        return [peer["node"] for peer in self.get("/v1/peers").json["peers"]]

    def metric(self, name, **labels):
        """The value of one sample of /metrics; LookupError when there is none."""
        for line in self.get("/metrics").text.splitlines():
            if line.startswith("#") or not line.startswith(name):
                continue
            sample, value = line.rsplit(" ", 1)
            if sample.split("{")[0] == name and all(f'{key}="{wanted}"' in sample for key, wanted in labels.items()):
                return float(value)
        raise LookupError(f"no {name}{labels or ''} in /metrics")
