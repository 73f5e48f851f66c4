#include "agent/log.hpp"

#include "base/wall_text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <unistd.h>

namespace warren::agent {
namespace {

spdlog::level::level_enum to_spdlog(log_level level) {
  switch (level) {
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warning:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

log_level from_spdlog(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return log_level::debug;
    case spdlog::level::info:
      return log_level::info;
    case spdlog::level::warn:
      return log_level::warning;
    default:
      return log_level::error;
  }
}

std::string_view name(log_level level) {
  switch (level) {
    case log_level::debug:
      return "debug";
    case log_level::info:
      return "info";
    case log_level::warning:
      return "warning";
    case log_level::error:
      return "error";
  }
  return "info";
}

std::string without_control_characters(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string line;
  line.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      line += c;
    } else if (c == '\n') {
      line += "\\n";
    } else {
      line += "\\x";
      line += digits[byte >> 4U];
      line += digits[byte & 15U];
    }
  }
  return line;
}

class line_formatter : public spdlog::formatter {
 public:
  explicit line_formatter(log_format format) : format_(format) {}
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    std::string line =
        format_line(format_, from_spdlog(message.level),
                    {message.payload.data(), message.payload.size()}, ::getpid(), message.time);
    line += '\n';
    out.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<line_formatter>(format_);
  }

 private:
  log_format format_;
};

std::shared_ptr<spdlog::logger> make_logger(log_level least, log_format format) {
  auto logger =
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_level(to_spdlog(least));
  logger->set_formatter(std::make_unique<line_formatter>(format));
  return logger;
}

// One for the process: the guard's is inherited by its workers.
std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> the_logger =
      make_logger(log_level::info, log_format::text);
  return the_logger;
}

}  // namespace

void set_up_log(log_level least, log_format format) {
  logger() = make_logger(least, format);
}

void log(log_level level, std::string_view text) {
  logger()->log(to_spdlog(level), spdlog::string_view_t(text.data(), text.size()));
}

std::string format_line(log_format format, log_level level, std::string_view text, long pid,
                        base::wall_time at) {
  const std::string time = base::rfc3339(at, base::precision::milliseconds);
  if (format == log_format::json) {
    const nlohmann::ordered_json line = {
        {"time", time}, {"level", name(level)}, {"pid", pid}, {"message", text}};
    return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  return time + " [" + std::to_string(pid) + "] " + std::string(name(level)) + ": " +
         without_control_characters(text);
}

bool told_once::problem(std::string_view subject, std::string_view text) {
  std::vector<std::string>& texts = told_[std::string(subject)];
  if (texts.size() >= most_texts || std::ranges::find(texts, text) != texts.end()) return false;
  texts.emplace_back(text);
  return true;
}

bool told_once::well(std::string_view subject) {
  const auto known = told_.find(subject);
  if (known == told_.end()) return false;
  told_.erase(known);
  return true;
}

}  // namespace warren::agent
