"""Root file systems of Debian's own RabbitMQ packages, made once and shared read-only by every broker.

    python3 -m lab.rootfs 4.3 4.0 3.10      makes what is missing and prints the folders
"""

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# RabbitMQ version -> the Debian suite that has it.
SUITES = {"4.3": "sid", "4.0": "trixie", "3.10": "bookworm"}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
UNNEEDED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/lib/apt/lists", "var/cache/apt")


def cache():
    return pathlib.Path(os.environ.get("WARREN_CACHE") or pathlib.Path.home() / ".cache/warren")


def mirror():
    """The Debian mirror this machine already uses, read from its apt sources."""
    for name in sorted([*pathlib.Path("/etc/apt").glob("*.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*")]):
        for line in name.read_text(errors="replace").splitlines():
            words = line.split()
            if not words or words[0] not in ("URIs:", "deb"):
                continue
            for word in words[1:]:
                if "://" in word and word.rstrip("/").endswith("/debian"):
                    return word
    raise RuntimeError("no Debian mirror among the apt sources: cannot make a root file system")


def make(version, target):
    work = pathlib.Path(tempfile.mkdtemp(prefix=f".{version}.", dir=target.parent))
    try:
        root = work / "root"
        subprocess.run(
            ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--keyring={KEYRING}",
             "--aptopt=Acquire::Check-Valid-Until \"false\"", "--aptopt=APT::Install-Recommends \"false\"",
             "--include=rabbitmq-server", SUITES[version], str(root), mirror()],
            check=True, stdin=subprocess.DEVNULL)
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


def rootfs(version):
    """The folder with RabbitMQ `version` in it; made on first use (10 to 60 s)."""
    target = cache() / "rootfs" / version
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.parent / f".{version}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            print(f"making the root file system of RabbitMQ {version} (Debian {SUITES[version]})", file=sys.stderr)
            make(version, target)
        found = broker_version(target)
        if not found.startswith(version + "."):
            print(f"Debian {SUITES[version]} has RabbitMQ {found} now, not {version}", file=sys.stderr)
    return target


if __name__ == "__main__":
    for wanted in sys.argv[1:] or SUITES:
        print(rootfs(wanted), broker_version(rootfs(wanted)))
