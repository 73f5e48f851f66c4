#pragma once

// Catch2 2 (Debian 12) and 3 (Debian 13) under one include. Use only what both have:
// TEST_CASE, SECTION, GENERATE, REQUIRE*, CHECK*, INFO, CAPTURE, FAIL.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
