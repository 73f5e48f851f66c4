#include "tests/support/object_file.hpp"

#include "base/file.hpp"
#include "tests/support/fake_kube_store.hpp"

#include <boost/system/errc.hpp>

#include <exception>
#include <tuple>
#include <utility>

namespace warren::testing {
namespace {

using nlohmann::json;
using objects = std::map<kube_key, json>;

constexpr std::size_t longest_file = 64UL * 1024 * 1024;

// Throws if it is not a list of objects that fake_kube_api knows.
objects parse(const std::string& text) {
  objects out;
  for (const json& object : json::parse(text)) {
    kube_key key;
    key.resource = &kube_resource_of(object);
    key.name_space = object.value("/metadata/namespace"_json_pointer, "default");
    key.name = object.at("metadata").at("name");
    out[std::move(key)] = object;
  }
  return out;
}

}  // namespace

struct object_file::state {
  std::string path;
  objects applied;
};

object_file::object_file(std::string path) : state_(std::make_unique<state>()) {
  state_->path = std::move(path);
}
object_file::~object_file() = default;

base::result<void> object_file::apply(fake_kube_api& api) {
  const base::result<std::string> text = base::read_file(state_->path, longest_file);
  if (!text) return text.error();
  objects wanted;
  try {
    wanted = parse(*text);
  } catch (const std::exception& e) {
    const auto code = make_error_code(boost::system::errc::invalid_argument);
    return base::failure(code, state_->path + ": " + e.what());
  }
  for (const auto& [key, object] : state_->applied) {
    if (wanted.contains(key)) continue;
    api.remove(key.resource->qualified(), key.name_space, key.name);
  }
  for (const auto& [key, object] : wanted) {
    const auto before = state_->applied.find(key);
    if (before == state_->applied.end() || before->second != object) api.put(object);
  }
  state_->applied = std::move(wanted);
  return {};
}

}  // namespace warren::testing
