"""The image at work, in containers that may do as little as a cluster lets them."""

import shutil
import stat
import subprocess

import pytest

from container import bind, tmpfs
from lab.waiting import wait_until

BROKER = "999:999"


@pytest.fixture
def tools(tmp_path):
    """A volume as kubelet makes it for fsGroup 999."""
    folder = tmp_path / "tools"
    folder.mkdir()
    shutil.chown(folder, 0, 999)
    folder.chmod(0o2775)
    return folder


def test_it_tells_the_version_that_its_label_has(runtime, image):
    told = runtime.run("--version")
    version = image.config["config"]["Labels"]["org.opencontainers.image.version"]
    assert (told.returncode, told.stdout, told.stderr) == (0, f"warren {version}\n", "")


def test_without_arguments_it_lists_its_commands(runtime):
    told = runtime.run()
    assert told.returncode == 64 and "usage: warren COMMAND" in told.stderr


def test_install_puts_the_program_into_a_volume_as_the_brokers_user_again_and_again(runtime, image, tools):
    for _ in range(2):
        done = runtime.run("install", "--with-rabbitmq-diagnostics", "/tools", user=BROKER, mounts=[bind(tools, "/tools")])
        assert (done.returncode, done.stderr) == (0, "")
    assert sorted(entry.name for entry in tools.iterdir()) == ["rabbitmq-diagnostics", "warren"]
    installed = (tools / "warren").stat()
    assert stat.S_IMODE(installed.st_mode) == 0o755 and installed.st_uid == 999
    assert (tools / "warren").read_bytes() == image.layers[0].extractfile(image.files()["warren"].name).read()
    assert (tools / "rabbitmq-diagnostics").readlink().name == str((tools / "rabbitmq-diagnostics").readlink()) == "warren"
    assert subprocess.run([tools / "rabbitmq-diagnostics", "--version"], capture_output=True).returncode == 0


@pytest.mark.parametrize("mount, cure", [
    (None, "/tools/none (mount the shared volume into this container and give its mountPath)"),
    (tmpfs("/tools"), "/tools (user 65532 must be able to write there: set fsGroup"),
    (tmpfs("/tools", "uid=65532", "ro"), "/tools (mount the volume without readOnly)"),
    (tmpfs("/tools", "uid=65532", "size=1m"), "/tools (make the volume larger"),
], ids=["missing", "not writable", "read-only", "full"])
def test_install_names_what_stands_against_it_and_the_cure(runtime, mount, cure):
    refused = runtime.run("install", "/tools" if mount else "/tools/none", mounts=[mount] if mount else [])
    assert refused.returncode == 71 and refused.stdout == ""
    assert refused.stderr.startswith(f"warren install: {cure}")


def test_the_agent_serves_under_a_read_only_root_and_ends_when_told(runtime):
    process, name = runtime.start("agent", "--peers-from=static", "--static-peers=rabbit@rmq-0", "--node=rabbit@rmq-0")
    try:
        wait_until(lambda: "rabbit@rmq-0" in runtime.execute(name, "/warren", "peers").stdout, 20, "peers")
    finally:
        runtime.kill(name, "TERM")
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, out + err
