#include "agent/render.hpp"

#include "agent/settings_table.hpp"
#include "agent/settings_values.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace warren::agent {
namespace {

// Comments are one line, whatever a path or a name holds.
std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  return text;
}

std::string variable_of(const setting& s) {
  return s.variables().front();
}

// "K8S_SERVICE_NAME" if it came from there; empty if it came under Warren's own name.
std::string other_source(const setting_value& v) {
  const bool is_own =
      v.source.empty() || v.source == variable_of(*v.what) || v.source.starts_with("--");
  return is_own ? "" : one_line(v.source);
}

std::string shell_word(const std::string& text) {
  constexpr std::string_view plain = "@%+=:,./-_";
  const bool is_plain = !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           plain.find(c) != std::string_view::npos;
  });
  if (is_plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string yaml_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      quoted += std::string("\\x") + digits[byte >> 4U] + digits[byte & 0xfU];
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// Kubelet replaces $(NAME) in a value, and takes $$ for $.
std::string for_kubelet(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '$' ? std::string("$$") : std::string(1, c);
  return escaped;
}

struct pod_field {
  std::string_view flag;
  std::string_view variable;
  std::string_view path;
};
constexpr std::array<pod_field, 4> pod_fields{
    {{"pod-name", "POD_NAME", "metadata.name"},
     {"pod-namespace", "POD_NAMESPACE", "metadata.namespace"},
     {"pod-uid", "POD_UID", "metadata.uid"},
     {"pod-ip", "POD_IP", "status.podIP"}}};

// "rabbit@$(POD_NAME).rmq" of "rabbit@rmq-0.rmq": the same text must be right in every pod.
std::string node_for_all_pods(const std::string& node, const std::string& pod) {
  const std::size_t host = node.find('@') + 1;
  const std::size_t end = host + pod.size();
  const bool is_pod = host > 0 && !pod.empty() && node.compare(host, pod.size(), pod) == 0 &&
                      (end == node.size() || node[end] == '.');
  if (!is_pod) return for_kubelet(node);
  return for_kubelet(node.substr(0, host)) + "$(POD_NAME)" + for_kubelet(node.substr(end));
}

class renderer {
 public:
  renderer(const found_settings& found, render_format format, bool defaults)
      : found_(found), format_(format) {
    for (const setting_value& v : found.values) {
      const bool of_kubelet =
          v.what->flag.empty() && variable_of(*v.what).starts_with("KUBERNETES_");
      if (v.what->secret) {
        secrets_.push_back(variable_of(*v.what));
      } else if (!of_kubelet && (defaults || !v.source.empty())) {
        values_.push_back(v);
      }
    }
  }

  std::string text() {
    switch (format_) {
      case render_format::env:
        env();
        break;
      case render_format::flags:
        flags();
        break;
      case render_format::conf:
        conf();
        break;
      case render_format::yaml:
        yaml();
        break;
    }
    remarks();
    return std::move(out_);
  }

 private:
  void env() {
    for (const setting_value& v : values_) {
      out_ += "export " + variable_of(*v.what) + "=" + shell_word(v.text);
      end_line(other_source(v));
    }
  }

  void flags() {
    std::vector<std::pair<std::string, std::string>> words;  // with where they came from
    std::string api_server;                                  // the plugin's three settings for it
    for (const setting_value& v : values_) {
      if (v.what->flag.empty()) {
        api_server += (api_server.empty() ? "" : ", ") + one_line(v.source);
        continue;
      }
      words.emplace_back("--" + std::string(v.what->flag) + "=" + shell_word(v.text),
                         other_source(v));
    }
    // Given itself, it goes before these three.
    const bool is_given = std::ranges::any_of(
        values_, [](const setting_value& v) { return v.what->flag == "api-server"; });
    if (!api_server.empty() && !is_given)
      words.emplace_back("--api-server=" + shell_word(url()), api_server);
    for (const auto& [word, source] : words) {
      if (!source.empty()) comment(word.substr(0, word.find('=')) + ": " + source);
    }
    out_ += "warren agent";
    for (const auto& [word, source] : words) out_ += " \\\n  " + word;
    out_ += '\n';
  }

  [[nodiscard]] std::string url() const {
    const kubernetes_settings& api = found_.result.kubernetes;
    const std::string host = is_ipv6_address(api.host) ? "[" + api.host + "]" : api.host;
    return (api.tls ? "https://" : "http://") + host + ":" + std::to_string(api.port);
  }

  void conf() {
    for (const setting_value& v : values_) {
      const std::string key(v.what->key);
      if (key.empty() || v.text.find_first_of("'\n") != std::string::npos) {
        comment(variable_of(*v.what) + "=" + shell_word(v.text) +
                ": give it to Warren, rabbitmq.conf has no key for it");
      } else if (key.ends_with(".N")) {
        int number = 0;
        for (const std::string& each : split(v.text, ", ")) {
          key_line(key.substr(0, key.size() - 1) + std::to_string(++number), each);
        }
      } else {
        key_line(key, v.text);
      }
    }
  }

  void key_line(const std::string& key, const std::string& value) {
    const bool quoted = value.find_first_of(" \t#") != std::string::npos;
    out_ += key + " = " + (quoted ? "'" + value + "'" : value) + "\n";
  }

  void yaml() {
    out_ += "env:\n";
    for (const setting_value& v : values_) {
      const auto field = std::ranges::find(pod_fields, v.what->flag, &pod_field::flag);
      if (field == pod_fields.end() || v.what->flag.empty()) continue;
      out_.append("  - name: ").append(field->variable);
      out_.append("\n    valueFrom: {fieldRef: {fieldPath: ").append(field->path).append("}}\n");
      names_pod_ |= field->variable == "POD_NAME";
    }
    for (const setting_value& v : values_) {
      if (std::ranges::find(pod_fields, v.what->flag, &pod_field::flag) != pod_fields.end()) {
        continue;
      }
      const bool is_node = v.what->flag == "node" && names_pod_;
      out_ += "  - name: " + variable_of(*v.what);
      end_line(other_source(v));
      out_ +=
          "    value: " + yaml_string(is_node ? node_for_all_pods(v.text, found_.result.pod.name)
                                              : for_kubelet(v.text));
      out_ += '\n';
    }
  }

  // What the settings themselves do not say.
  void remarks() {
    for (const std::string& name : secrets_) {
      comment(name + " is set, and not shown: keep it in a Secret");
    }
    for (const bool warns : {false, true}) {
      const bool any = std::ranges::any_of(
          found_.classic, [&](const classic_finding& f) { return f.warns == warns; });
      if (!any) continue;
      comment(warns ? "Not as it was before:" : "Taken over, or not needed any more:");
      for (const classic_finding& f : found_.classic) {
        if (f.warns == warns) comment("  " + one_line(f.what) + ": " + std::string(f.instead));
      }
    }
  }

  void comment(const std::string& text) { out_ += "# " + one_line(text) + "\n"; }
  void end_line(const std::string& source) {
    out_ += (source.empty() ? "" : "  # " + source) + "\n";
  }

  const found_settings& found_;
  render_format format_;
  std::vector<setting_value> values_;
  std::vector<std::string> secrets_;
  std::string out_;
  bool names_pod_ = false;
};

}  // namespace

std::string render(const found_settings& found, render_format format, bool defaults) {
  return renderer(found, format, defaults).text();
}

}  // namespace warren::agent
