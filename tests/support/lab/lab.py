"""A run's own small world: a bridge, nodes with brokers on it, and everything cleared at the end."""

import atexit
import os
import pathlib
import shutil
import signal
import tempfile
import traceback

from . import processes
from .broker import Broker
from .network import Network, bridges
from .rootfs import SUITES

NAMESPACE = "lab"
SERVICE = "rmq"
NODES = 8  # as many names as /etc/hosts knows: rmq-0 to rmq-7


def why_not():
    """Why this machine cannot run a lab, or None."""
    if os.geteuid() != 0:
        return "needs root (network namespaces and mounts)"
    status = pathlib.Path("/proc/self/status").read_text()
    effective = int(next(line for line in status.splitlines() if line.startswith("CapEff:")).split()[1], 16)
    for bit, name in ((12, "CAP_NET_ADMIN"), (21, "CAP_SYS_ADMIN")):
        if not effective >> bit & 1:
            return f"needs {name}"
    for program in ("unshare", "nsenter", "ip", "mmdebstrap"):
        if not shutil.which(program):
            return f"needs {program} (.ci/setup lab)"
    return None


def sweep():
    """Deletes the folders of runs that were killed; nothing of them runs any more (see node.py)."""
    for folder in pathlib.Path(tempfile.gettempdir()).glob("warren-lab.*.*"):
        if not os.path.exists(f"/proc/{folder.name.split('.')[1]}"):
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
        sweep()
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=f"warren-lab.{os.getpid()}."))
        self.dir.chmod(0o755)
        atexit.register(self.close)
        # A polite end of the program runs the clearing; after SIGKILL the kernel does most of it.
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, interrupt)
        self.network = Network()

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
        for closer in [*reversed(closers), self.network.close]:
            try:
                closer()
            except Exception:
                traceback.print_exc()
        shutil.rmtree(self.dir, ignore_errors=True)

    def leftovers(self):
        """What a closed lab has left on this machine: an empty list when all is well."""
        found = [f"bridge {self.network.name}"] if self.network.name in bridges() else []
        mounts = pathlib.Path("/proc/self/mountinfo").read_text()
        found += [f"mount {line.split()[4]}" for line in mounts.splitlines() if str(self.dir) in line]
        found += [f"process {pid}: {processes.command_line(pid)[:120]}" for pid in processes.all_processes()
                  if str(self.dir) in processes.command_line(pid) and processes.alive(pid)]
        return found + ([f"folder {self.dir}"] if self.dir.exists() else [])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
