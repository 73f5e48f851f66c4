#pragma once

#include "agent/settings_table.hpp"
#include "agent/settings_values.hpp"

#include <string>
#include <utility>
#include <vector>

// The kinds of values that settings_table.cpp is written in. `field` gives the place in a draft.
namespace warren::agent::rules {

// What `text` may be given, besides the names in settings_values.hpp.
bool is_node(std::string_view text);  // "rabbit" or "rabbit@rmq-0"
bool is_scheme(std::string_view text);
bool is_url(std::string_view text);
bool is_real_port(std::string_view text);  // not 0
bool is_uid(std::string_view text);
bool is_version(std::string_view text);   // "4.3", "4.3.6", "4.3.6-management"
bool is_dns_name(std::string_view text);  // "rmq.shop.svc.cluster.local", perhaps with a dot behind

// Each for the one setting of its name.
value_rule listen();
value_rule addresses();
value_rule cookie();
value_rule command();
value_rule static_peers();

template <class Field>
value_rule text(std::string allowed, bool (*is_allowed)(std::string_view), Field field) {
  return {std::move(allowed), [=](settings_draft& d, const std::string& value) {
            if (!is_allowed(value)) return false;
            field(d) = value;
            return true;
          }};
}

template <class Field>
value_rule path(Field field) {
  return {"a path", [=](settings_draft& d, const std::string& value) {
            field(d) = value;
            return true;
          }};
}

template <class Field>
value_rule duration(base::duration least, base::duration most, Field field) {
  return {"a duration from " + format_duration(least) + " to " + format_duration(most),
          [=](settings_draft& d, const std::string& value) {
            const auto parsed = parse_duration(value);
            if (!parsed || *parsed < least || *parsed > most) return false;
            field(d) = *parsed;
            return true;
          }};
}

template <class Field>
value_rule port(Field field) {
  return {"a port from 1 to 65535", [=](settings_draft& d, const std::string& value) {
            const auto parsed = parse_port(value);
            if (!parsed || *parsed == 0) return false;
            field(d) = *parsed;
            return true;
          }};
}

template <class Field>
value_rule number(int least, int most, Field field) {
  return {"a number from " + std::to_string(least) + " to " + std::to_string(most),
          [=](settings_draft& d, const std::string& value) {
            const auto parsed = parse_port(value);
            if (!parsed || *parsed < least || *parsed > most) return false;
            field(d) = *parsed;
            return true;
          }};
}

template <class Field>
value_rule boolean(Field field) {
  return {"true or false", [=](settings_draft& d, const std::string& value) {
            const auto parsed = parse_bool(value);
            if (parsed) field(d) = parsed;
            return parsed.has_value();
          }};
}

// For fields that are a T or an optional one.
template <class T, class Field>
value_rule choice(std::vector<std::pair<std::string, T>> choices, Field field) {
  std::string allowed;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) allowed += i + 1 == choices.size() ? " or " : ", ";
    allowed += choices[i].first;
  }
  return {allowed, [=](settings_draft& d, const std::string& value) {
            for (const auto& [name, meaning] : choices) {
              if (name != value) continue;
              field(d) = meaning;
              return true;
            }
            return false;
          }};
}

}  // namespace warren::agent::rules
