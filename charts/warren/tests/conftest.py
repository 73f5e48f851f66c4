import chart
import pytest

reasons = []


def pytest_terminal_summary(terminalreporter):
    for reason in dict.fromkeys(reasons):
        terminalreporter.write_line(f"SKIPPED {reason}")


def skip(what, why):
    reasons.append(f"{what}: {why}")
    pytest.skip(why)


@pytest.fixture(scope="session")
def helm():
    if not chart.program("helm"):
        skip("charts", "there is no helm, and none could be built (no Go)")
    return chart.helm


@pytest.fixture(scope="session")
def kubectl():
    if not chart.program("kubectl"):
        skip("charts: patches", "there is no kubectl, and none could be built (no Go)")
    return lambda *words, text=None: chart.run(chart.program("kubectl"), *words, text=text)


@pytest.fixture(scope="session")
def server(helm, kubectl, tmp_path_factory):
    """kubectl on a real API server that is there for these tests alone."""
    folder = tmp_path_factory.mktemp("plane")
    done = chart.run(chart.KUBE, "-C", folder, "control-plane")
    if done.returncode == 77:
        skip("charts: dry run on an API server", done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr

    def ask(*words, text=None):
        return kubectl("--kubeconfig", ask.kubeconfig, *words, text=text)
    ask.kubeconfig = folder / "kubeconfig"
    yield ask
    chart.run(chart.KUBE, "-C", folder, "down")
