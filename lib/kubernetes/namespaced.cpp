#include "kubernetes/namespaced.hpp"

#include "http/message.hpp"

#include <utility>

namespace warren::kubernetes {

api_call object_call(const api_client& api, verb what, const object_kind& kind,
                     const std::string& name) {
  const std::string& name_space = api.where().name_space;
  api_call call;
  call.what = what;
  call.target = std::string(kind.root) + "/namespaces/" + http::percent_encode(name_space) + "/" +
                std::string(kind.plural);
  if (what != verb::create) call.target += "/" + http::percent_encode(name);
  call.resource = kind.resource;
  call.object = name + " in namespace " + name_space;
  call.needs = kind.needs;
  return call;
}

async::awaitable<api_result<std::optional<std::string>>> get_object(api_client& api,
                                                                    object_kind kind,
                                                                    std::string name,
                                                                    base::time_point deadline) {
  api_call call = object_call(api, verb::get, kind, name);
  api_result<http::response> answer = co_await api.send(std::move(call), deadline);
  if (answer) co_return std::move(answer->body);
  const bool absent = answer.error().missing == std::string(kind.plural) + "/" + name;
  if (absent) co_return std::optional<std::string>();
  co_return answer.error();
}

}  // namespace warren::kubernetes
