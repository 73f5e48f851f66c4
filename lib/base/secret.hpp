#pragma once

#include <string>
#include <utility>

namespace warren::base {

// A cookie or a token. It has no stream operator and no conversion: who needs the bytes asks for
// them by name, so a secret cannot reach a log line, a metric or a status page by accident.
class secret {
 public:
  secret() = default;
  explicit secret(std::string bytes) : bytes_(std::move(bytes)) {}

  [[nodiscard]] const std::string& reveal() const { return bytes_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  friend bool operator==(const secret&, const secret&) = default;

 private:
  std::string bytes_;
};

}  // namespace warren::base
