"""A run's own small world: a bridge, nodes with brokers on it, and everything cleared at the end."""

import atexit
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import traceback

from . import processes
from .broker import Broker
from .network import Network
from .rootfs import SUITES

NAMESPACE = "lab"
SERVICE = "rmq"
NODES = 8  # as many names as /etc/hosts knows: rmq-0 to rmq-7


# The least of what network.py and node.py do, inside namespaces that are gone at its end.
TRY = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
mount -t proc proc /mnt/root
hostname try
ip link add try type bridge
ip link add name left type veth peer name right
ip link set left master try
ip link set right up
ip address add 10.213.0.1/24 dev right
ip address add fd77::1/64 dev right nodad
nft add table inet try
"""


def why_not():
    """Why this machine cannot run a lab, or None."""
    if os.geteuid() != 0:
        return "needs root (network namespaces and mounts)"
    for program in ("unshare", "nsenter", "ip", "nft", "mmdebstrap"):
        if not shutil.which(program):
            return f"needs {program} (.ci/setup lab)"
    done = subprocess.run(["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child=KILL", "bash", "-c", TRY],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return f"cannot make a host: {' '.join(done.stderr.split()) or f'exit code {done.returncode}'}" if done.returncode else None


def sweep():
    """Clears what runs that were killed have left: their API server, which hangs on no parent, and their folders."""
    for folder in pathlib.Path(tempfile.gettempdir()).glob("warren-lab.*.*"):
        if not os.path.exists(f"/proc/{folder.name.split('.')[1]}"):
            processes.end([pid for pid in processes.all_processes() if f"{folder}/" in processes.command_line(pid)])
            shutil.rmtree(folder, ignore_errors=True)


def interrupt(*_):
    """Ends the program as Ctrl-C does. Said once more (to the process and to its group), it does not disturb the clearing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


class Lab:
    def __init__(self, versions=tuple(SUITES)):
        reason = why_not()
        if reason:
            raise RuntimeError(f"no lab on this machine: {reason}")
        self.closers, self.nodes = [], {}
        self.ended = []  # (process id, when it began) of all that ran on nodes at their end
        sweep()
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=f"warren-lab.{os.getpid()}."))
        self.dir.chmod(0o755)
        atexit.register(self.close)
        # A polite end of the program runs the clearing; after SIGKILL the kernel does most of it.
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, interrupt)
        self.network = Network(self.closers)

    def long_name(self, name):
        return f"{name}.{SERVICE}.{NAMESPACE}.svc.cluster.local"

    def hosts(self):
        lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost"]
        for index in range(NODES):
            name = f"rmq-{index}"
            for address in (self.network.address(10 + index), self.network.address6(10 + index)):
                lines.append(f"{address} {self.long_name(name)} {name}")
        return "\n".join(lines) + "\n"

    def broker(self, index=0, **options):
        """A broker on a node of its own, rmq-INDEX; not started yet."""
        name = f"rmq-{index}"
        old = self.nodes.pop(name, None)
        if old:
            self.remove(old)
        node = self.nodes[name] = Broker(self, name, 10 + index, **options)
        return node

    def remove(self, node):
        """Ends a node with all that runs on it and deletes its disk."""
        node.close()
        self.closers.remove(node.close)
        shutil.rmtree(node.dir)
        self.nodes = {name: other for name, other in self.nodes.items() if other is not node}

    def close(self):
        """Ends and removes everything; safe to call again. Keeps going when one part fails, and tells."""
        atexit.unregister(self.close)
        closers, self.closers = self.closers, []
        for closer in reversed(closers):
            try:
                closer()
            except Exception:
                traceback.print_exc()
        shutil.rmtree(self.dir, ignore_errors=True)

    def leftovers(self):
        """What a closed lab has left on this machine: an empty list when all is well."""
        found = [f"network link {name}" for name in self.network.links()]
        mounts = pathlib.Path("/proc/self/mountinfo").read_text()
        found += [f"mount {line.split()[4]}" for line in mounts.splitlines() if str(self.dir) in line]
        found += [f"process {pid}: {processes.command_line(pid)[:120]}" for pid in processes.all_processes()
                  if processes.alive(pid) and (str(self.dir) in processes.command_line(pid) or (pid, processes.started(pid)) in self.ended)]
        return found + ([f"folder {self.dir}"] if self.dir.exists() else [])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
