#include "tests/simulation/event_log.hpp"

#include "tests/simulation/world.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <stdexcept>

namespace warren::simulation {
namespace {

using json = nlohmann::json;

constexpr std::array names = {
    "pod_made",      "pod_gone",      "disk_lost",      "holds",        "folder_deleted",
    "broker_begins", "broker_killed", "broker_stopped", "broker_ended", "stops_app",
    "joins",         "starts_app",    "forgets",        "forced_boot",  "forced_standalone",
    "runs"};

// Thrown and caught within this file alone: what is wrong with a line.
struct bad_line : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const json& field(const json& line, const char* key) {
  const auto found = line.find(key);
  if (found == line.end()) throw bad_line(std::string("there is no \"") + key + "\"");
  return *found;
}

long whole_number(const json& line, const char* key, long least, long most) {
  const json& value = field(line, key);
  const bool fits = value.is_number_integer() && value >= least && value <= most;
  if (!fits) throw bad_line(std::string("\"") + key + "\" is no whole number in its range");
  return value.get<long>();
}

std::string word(const json& line, const char* key) {
  const json& value = field(line, key);
  if (!value.is_string()) throw bad_line(std::string("\"") + key + "\" is no text");
  return value.get<std::string>();
}

bool truth(const json& line, const char* key) {
  const json& value = field(line, key);
  if (!value.is_boolean()) throw bad_line(std::string("\"") + key + "\" is neither true nor false");
  return value.get<bool>();
}

int node_in(const json& line, const char* key) {
  return static_cast<int>(whole_number(line, key, 0, most_nodes - 1));
}

node_set nodes_in(const json& line, const char* key) {
  const json& value = field(line, key);
  node_set all;
  if (!value.is_array()) throw bad_line(std::string("\"") + key + "\" is no list");
  for (const json& each : value) add(all, node_in({{key, each}}, key));
  return all;
}

std::optional<domain::door> door_in(const json& line) {
  const std::string kind = word(line, "door");
  if (kind == "none") return std::nullopt;
  constexpr std::array kinds = {domain::door_kind::closed, domain::door_kind::found,
                                domain::door_kind::classic, domain::door_kind::seed,
                                domain::door_kind::join_by_calls};
  for (const domain::door_kind k : kinds) {
    if (kind != domain::name(k)) continue;
    domain::door d{.kind = k};
    const bool leads = k != domain::door_kind::closed && k != domain::door_kind::found;
    if (leads) d.target = node_name(node_in(line, "target"));
    return d;
  }
  throw bad_line("there is no door '" + kind + "'");
}

duration time_in(const json& line) {
  return std::chrono::milliseconds(whole_number(line, "at", 0, 24L * 3600 * 1000));
}

log_kind kind_in(const std::string& kind) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (kind == names[i]) return static_cast<log_kind>(i);
  }
  throw bad_line("there is no event '" + kind + "'");
}

log_event event_in(const json& line, std::size_t number) {
  log_event e{.line = number, .kind = kind_in(word(line, "event"))};
  e.at = time_in(line);
  e.node = node_in(line, "node");
  switch (e.kind) {
    case log_kind::broker_begins:
      e.door = door_in(line);
      e.clock = std::chrono::seconds(whole_number(line, "clock", -86400, 86400));
      break;
    case log_kind::broker_ended:
      e.asked = truth(line, "asked");
      break;
    case log_kind::joins:
      e.other = node_in(line, "via");
      break;
    case log_kind::forgets:
      e.other = node_in(line, "of");
      break;
    case log_kind::holds:
    case log_kind::runs:
      e.members = nodes_in(line, "members");
      if (e.kind == log_kind::runs) e.running = nodes_in(line, "running");
      e.cluster = word(line, "cluster");
      if (e.cluster.empty()) throw bad_line("\"cluster\" is empty");
      break;
    default:
      break;
  }
  return e;
}

void head_in(const json& line, event_log& log) {
  if (word(line, "event") != "run") throw bad_line("the first event is not \"run\"");
  constexpr std::array<const char*, 3> versions = {"3.10", "4.0", "4.3"};
  const auto found = std::ranges::find(versions, word(line, "version"));
  if (found == versions.end()) throw bad_line("that version has no model");
  log.version = static_cast<release>(found - versions.begin());
  log.scenario = word(line, "scenario");
  log.nodes = static_cast<int>(whole_number(line, "nodes", 1, most_nodes));
}

// True for the end of the log.
bool take_line(std::string_view text, std::size_t number, event_log& log) {
  const json line = json::parse(text, nullptr, false);
  if (!line.is_object()) throw bad_line("it is no JSON object");
  if (number == 1) {
    head_in(line, log);
    return false;
  }
  if (word(line, "event") == "end") {
    log.formed = truth(line, "formed");
    return true;
  }
  log_event e = event_in(line, number);
  if (!log.events.empty() && e.at < log.events.back().at) {
    throw bad_line("it happened before the line above it");
  }
  log.events.push_back(std::move(e));
  return false;
}

std::string text_of(const node_set& s) {
  std::string text;
  for (const int n : s) text += (text.empty() ? "" : " ") + std::to_string(n);
  return "{" + text + "}";
}

}  // namespace

const char* name(log_kind k) {
  return names.at(static_cast<std::size_t>(k));
}

std::string text_of(const log_event& e) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(e.at).count();
  std::string text = "line " + std::to_string(e.line) + " (" + std::to_string(ms) + " ms): node " +
                     std::to_string(e.node) + " " + name(e.kind);
  if (e.other >= 0) text += " " + std::to_string(e.other);
  if (e.door)
    text += " with the door " + std::string(domain::name(e.door->kind)) + " " + e.door->target;
  if (e.kind == log_kind::broker_ended) text += e.asked ? ", as it was asked to" : " by itself";
  if (e.kind == log_kind::runs) {
    text += ": lists " + text_of(e.members) + ", sees " + text_of(e.running) + " run, " + e.cluster;
  }
  return text;
}

base::result<event_log> parse_event_log(std::string_view text) {
  event_log log;
  bool over = false;
  std::size_t number = 0;
  const auto wrong = [&](const std::string& why) {
    return base::failure(boost::system::errc::make_error_code(boost::system::errc::bad_message),
                         "line " + std::to_string(number) + ": " + why);
  };
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    if (over) return wrong("it comes after the end");
    if (number > longest_log) return wrong("the log is too long");
    if (end == std::string_view::npos) return wrong("it is cut off");
    try {
      over = take_line(text.substr(0, end), number, log);
    } catch (const bad_line& why) {
      return wrong(why.what());
    }
    text.remove_prefix(end + 1);
  }
  if (!over) return wrong("the end is missing");
  return log;
}

}  // namespace warren::simulation
