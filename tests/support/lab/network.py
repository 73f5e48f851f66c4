"""One bridge per run, with an IPv4 and an IPv6 network that no other run uses."""

import fcntl
import json
import os
import re
import secrets
import subprocess
import tempfile

from .waiting import wait_until

BRIDGE = re.compile(r"wl(\d+)-[0-9a-f]{4}$")


def ip(*arguments, inside=None):
    """Runs `ip`; `inside` is the id of a process whose network namespace it is run in."""
    prefix = ["nsenter", "--target", str(inside), "--net"] if inside else []
    done = subprocess.run([*prefix, "ip", *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return done.stdout


def bridges():
    """The bridges of all runs, this one's among them: name -> id of the process that made it."""
    found = {}
    for link in json.loads(ip("-json", "link", "show", "type", "bridge") or "[]"):
        match = BRIDGE.match(link.get("ifname", ""))
        if match:
            found[link["ifname"]] = int(match[1])
    return found


def link_names():
    return [link.get("ifname", "") for link in json.loads(ip("-json", "link", "show") or "[]")]


def cables(number, links):
    """This machine's ends of the cables to the nodes of one run's network."""
    return [name for name in links if re.fullmatch(rf"wl{number}h\d+", name)]


class Network:
    """Adds its own end to `closers` as soon as there is something to clear."""

    def __init__(self, closers):
        with open(os.path.join(tempfile.gettempdir(), "warren-lab.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for name, pid in bridges().items():
                if not os.path.exists(f"/proc/{pid}"):
                    ip("link", "delete", name)  # its run was killed; everything else of it ended by itself
            used, links = ip("-4", "-oneline", "address"), link_names()
            self.number = next(n for n in range(1, 255) if f"10.213.{n}." not in used and not cables(n, links))
            self.name = f"wl{os.getpid()}-{secrets.token_hex(2)}"
            closers.append(self.close)
            ip("link", "add", self.name, "type", "bridge")
            ip("address", "add", f"{self.gateway}/24", "dev", self.name)
        ip("link", "set", self.name, "up")
        ip("address", "add", f"{self.address6(1)}/64", "dev", self.name, "nodad")
        self.made = 0

    @property
    def gateway(self):
        """This machine's address on the bridge."""
        return self.address(1)

    def address(self, host):
        return f"10.213.{self.number}.{host}"

    def address6(self, host):
        return f"fd77:{self.number:x}::{host:x}"

    def attach(self, pid, host):
        """Gives the network namespace of process `pid` an eth0 with the addresses of `host`, and no way out of the bridge."""
        self.made += 1
        port = f"wl{self.number}h{self.made}"
        ip("link", "add", port, "type", "veth", "peer", "name", "eth0",
           # The same address on the wire each time: a node made anew is not looked for at its predecessor's.
           "address", f"02:57:4c:00:{self.number:02x}:{host:02x}", "netns", pid)
        ip("link", "set", port, "master", self.name, "up")
        ip("link", "set", "lo", "up", inside=pid)
        ip("address", "add", f"{self.address(host)}/24", "dev", "eth0", inside=pid)
        ip("address", "add", f"{self.address6(host)}/64", "dev", "eth0", "nodad", inside=pid)
        ip("link", "set", "eth0", "up", inside=pid)
        return port

    def links(self):
        """The bridge and this machine's ends of the nodes' cables, as far as they are there."""
        links = link_names()
        return [name for name in links if name == self.name] + cables(self.number, links)

    def cut(self, port):
        """Pulls the plug: packets are lost in silence, as on a broken network."""
        ip("link", "set", port, "nomaster")

    def mend(self, port):
        ip("link", "set", port, "master", self.name)

    def close(self):
        if self.name in bridges():
            ip("link", "delete", self.name)
        # The kernel takes a network apart a moment after the last process in it has ended.
        wait_until(lambda: not cables(self.number, link_names()), 5, lambda: f"end of {cables(self.number, link_names())}")
