#include "http/body_stream.hpp"

#include "http/connection.hpp"

namespace warren::http {

body_stream::body_stream(std::unique_ptr<connection> from) : connection_(std::move(from)) {}
body_stream::~body_stream() = default;
body_stream::body_stream(body_stream&&) noexcept = default;
body_stream& body_stream::operator=(body_stream&&) noexcept = default;

const response& body_stream::header() const {
  return connection_->received();
}

async::awaitable<base::result<std::optional<std::string_view>>> body_stream::read_some(
    base::time_point deadline) {
  std::string& body = connection_->received().body;
  if (handed_out_) body.clear();
  handed_out_ = true;
  while (body.empty()) {
    const base::result<bool> done = co_await connection_->read_body(deadline);
    if (!done) co_return done.error();
    if (*done && body.empty()) co_return std::optional<std::string_view>();
  }
  co_return std::optional<std::string_view>(body);
}

}  // namespace warren::http
