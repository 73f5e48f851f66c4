"""What .ci/tier counts and .ci/summary adds up."""

import subprocess

import pytest

from scripts import ROOT


def tier(folder, name, script, limit="10s"):
    """The exit code, and `passed failed skipped` as kept for the summary."""
    done = subprocess.run([ROOT / ".ci/tier", name, limit, "sh", "-c", script], cwd=folder, capture_output=True, text=True)
    return done.returncode, (folder / f"build/results/{name}.count").read_text().strip()


def summary(folder, *names):
    done = subprocess.run([ROOT / ".ci/summary", *names], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("script, code, counts", [
    ("echo 'All tests passed (12 assertions in 3 test cases)'", 0, "3 0 0"),
    ("echo 'test cases: 5 | 4 passed | 1 failed'; echo 'assertions: 9 | 8 passed | 1 failed'; exit 1", 1, "4 1 0"),
    ("echo 'SKIPPED [1] test_a.py:3: no root'; echo '== 1 failed, 7 passed, 2 skipped, 1 error in 3.1s =='; exit 1", 1, "7 2 2"),
    ("echo '== 9 skipped in 0.1s =='", 0, "0 0 9"),
    ("echo '30 passed, 0 failed'", 0, "30 0 0"),
    ("echo 'SKIPPED demo: needs root'; exit 77", 0, "0 0 1"),
    ("echo 'Segmentation fault'; exit 139", 139, "0 1 0"),
    ("echo '30 passed, 0 failed'; exit 1", 1, "30 1 0"),
])
def test_a_tier_is_counted_by_its_closing_line_and_its_exit_code(tmp_path, script, code, counts):
    assert tier(tmp_path, "one", script) == (code, counts)


def test_a_tier_that_takes_too_long_has_failed(tmp_path):
    assert tier(tmp_path, "one", "exec sleep 30", "0.1s") == (124, "0 1 0")


def test_the_sum_is_the_last_line_and_names_what_was_skipped(tmp_path):
    tier(tmp_path, "one", "echo '3 passed, 0 failed'")
    tier(tmp_path, "two", "echo 'SKIPPED two: no root'; exit 77")
    assert summary(tmp_path, "one", "two") == (0, ["SKIPPED two: no root", "3 passed, 0 failed, 1 skipped"])


def test_a_tier_that_should_have_run_and_did_not_has_failed(tmp_path):
    tier(tmp_path, "one", "echo '3 passed, 0 failed'")
    code, lines = summary(tmp_path, "one", "two")
    assert code == 1 and lines[-1] == "3 passed, 1 failed"


def test_nothing_passed_is_no_success(tmp_path):
    tier(tmp_path, "one", "echo '0 passed, 0 failed'")
    assert summary(tmp_path, "one") == (1, ["0 passed, 0 failed"])
