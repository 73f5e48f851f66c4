#include "erldist/frame.hpp"

#include "erldist/errc.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace warren;
using namespace warren::erldist;

namespace {

std::string framed(std::string_view message) {
  std::string out;
  const std::size_t begun = begin_frame(out);
  out += message;
  end_frame(out, begun);
  return out;
}

}  // namespace

TEST_CASE("messages are cut out of the stream, whatever the chunks", "[erldist]") {
  const std::vector<std::string> messages{"a", "", std::string(70'000, 'x'), "", "last"};
  std::string stream;
  for (const std::string& m : messages) stream += framed(m);
  const std::size_t chunk = GENERATE(1u, 3u, 4u, 5u, 4096u, 100'000u);
  CAPTURE(chunk);
  frame_decoder decoder(100'000);
  std::vector<std::string> got;
  for (std::size_t at = 0; at < stream.size(); at += chunk) {
    decoder.append(std::string_view(stream).substr(at, chunk));
    for (;;) {
      const auto frame = decoder.next();
      REQUIRE(frame.has_value());
      if (!*frame) break;
      got.emplace_back(**frame);
    }
  }
  CHECK(got == messages);
}

TEST_CASE("a tick is an empty message", "[erldist]") {
  CHECK(framed("") == tick_frame);
}

TEST_CASE("a length of 4 GB is refused at once", "[erldist]") {
  frame_decoder decoder(1 << 20);
  decoder.append(std::string(4, '\xFF'));
  const auto frame = decoder.next();
  REQUIRE(frame.has_error());
  CHECK(frame.error().code == errc::frame_too_large);
}
