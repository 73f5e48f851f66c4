#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace warren::testing {

struct certificate {
  std::string certificate_pem;
  std::string key_pem;
};

struct certificate_request {
  std::string common_name = "warren test";
  std::vector<std::string> names = {"localhost"};
  std::vector<std::string> addresses = {"127.0.0.1", "::1"};
  // Negative: has expired that long ago.
  std::chrono::seconds valid_for = std::chrono::hours(24);
};

// A certificate authority made at run time (EC P-256). Its functions throw std::runtime_error if
// OpenSSL refuses.
class test_authority {
 public:
  explicit test_authority(std::string common_name = "warren test authority");
  ~test_authority();
  test_authority(test_authority&&) noexcept;
  test_authority& operator=(test_authority&&) noexcept;

  // A certificate for servers and clients, signed by this authority.
  [[nodiscard]] certificate issue(const certificate_request& request = {}) const;
  // What clients trust.
  [[nodiscard]] const std::string& certificate_pem() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

// Writes `text` over `path` as one step. Throws std::runtime_error.
void write_pem_file(const std::string& path, const std::string& text);

}  // namespace warren::testing
