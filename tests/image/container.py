"""Containers of an image as Pod Security's level "restricted" has them: no capabilities, a read-only root, a network of their own."""

import itertools
import json
import os
import shutil
import subprocess

numbers = itertools.count(1)
PROC = {"destination": "/proc", "type": "proc", "source": "proc"}


def bind(folder, where, *options):
    return {"destination": where, "type": "bind", "source": str(folder), "options": ["rbind", *options]}


def tmpfs(where, *options):
    return {"destination": where, "type": "tmpfs", "source": "tmpfs", "options": list(options)}


class Runtime:
    """runc, with bundles and state in a folder of its own."""

    def __init__(self, folder, root, config):
        self.folder, self.root, self.config = folder, root, config

    def why_not(self):
        if os.geteuid() != 0 or not shutil.which("runc"):
            return "needs root and runc"
        # A program of this machine, so that an image that cannot run is no reason.
        root = self.folder / "trial"
        (root / "usr").mkdir(parents=True)
        (root / "proc").mkdir()
        for name in ("lib", "lib64"):
            (root / name).symlink_to(f"usr/{name}")
        trial = Runtime(self.folder, root, {"User": "65534:65534", "Entrypoint": ["/usr/bin/true"]}).run(mounts=[bind("/usr", "/usr")])
        return trial.stderr.strip() if trial.returncode else ""

    def command(self, *words):
        return ["runc", "--root", str(self.folder / "state"), *words]

    def bundle(self, arguments, user, mounts):
        uid, gid = map(int, (user or self.config["User"]).split(":"))
        spec = {
            "ociVersion": "1.0.2",
            "process": {"args": [*self.config["Entrypoint"], *arguments], "cwd": "/", "env": self.config.get("Env", []),
                        "user": {"uid": uid, "gid": gid}, "noNewPrivileges": True},
            "root": {"path": str(self.root), "readonly": True},
            "mounts": [PROC, *mounts],
            "linux": {"namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")]},
        }
        bundle = self.folder / f"warren-image-{os.getpid()}-{next(numbers)}"
        bundle.mkdir()
        (bundle / "config.json").write_text(json.dumps(spec))
        return bundle

    def start(self, *arguments, user=None, mounts=()):
        """A process that runs until the container has ended, and the container's name."""
        bundle = self.bundle(arguments, user, mounts)
        process = subprocess.Popen(self.command("run", "--bundle", str(bundle), bundle.name), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return process, bundle.name

    def run(self, *arguments, limit=20, **more):
        process, name = self.start(*arguments, **more)
        try:
            out, err = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            self.kill(name)
            out, err = process.communicate(timeout=limit)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def execute(self, name, *command):
        """Runs one more program in a container that runs, as the image's user."""
        return subprocess.run(self.command("exec", "--user", self.config["User"], name, *command), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=20)

    def kill(self, name, signal="KILL"):
        subprocess.run(self.command("kill", name, signal), check=True, timeout=20)
