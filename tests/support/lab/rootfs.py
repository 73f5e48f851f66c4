"""Root file systems of Debian's own RabbitMQ packages, made once and shared read-only by every broker.

    python3 -m lab.rootfs 4.3 4.0 3.10      makes what is missing and prints the folders
"""

import fcntl
import functools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# RabbitMQ version -> the Debian suite that has it.
SUITES = {"4.3": "sid", "4.0": "trixie", "3.10": "bookworm"}
MIRROR = pathlib.Path(__file__).resolve().parents[3] / ".ci/debian-mirror"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
UNNEEDED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/lib/apt/lists", "var/cache/apt")


class Unavailable(RuntimeError):
    """A suite's RabbitMQ cannot be installed at present: Debian sid has such days."""


def cache():
    return pathlib.Path(os.environ.get("WARREN_CACHE") or pathlib.Path.home() / ".cache/warren")


def make(suite, target):
    work = pathlib.Path(tempfile.mkdtemp(prefix=f".{suite}.", dir=target.parent))
    try:
        root = work / "root"
        mirror = subprocess.run([MIRROR], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        done = subprocess.run(
            ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--keyring={KEYRING}",
             "--aptopt=Acquire::Check-Valid-Until \"false\"", "--aptopt=APT::Install-Recommends \"false\"",
             "--include=rabbitmq-server", suite, str(root), mirror],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise Unavailable(f"RabbitMQ of Debian {suite} cannot be installed: {' '.join(done.stderr.split())[-500:]}")
        for name in UNNEEDED:
            shutil.rmtree(root / name, ignore_errors=True)
        # What a node needs is written per node into its overlay, over a clean base.
        for name in ("rabbitmq-env.conf", "rabbitmq.conf", "enabled_plugins"):
            (root / "etc/rabbitmq" / name).unlink(missing_ok=True)
        (root / "etc/rabbitmq/conf.d").mkdir(parents=True, exist_ok=True)
        (root / "var/lib/rabbitmq/.erlang.cookie").unlink(missing_ok=True)
        for name in ("var/lib/rabbitmq/mnesia", "var/log/rabbitmq"):
            shutil.rmtree(root / name, ignore_errors=True)
            (root / name).mkdir(mode=0o755)
            shutil.chown(root / name, *owner(root))
        root.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        root.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def owner(root):
    """The numeric user and group of `rabbitmq` inside the root."""
    for line in (root / "etc/passwd").read_text().splitlines():
        fields = line.split(":")
        if fields[0] == "rabbitmq":
            return int(fields[2]), int(fields[3])
    raise RuntimeError(f"{root}: has no user rabbitmq")


def broker_version(root):
    """The exact version installed in a root, for example 4.3.6."""
    for package in (root / "var/lib/dpkg/status").read_text().split("\n\n"):
        if package.startswith("Package: rabbitmq-server\n"):
            for line in package.splitlines():
                if line.startswith("Version: "):
                    return line[len("Version: "):].split("-")[0]
    raise RuntimeError(f"{root}: rabbitmq-server is not installed in it")


def is_older(found, wanted):
    return [int(part) for part in found.split(".")[:2]] < [int(part) for part in wanted.split(".")]


def rootfs(version):
    """The folder with RabbitMQ `version` in it; made on first use (10 to 60 s), and again when its suite had an older one then."""
    suite = SUITES[version]
    target = cache() / "rootfs" / suite
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.parent / f".{suite}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir() or is_older(broker_version(target), version):
            print(f"making the root file system of RabbitMQ {version} (Debian {suite})", file=sys.stderr, flush=True)
            make(suite, target)
        found = broker_version(target)
    if is_older(found, version):
        raise Unavailable(f"Debian {suite} has RabbitMQ {found}, which is older than {version}")
    if not found.startswith(version + "."):
        print(f"Debian {suite} has RabbitMQ {found} now, not {version}", file=sys.stderr, flush=True)
    return target


@functools.cache
def why_not_newest():
    """Why RabbitMQ 4.3 is not to be had today, or None. Debian's stable suites are always to be had."""
    try:
        rootfs("4.3")
        return None
    except Unavailable as error:
        return str(error)


def newest():
    """The newest version to be had: 4.3, or 4.0 on a day on which that cannot be installed."""
    return "4.0" if why_not_newest() else "4.3"


if __name__ == "__main__":
    for wanted in sys.argv[1:] or SUITES:
        print(rootfs(wanted), broker_version(rootfs(wanted)))
