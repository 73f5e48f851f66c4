#pragma once

#include "etf/to_text.hpp"
#include "rabbitmq/errc.hpp"

#include <string>
#include <string_view>

namespace warren::rabbitmq {

// An answer that is not what was asked for.
inline base::failure unexpected(std::string_view what, const etf::term& answer) {
  return {errc::unexpected_answer, std::string(what) + " " + etf::to_text(answer)};
}

}  // namespace warren::rabbitmq
