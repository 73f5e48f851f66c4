"""Where .ci/image cannot build it says so, and ends with the code that counts as skipped."""

import os
import subprocess

import pytest

from scripts import ROOT


@pytest.mark.parametrize("buildah, reason", [
    (None, "buildah is not installed and cannot be"),
    ("echo 'a warning' >&2; echo 'unshare: not permitted' >&2; exit 125", "buildah cannot make a container here: unshare: not permitted"),
])
def test_an_image_that_cannot_be_built_is_skipped_and_the_reason_told(tmp_path, buildah, reason):
    for name in ("bash", "dirname"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    if buildah:
        (tmp_path / "buildah").write_text(f"#!/bin/sh\n{buildah}\n")
        (tmp_path / "buildah").chmod(0o755)
    done = subprocess.run(["/usr/bin/bash", ROOT / ".ci/image"], env=os.environ | {"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (77, f"SKIPPED image: {reason}\n")
