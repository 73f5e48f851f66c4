"""The image that `make image` has written, and containers of it."""

import pathlib

import pytest

from archive import Archive
from container import Runtime

ROOT = pathlib.Path(__file__).resolve().parents[2]
reasons = []


def pytest_terminal_summary(terminalreporter):
    for reason in dict.fromkeys(reasons):
        terminalreporter.write_line(f"SKIPPED image's containers: {reason}")


@pytest.fixture(scope="session")
def image():
    return Archive(ROOT / "build/warren-image.tar")


@pytest.fixture(scope="session")
def runtime(image, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    root.chmod(0o755)
    image.unpack(root)
    # Where volumes are mounted; a runtime makes these in a layer over the image.
    for folder in ("proc", "tools"):
        (root / folder).mkdir()
    containers = Runtime(tmp_path_factory.mktemp("containers"), root, image.config["config"])
    reason = containers.why_not()
    if reason:
        reasons.append(reason)
        pytest.skip(reason)
    return containers
