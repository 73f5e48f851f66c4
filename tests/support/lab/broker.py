"""A real RabbitMQ broker in a Node, with its own EPMD."""

import os
import re
import shutil
import signal
import subprocess

from . import clocks, processes
from .node import Node, text
from .rootfs import newest
from .waiting import wait_until

COOKIE = "LABCOOKIE0123456789AB"


class Broker(Node):
    """`nodename` defaults to rabbit@NAME; with `long_names` it is rabbit@NAME.SERVICE.NAMESPACE.svc.cluster.local.
    `version` is one of SUITES, by default the newest to be had. `clock`: by how many seconds its wall clock is wrong."""

    process = None

    def __init__(self, lab, name, number, version=None, nodename=None, long_names=False, plugins=(), ipv6=False,
                 cookie=COOKIE, config="", clock=0):
        super().__init__(lab, name, number, version or newest())
        self.long_names, self.ipv6, self.clock = long_names, ipv6, clock
        if clock:
            shutil.copy(clocks.LIBRARY, self.dir / "etc")
        self.nodename = nodename or f"rabbit@{lab.long_name(name) if long_names else name}"
        self.write_cookie(cookie)
        self.configure(config)
        self.enable(*plugins)

    # ---- files -----------------------------------------------------------

    @property
    def conf_dir(self):
        return self.dir / "etc/conf.d"

    @property
    def cookie_file(self):
        return self.dir / "data/.erlang.cookie"

    @property
    def log(self):
        return text(self.dir / "log/broker.out")

    def write_cookie(self, cookie):
        self.cookie_file.unlink(missing_ok=True)
        self.cookie_file.write_text(cookie)
        self.cookie_file.chmod(0o400)
        self.own(self.cookie_file)

    def configure(self, config):
        """Writes rabbitmq.conf; takes effect at the next start."""
        path = self.dir / "etc/rabbitmq.conf"
        path.write_text("loopback_users.guest = false\nlog.console = true\nlog.file = false\n" + config)
        self.own(path)

    def door(self):
        """(kind, target) of the door that Warren wrote; None without one."""
        found = re.match(r"# warren-door kind=(\S+) target=(\S*) ", text(self.conf_dir / "90-warren.conf"))
        return found and found.groups()

    def lose_conf(self):
        """Empties conf.d, as a new pod finds it."""
        for path in self.conf_dir.iterdir():
            path.unlink()

    def lose_data(self):
        """Empties the data volume but for the cookie, as a claim made anew would."""
        for path in (self.dir / "data").iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path != self.cookie_file:
                path.unlink()

    def enable(self, *plugins):
        path = self.dir / "etc/enabled_plugins"
        path.write_text(f"[{','.join(plugins)}].\n")
        self.own(path)

    # ---- life ------------------------------------------------------------

    def environment(self):
        whole = {"RABBITMQ_NODENAME": self.nodename, "RABBITMQ_LOGS": "-"}
        if self.long_names:
            whole["RABBITMQ_USE_LONGNAME"] = "true"
        if self.ipv6:
            whole["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-proto_dist inet6_tcp"
            whole["RABBITMQ_CTL_ERL_ARGS"] = "-proto_dist inet6_tcp"
        if self.clock:
            whole |= clocks.environment(self.clock, f"/etc/rabbitmq/{clocks.LIBRARY.name}")
        return whole

    def start(self, wait=True, limit=90):
        """Starts the broker; with `wait` returns once it runs."""
        wait_until(lambda: not self.processes("beam.smp"), 5, f"end of the broker that was on {self.name}")
        self.reap()
        with open(self.dir / "log/broker.out", "ab") as output:
            self.process = subprocess.Popen(self.enter("rabbitmq-server", environment=self.environment()),
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        if wait:
            self.wait_running(limit)
        return self

    def reap(self):
        if self.process:
            self.process.wait(10)
            self.process = None

    @property
    def pid(self):
        """The Erlang VM, as this machine numbers it."""
        found = self.processes("beam.smp")
        if not found:
            raise LookupError(f"{self.name}: no Erlang VM runs")
        return found[0]

    @property
    def epmd_pid(self):
        found = self.processes("epmd")
        if not found:
            raise LookupError(f"{self.name}: no EPMD runs")
        return found[0]

    def wait_running(self, limit=90):
        def runs():
            if self.process and self.process.poll() is not None:
                raise RuntimeError(f"{self.name}: the broker ended while booting:\n{self.log[-3000:]}")
            return self.call("rabbit", "is_running", "[]") == "true"
        wait_until(runs, limit, f"{self.name} running", every=0.1)

    def stop(self, limit=60):
        """A clean stop, as kubelet does it."""
        os.kill(self.pid, signal.SIGTERM)
        wait_until(lambda: not self.processes("beam.smp"), limit, f"end of the broker on {self.name}", every=0.1)
        self.reap()

    def kill(self):
        """SIGKILL to the Erlang VM; EPMD stays, as it does when a container's process dies."""
        os.kill(self.pid, signal.SIGKILL)

    def freeze(self):
        """SIGSTOP: sockets stay open and the kernel still accepts."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.pid, signal.SIGCONT)

    def kill_epmd(self):
        processes.end([self.epmd_pid])

    def end_container(self):
        """SIGKILL to all that runs in the broker's container, EPMD too; at once."""
        if not processes.alive(self.first):
            return
        holding = {self.first, *(pid for pid in processes.children(self.first) if processes.name(pid) == "sleep")}
        processes.end([pid for pid in processes.in_namespace("pid", self.first) if pid not in holding])
        self.reap()

    def close(self):
        super().close()
        if self.process:
            self.process.wait(10)

    # ---- asking ----------------------------------------------------------

    def ctl(self, *arguments, tool="rabbitmqctl", **options):
        """rabbitmqctl inside the container; about half a second of CPU."""
        return self.run(tool, *arguments, environment=self.environment(), **options)

    def eval(self, expression):
        """rabbitmqctl eval: for what has to run on the broker with its own libraries."""
        return self.ctl("eval", expression).stdout.strip()

    def call(self, module, function, arguments):
        """One call into the broker by erl_call, in about 10 ms; returns the result as Erlang text, '' when it cannot be asked."""
        return self.erl_call("-a", f"{module} {function} {arguments}")

    def evaluate(self, expression):
        """The value of an Erlang expression, evaluated by the broker, as `call` gives it."""
        answer = self.erl_call("-e", stdin=f"{expression}.\n")
        return answer[len("{ok, "):-1] if answer.startswith("{ok, ") else ""

    def erl_call(self, *arguments, stdin=None):
        done = self.run("erl_call", "-name" if self.long_names else "-sname", self.nodename.split("@")[0] + "@" + self.host_part(),
                        "-c", self.cookie_file.read_text(), *arguments, check=False, stdin=stdin)
        return done.stdout.strip() if done.returncode == 0 else ""

    def must_call(self, module, function, arguments):
        answer = self.call(module, function, arguments) or self.call(module, function, arguments)  # on a busy machine it may not get in
        if answer != "ok":
            raise ValueError(f"{self.name}: {module}:{function}({arguments}) answered {answer or 'nothing'}")

    def host_part(self):
        return self.nodename.split("@")[1]

    def members(self):
        """The nodes this broker says are in its cluster, sorted."""
        text_ = self.call("rabbit_nodes", "list_members" if self.version != "3.10" else "all", "[]")
        return sorted(re.findall(r"'?([\w-]+@[\w.-]+)'?", text_))

    def running_members(self):
        text_ = self.call("rabbit_nodes", "list_running" if self.version != "3.10" else "all_running", "[]")
        return sorted(re.findall(r"'?([\w-]+@[\w.-]+)'?", text_))

    def sight(self, ready=False):
        """What it says of its cluster in one moment: (members, running members, persistent cluster id); empty where it cannot say,
        with `ready` also before it has booted."""
        members, running = ("all", "all_running") if self.version == "3.10" else ("list_members", "list_running")
        sight = (f"{{rabbit_nodes:{members}(), rabbit_nodes:{running}(), case rabbit_runtime_parameters:value_global(internal_cluster_id) "
                 "of Id when is_binary(Id) -> binary_to_list(Id); _ -> [] end}")
        # Never while it boots: 4.0 tries to read a table that is not there a hundred times, which takes the processor from the boot.
        answer = self.evaluate(f"case rabbit_boot_state:get() of {'ready -> ' + sight + '; _ -> []' if ready else 'booting -> []; _ -> ' + sight} end")
        lists = re.match(r"\{\[(.*?)\], \[(.*?)\], (?:\"(.*)\"|\[\])\}$", answer)
        if not lists:
            return [], [], ""
        return (*(sorted(re.findall(r"[\w-]+@[\w.-]+", part)) for part in lists.groups()[:2]), lists[3] or "")

    # ---- states ----------------------------------------------------------

    def raise_alarm(self, resource="memory"):
        """Sets a limit that is already passed; the broker's own monitor raises the alarm at once."""
        if resource == "memory":
            self.must_call("vm_memory_monitor", "set_vm_memory_high_watermark", "[0.00001]")
        else:
            self.must_call("rabbit_disk_monitor", "set_disk_free_limit", f"[{10**15}]")

    def clear_alarm(self, resource="memory"):
        if resource == "memory":
            self.must_call("vm_memory_monitor", "set_vm_memory_high_watermark", "[0.6]")
        else:
            self.must_call("rabbit_disk_monitor", "set_disk_free_limit", f"[{10**6}]")

    def close_listener(self, port=5672):
        """Closes the listening socket; the broker goes on naming it among its listeners."""
        self.must_call("ranch", "suspend_listener", f"[{{acceptor,{{0,0,0,0,0,0,0,0}},{port}}}]")

    def open_listener(self, port=5672):
        self.must_call("ranch", "resume_listener", f"[{{acceptor,{{0,0,0,0,0,0,0,0}},{port}}}]")

    def drain(self):
        """Maintenance mode, as `rabbitmq-upgrade drain` puts it."""
        self.must_call("rabbit_maintenance", "drain", "[]")

    def revive(self):
        self.must_call("rabbit_maintenance", "revive", "[]")

    def stop_app(self):
        """Stops RabbitMQ inside the Erlang VM, which goes on."""
        self.must_call("rabbit", "stop", "[]")

    def start_app(self):
        self.must_call("rabbit", "start", "[]")

    def block_port(self, port=5672):
        """The socket goes on listening, but what connects to it gets no answer."""
        self.in_network("nft", f"add table inet block; add chain inet block input {{ type filter hook input priority 0; }}; "
                               f"add rule inet block input tcp dport {port} drop")

    def unblock_ports(self):
        self.in_network("nft", "add table inet block; delete table inet block")
