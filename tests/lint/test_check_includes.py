import pathlib

import pytest

from scripts import ROOT, load

check = load("check-includes")

FORBIDDEN = [
    ("agent/domain/x.cpp", "<boost/asio/ip/tcp.hpp>"),
    ("agent/domain/x.cpp", "<nlohmann/json.hpp>"),
    ("agent/domain/x.cpp", "<spdlog/spdlog.h>"),
    ("agent/domain/x.hpp", '"kubernetes/errc.hpp"'),
    ("agent/domain/x.hpp", '"erldist/errc.hpp"'),
    ("agent/domain/x.hpp", '"http/message.hpp"'),
    ("agent/domain/x.hpp", '"async/awaitable.hpp"'),
    ("lib/etf/x.cpp", "<boost/asio/buffer.hpp>"),
    ("lib/base/x.cpp", '"agent/domain/peers.hpp"'),
    ("lib/erldist/x.cpp", '"kubernetes/errc.hpp"'),
    ("lib/kubernetes/x.cpp", '"erldist/errc.hpp"'),
    ("lib/http/x.cpp", "<prometheus/counter.h>"),
    ("agent/tasks/x.cpp", "<prometheus/counter.h>"),
    ("lib/http/x.cpp", "<spdlog/spdlog.h>"),
    ("agent/x.cpp", '"tests/support/catch.hpp"'),
    ("agent/x.cpp", '"no/such.hpp"'),
]
ALLOWED = [
    ("agent/domain/x.cpp", '"base/result.hpp"'),
    ("agent/domain/x.cpp", "<vector>"),
    ("lib/kubernetes/x.cpp", "<nlohmann/json.hpp>"),
    ("lib/rabbitmq/x.cpp", '"erldist/errc.hpp"'),
    ("agent/metrics.cpp", "<prometheus/counter.h>"),
    ("agent/log.cpp", "<spdlog/spdlog.h>"),
    ("agent/tasks/x.cpp", '"agent/domain/peers.hpp"'),
    ("tests/unit/x_test.cpp", '"tests/support/catch.hpp"'),
]


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def found(path, line):
    text = ("#pragma once\n" if path.endswith(".hpp") else "") + line + "\n"
    return [what for _, what in check.problems(pathlib.Path(path), text)]


@pytest.mark.parametrize("path, header", FORBIDDEN)
def test_a_forbidden_edge_is_found(path, header):
    assert found(path, f"#include {header}")


@pytest.mark.parametrize("path, header", ALLOWED)
def test_an_allowed_edge_is_not(path, header):
    assert found(path, f"#include {header}") == []


@pytest.mark.parametrize("line", ["// TODO", "f();  // NOLINT", "co_spawn(c, f(), asio::detached);"])
def test_bad_habits_are_found_in_the_product_alone(line):
    assert found("lib/base/x.cpp", line)
    assert found("tests/unit/x_test.cpp", line) == []


def test_a_header_needs_pragma_once():
    assert list(check.problems(pathlib.Path("lib/base/x.hpp"), "int a;\n"))


def test_a_file_of_401_lines_is_too_long():
    assert found("lib/base/x.cpp", "\n" * 400)
    assert found("lib/base/x.cpp", "\n" * 399) == []


def test_the_line_is_told():
    assert [line for line, _ in check.problems(pathlib.Path("lib/base/x.cpp"), "int a;\n// FIXME\n")] == [2]
