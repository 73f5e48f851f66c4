"""The agent's own life: signals, its guard and worker, bad settings, hostile clients."""

import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest

from lab import processes, stays, wait_until
from lab.agent import PORT, ROOT

# There is no API server beside a broker alone, and each worker finds that out for itself.
NEW_WORKER = ["peers: "]


def ended_by_sigterm(agent):
    began = time.monotonic()
    code = agent.stop(limit=5)
    took = time.monotonic() - began
    assert code == 0 and took < 1, (code, took, agent.log[-1500:])


def test_sigterm_ends_it_beside_a_running_broker(broker, sidecar):
    agent = sidecar(broker)
    wait_until(lambda: agent.status_of("/readyz") == 200, 5)
    ended_by_sigterm(agent)


def test_sigterm_ends_it_without_broker_epmd_or_api(host, sidecar):
    ended_by_sigterm(sidecar(host))


def test_sigterm_ends_it_in_its_first_moments(host, sidecar):
    agent = sidecar(host, wait=False)
    wait_until(lambda: agent.guard, 5)
    wait_until(lambda: agent.worker, 5)
    ended_by_sigterm(agent)


def test_sigterm_ends_it_beside_a_hung_broker(newest, sidecar):
    agent = sidecar(newest)
    wait_until(lambda: agent.status_of("/readyz") == 200, 5)
    newest.freeze()
    wait_until(lambda: agent.status_of("/readyz") == 503, 10)
    ended_by_sigterm(agent)


def test_sigterm_ends_it_while_everything_is_silent(newest, sidecar, namespace):
    """EPMD, distribution and API server accept or swallow, and nobody answers."""
    newest.block_port(4369)
    newest.block_port(25672)
    agent = sidecar(newest, namespace, WARREN_API_SERVER=f"https://{newest.lab.network.address(250)}:6443")
    stays(lambda: agent.status_of("/livez") == 200, 0.5)
    ended_by_sigterm(agent)


def test_sigterm_ends_it_while_it_watches_the_api(host, sidecar, namespace):
    namespace.publish([host])
    agent = sidecar(host, namespace)
    wait_until(lambda: agent.get("/v1/peers").json["observed_at"], 5)
    ended_by_sigterm(agent)


def test_a_killed_worker_is_replaced_and_no_probe_is_refused(newest, sidecar):
    agent = sidecar(newest, repeats=NEW_WORKER)
    wait_until(lambda: agent.status_of("/readyz") == 200, 5)
    for _ in range(3):
        old = agent.worker
        processes.send(old, signal.SIGKILL)
        began = time.monotonic()
        wait_until(lambda: agent.worker != old, 2, "new worker", every=0.001)
        assert time.monotonic() - began < 1.2
        answer = agent.get("/readyz")
        assert answer.status == 200, answer
        stays(lambda: agent.status_of("/livez") == 200, 0.3)


def test_the_first_replacement_takes_less_than_100_ms(newest, sidecar):
    agent = sidecar(newest, repeats=NEW_WORKER)
    wait_until(lambda: agent.status_of("/readyz") == 200, 5)
    old = agent.worker
    processes.send(old, signal.SIGKILL)
    began = time.monotonic()
    wait_until(lambda: agent.worker != old, 2, every=0.001)
    assert time.monotonic() - began < 0.1


def test_a_hung_worker_is_replaced_after_five_seconds(newest, sidecar):
    agent = sidecar(newest, repeats=NEW_WORKER)
    wait_until(lambda: agent.status_of("/readyz") == 200, 5)
    old = agent.worker
    processes.send(old, signal.SIGSTOP)
    began = time.monotonic()
    wait_until(lambda: processes.alive(agent.guard) and agent.worker != old, 8, "new worker", every=0.01)
    assert 3.5 < time.monotonic() - began < 7
    wait_until(lambda: agent.status_of("/readyz") == 200, 2)


