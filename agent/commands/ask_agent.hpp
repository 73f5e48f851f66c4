#pragma once

#include "base/result.hpp"
#include "http/client.hpp"

#include <optional>
#include <string>
#include <vector>

// How the command line talks to agents.
namespace warren::agent {

constexpr std::uint16_t default_port = 15690;

// Where the agent of this pod listens, as its own setting tells: "127.0.0.1:15690".
std::string default_agent();
// The path of its admin socket.
std::string default_admin_socket();

// ADDRESS or ADDRESS:PORT; nothing if it is neither.
std::optional<http::origin> agent_at(const std::string& address);
http::origin admin_socket_at(const std::string& path);

struct question {
  http::origin to;
  http::outgoing request;
};

// Asks all of them, eight at a time, each at most five seconds; the answers in the same order.
// Blocks until the last one has come.
std::vector<base::result<http::response>> ask(std::vector<question> questions);
base::result<http::response> ask(const http::origin& to, std::string target,
                                 http::method verb = http::method::get);

}  // namespace warren::agent
