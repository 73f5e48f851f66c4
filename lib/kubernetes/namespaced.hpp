#pragma once

#include "async/awaitable.hpp"
#include "kubernetes/api_client.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace warren::kubernetes {

// A kind of object that lives in a namespace.
struct object_kind {
  std::string_view root;      // "/apis/apps/v1"
  std::string_view plural;    // "statefulsets"
  std::string_view resource;  // "statefulsets.apps", as in a Role
  std::string_view needs;     // the verbs a Role must grant, for people
};

// The call about one object of the client's namespace; create goes to the collection.
api_call object_call(const api_client& api, verb what, const object_kind& kind,
                     const std::string& name);

// The text of one object, as etcd has it now. Nothing if the server says that it does not have this
// object; a 404 that does not name it (a proxy's, of an API that is not served) is a failure.
async::awaitable<api_result<std::optional<std::string>>> get_object(api_client& api,
                                                                    object_kind kind,
                                                                    std::string name,
                                                                    base::time_point deadline);

}  // namespace warren::kubernetes
