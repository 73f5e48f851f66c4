import pytest

from scripts import load

check = load("check-coroutines")

BAD = {
    "a braced temporary": [
        "co_await send(request{\"a\", 1});",
        "auto r = co_await f({1, 2});",
        "if (co_await f(t{1})) { g(); }",
        "const auto x = g(co_await f(std::string{a}));",
    ],
    "a lambda that captures values": [
        "co_await run([x] { return x; });",
        "co_await run([=]() { return 1; });",
        "co_await run([&a, b = 1] { return b; });",
    ],
    "?:": [
        "auto r = flag ? co_await f() : 0;",
        "co_await f(flag ? a : b);",
    ],
}
GOOD = [
    "co_await f();",
    "co_await f(a::b::c);",
    "co_await f({});",
    "co_await run([&] { return x; });",
    "co_await run([this] { return x_; });",
    "for (;;) { co_await f(); }",
    "if (co_await f()) { g(t{1, 2}); }",
    "} else if (co_await f()) { g(t{1, 2}); }",
    "while (co_await f(g(1))) { h(t{1, 2}); }",
    "auto b = t{1, 2}; co_await f(b);",
    "int a = c ? 1 : 2; co_await f(a);",
    'co_await f("a ? b : {c}");  // [x] {y, z}',
    'co_await f(R"({"a": [1]})");',
]


def inside_a_coroutine(statement):
    return "awaitable<void> c() {\n  " + statement + "\n}\n"


@pytest.mark.parametrize("reason, statement", [(r, s) for r, all_of_it in BAD.items() for s in all_of_it])
def test_a_dangerous_statement_is_found_at_its_line(reason, statement):
    assert (2, f"co_await in one statement with {reason}") in list(check.problems(inside_a_coroutine(statement)))


@pytest.mark.parametrize("statement", GOOD)
def test_a_harmless_statement_is_not(statement):
    assert list(check.problems(inside_a_coroutine(statement))) == []
