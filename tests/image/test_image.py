"""What the image holds, and what it says of itself."""

import re
import ssl
import stat
import subprocess

MAX_BYTES = 12_000_000
# Path, and mode. All of it belongs to root, so that nobody in the container may change it.
CONTENTS = {"warren": 0o755, "etc": 0o755, "etc/ssl": 0o755, "etc/ssl/certs": 0o755, "etc/ssl/certs/ca-certificates.crt": 0o644}


def test_it_is_small(image):
    assert image.path.stat().st_size <= MAX_BYTES
    assert sum(member.size for member in image.files().values()) <= MAX_BYTES


def test_it_holds_the_program_and_the_authorities_and_nothing_else(image):
    files = image.files()
    assert {name: stat.S_IMODE(member.mode) for name, member in files.items() if name} == CONTENTS
    assert {(member.uid, member.gid) for member in files.values()} == {(0, 0)}
    assert files["warren"].isfile() and files["etc/ssl/certs/ca-certificates.crt"].isfile()


def test_its_authorities_can_be_read(image, tmp_path):
    image.unpack(tmp_path)
    context = ssl.create_default_context(cafile=tmp_path / "etc/ssl/certs/ca-certificates.crt")
    assert len(context.get_ca_certs()) > 100


def test_all_times_in_it_are_that_of_the_commit(image):
    assert len({member.mtime for member in image.files().values()}) == 1
    assert "created" in image.config and len({step["created"] for step in image.config["history"]}) == 1


def test_it_runs_as_a_numeric_user_and_needs_nothing_else(image):
    config = image.config["config"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", config["User"]), "runAsNonRoot takes a number only"
    assert config["Entrypoint"] == ["/warren"] and "Cmd" not in config
    assert not any(key in config for key in ("Volumes", "ExposedPorts", "WorkingDir"))
    assert [variable.split("=")[0] for variable in config.get("Env", [])] in ([], ["PATH"])


def test_its_name_and_labels_say_what_it_is(image):
    assert image.entry["annotations"]["org.opencontainers.image.ref.name"] == "warren:dev"
    labels = image.config["config"]["Labels"]
    prefix = "org.opencontainers.image."
    assert set(labels) == {prefix + name for name in ("title", "description", "licenses", "version", "revision")}
    assert re.fullmatch(r"\d+\.\d+\.\d+", labels[prefix + "version"])
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    assert labels[prefix + "revision"].removesuffix("-dirty") == (commit or "unknown")
