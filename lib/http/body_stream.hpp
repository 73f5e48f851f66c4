#pragma once

#include "async/awaitable.hpp"
#include "http/message.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace warren::http {

class connection;

// A response whose body is read as it comes. Owns its connection and closes it at its end.
class body_stream {
 public:
  explicit body_stream(std::unique_ptr<connection> from);
  ~body_stream();
  body_stream(body_stream&&) noexcept;
  body_stream& operator=(body_stream&&) noexcept;

  // Status and headers; the body is empty.
  [[nodiscard]] const response& header() const;

  // The next bytes, at least one, valid until the next call; nothing at the body's regular end.
  // Fails with read_body_timeout if none came by `deadline`, with body_truncated if the connection
  // ended within the body. After a failure the stream is of no use.
  async::awaitable<base::result<std::optional<std::string_view>>> read_some(
      base::time_point deadline);

 private:
  std::unique_ptr<connection> connection_;
  bool handed_out_ = false;  // the body's present bytes were the last answer
};

}  // namespace warren::http
