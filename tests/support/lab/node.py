"""A host of its own on this machine: what a pod is on Kubernetes.

Network, mount, process and host-name namespaces are held by one first process. When that ends (or this program does, even by
SIGKILL), the kernel ends every process in it and takes its mounts and its network away.
"""

import os
import pathlib
import shutil
import signal
import subprocess

from . import processes
from .rootfs import owner, rootfs
from .waiting import wait_until

# /etc, the data and the log lie outside the root so that they can be read and changed from the host, as a
# pod's volumes can from its other containers; everything else written to the root is in memory and private.
MOUNTS = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs {layers}
mkdir {layers}/upper {layers}/work
mount -t overlay overlay -o lowerdir={base},upperdir={layers}/upper,workdir={layers}/work {root}
mount -t proc proc {root}/proc
mount --rbind /dev {root}/dev
touch {root}/etc/hosts {root}/etc/resolv.conf
mount --bind {dir}/hosts {root}/etc/hosts
mount --bind {dir}/resolv.conf {root}/etc/resolv.conf
mount --bind {dir}/etc {root}/etc/rabbitmq
mount --bind {dir}/data {root}/var/lib/rabbitmq
mount --bind {dir}/log {root}/var/log/rabbitmq
hostname {name}
echo ready
exec bash -c 'sleep infinity & wait'
"""
PATH = "/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Node:
    first = port = None  # the first process, and this machine's end of its cable

    def __init__(self, lab, name, number, version):
        self.lab, self.name, self.version = lab, name, version
        self.address, self.address6 = lab.network.address(number), lab.network.address6(number)
        self.base = rootfs(version)
        self.user, self.group = owner(self.base)
        self.dir = lab.dir / name
        self.root = self.dir / "root"
        for part in ("root", "layers", "etc/conf.d", "data", "log"):
            (self.dir / part).mkdir(parents=True)
        (self.dir / "hosts").write_text(lab.hosts())
        # A name server that refuses at once; a silent one costs each boot 25 s.
        (self.dir / "resolv.conf").write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")
        self.own(self.dir / "etc", self.dir / "etc/conf.d", self.dir / "data", self.dir / "log")
        script = MOUNTS.format(layers=self.dir / "layers", base=self.base, root=self.root, dir=self.dir, name=name)
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child=KILL", "bash", "-c", script],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=processes.end_with_parent)
        lab.closers.append(self.close)
        if self.holder.stdout.readline() != "ready\n":
            raise RuntimeError(f"node {name}: {self.holder.stderr.read().strip()}")
        self.first = processes.children(self.holder.pid)[0]
        self.port = lab.network.attach(self.first, number)

    def own(self, *paths):
        """Gives files to the broker's user, as fsGroup does with volumes."""
        for path in paths:
            shutil.chown(path, self.user, self.group)

    def enter(self, *command, as_root=False, environment=None):
        """The command line that runs `command` inside the broker's container."""
        whole = {"PATH": PATH, "HOME": "/var/lib/rabbitmq", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **(environment or {})}
        who = "0:0" if as_root else f"{self.user}:{self.group}"
        return ["nsenter", "--target", str(self.first), "--net", "--mount", "--pid", "--uts", "--ipc",
                "chroot", f"--userspec={who}", str(self.root), "env", "-i",
                *(f"{key}={value}" for key, value in whole.items()), *map(str, command)]

    def run(self, *command, limit=60, check=True, environment=None, as_root=False, stdin=None):
        """Runs a command in the broker's container and returns its CompletedProcess."""
        done = subprocess.run(self.enter(*command, as_root=as_root, environment=environment), capture_output=True,
                              text=True, input=stdin or "", timeout=limit)
        if check and done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(map(str, command))} ended with {done.returncode}:\n"
                               f"{done.stdout[-1500:]}{done.stderr[-1500:]}")
        return done

    def in_network(self, *command):
        """Runs one of this machine's programs in the node's network."""
        subprocess.run(["nsenter", "--target", str(self.first), "--net", *map(str, command)], check=True, stdin=subprocess.DEVNULL)

    def processes(self, name):
        """Ids (as this machine sees them) of the container's processes of that name."""
        if not processes.alive(self.first):
            return []
        return [pid for pid in processes.in_namespace("pid", self.first) if processes.name(pid) == name]

    def cut_off(self):
        self.lab.network.cut(self.port)

    def reconnect(self):
        self.lab.network.mend(self.port)

    def close(self):
        if self.first and processes.alive(self.first):
            self.lab.ended += [(pid, processes.started(pid)) for pid in processes.in_namespace("net", self.first)]
            os.kill(self.first, signal.SIGKILL)
        else:
            self.holder.kill()
        self.holder.wait(10)
        self.holder.stdout.close()
        self.holder.stderr.close()
        wait_until(lambda: not (self.first and processes.alive(self.first)), 5, f"end of node {self.name}")


def text(path):
    return pathlib.Path(path).read_text(errors="replace") if pathlib.Path(path).exists() else ""