def test_a_guard_that_was_stopped_itself_does_not_blame_its_worker(newest, sidecar):
    agent = sidecar(newest)
    guard, worker = agent.guard, agent.worker
    for pid in (guard, worker):
        processes.send(pid, signal.SIGSTOP)

    def both_stopped():
        return [processes.stat(pid)[0] for pid in (guard, worker)] == ["T", "T"]
    wait_until(both_stopped, 5, "both stopped")
    # Longer than a worker's silence may last.
    stays(both_stopped, 6, "both stopped")
    for pid in (guard, worker):
        processes.send(pid, signal.SIGCONT)
    stays(lambda: agent.worker == worker and agent.status_of("/livez") == 200, 2)


def test_a_killed_guard_takes_its_worker_along(newest, sidecar):
    agent = sidecar(newest, own_pids=False)
    worker = agent.worker
    processes.send(agent.guard, signal.SIGKILL)
    wait_until(lambda: not processes.alive(worker), 1, "end of the worker")
    with pytest.raises(OSError):
        agent.status_of("/livez")


def test_the_hang_clock_survives_the_worker(newest, sidecar):
    agent = sidecar(newest, repeats=NEW_WORKER, WARREN_LIVENESS_HANG_TIMEOUT="10s")
    wait_until(lambda: agent.status_of("/readyz") == 200, 5)
    newest.freeze()
    began = time.monotonic()
    wait_until(lambda: agent.status_of("/readyz") == 503, 8)
    processes.send(agent.worker, signal.SIGKILL)
    wait_until(lambda: agent.status_of("/livez") == 503, 12)
    assert time.monotonic() - began < 14


def test_bad_settings_are_all_named_and_end_with_78(host, sidecar):
    agent = sidecar(host, start=False, WARREN_READINESS_LEVEL="fast", WARREN_PEERS_FROM="guessing", WARREN_PEERS_FORMAT="prose")
    done = agent.run("agent")
    assert done.returncode == 78
    for value in ("fast", "guessing", "prose"):
        assert value in done.stdout + done.stderr


def test_a_port_in_use_is_named(host, sidecar):
    done = sidecar(host).run("agent")
    assert done.returncode != 0 and str(PORT) in done.stdout + done.stderr


def test_a_thousand_idle_connections_keep_nobody_out(host, sidecar):
    agent = sidecar(host)
    idle = []
    try:
        for _ in range(1000):
            idle.append(socket.create_connection((host.address, PORT), timeout=2))
        wait_until(lambda: agent.status_of("/livez") == 200, 15)
    finally:
        for connection in idle:
            connection.close()
    assert agent.status_of("/livez") == 200


def test_clients_that_send_slowly_or_nonsense_keep_nobody_out(host, sidecar):
    agent = sidecar(host)
    for rubbish in (b"GET /livez HTTP/1.1\r\nHo", b"\0\xff" * 5000, b"GET " + b"a" * 100000, b"POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n"):
        with socket.create_connection((host.address, PORT), timeout=2) as connection:
            connection.sendall(rubbish)
            assert agent.status_of("/livez") == 200
    assert agent.status_of("/agent/livez") == 200


def test_the_binary_runs_in_an_empty_folder(tmp_path):
    shutil.copy(ROOT / "build/warren", tmp_path / "warren")
    done = subprocess.run(["chroot", tmp_path, "/warren", "version"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0 and done.stdout.strip(), done.stderr


def test_metrics_are_accepted_by_promtool(newest, sidecar):
    agent = sidecar(newest)
    wait_until(lambda: agent.status_of("/readyz") == 200, 5)
    plain = agent.get("/metrics")
    assert plain.status == 200 and plain.headers["Content-Type"].startswith("text/plain")
    done = subprocess.run(["promtool", "check", "metrics"], input=plain.text, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr.strip(), done.stderr
    modern = agent.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert modern.headers["Content-Type"].startswith("application/openmetrics-text") and modern.text.endswith("# EOF\n")
    assert pathlib.Path(f"/proc/{agent.worker}").exists()
