// Runs one typed call of lib/rabbitmq against a real broker and prints what it gives as one line of
// JSON; exit code 1 if it fails as a whole.
//   broker_calls ADDRESS EPMD_PORT NODE COOKIE_FILE SECONDS CALL [NODE]
//     CALL: facts | content | join NODE | forget NODE | stop (to be forgotten)
#include "async/task_group.hpp"
#include "base/file.hpp"
#include "erldist/connect.hpp"
#include "rabbitmq/broker.hpp"
#include "rabbitmq/forget.hpp"
#include "rabbitmq/join.hpp"
#include "tests/support/run_coroutine.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

const auto go_on = [] { return true; };

using namespace warren;
using async::awaitable;
using nlohmann::json;

struct order {
  erldist::connect_target target;
  base::time_point deadline;
  std::string call;
  std::string node;
};

json failure(const base::failure& why) {
  return {{"code", why.code.category().name() + (':' + std::to_string(why.code.value()))},
          {"text", why.text()}};
}

json queues(const rabbitmq::queue_list& list) {
  return {{"count", list.count}, {"names", list.names}};
}

const char* name(rabbitmq::metadata_store store) {
  switch (store) {
    case rabbitmq::metadata_store::mnesia:
      return "mnesia";
    case rabbitmq::metadata_store::khepri:
      return "khepri";
    default:
      return "unknown";
  }
}

json view(const rabbitmq::formation_facts& facts) {
  json j{{"version", facts.version},
         {"store", name(facts.store)},
         {"cluster_id", facts.cluster_id},
         {"data_folder", facts.data_folder}};
  if (facts.boot) j["boot"] = static_cast<int>(*facts.boot);
  if (facts.cluster) {
    j["members"] = facts.cluster->members;
    j["running"] = facts.cluster->running;
  }
  if (facts.began) {
    j["began"] = std::chrono::duration<double>(facts.began->time_since_epoch()).count();
  }
  return j;
}

json view(const rabbitmq::own_content& content) {
  return {{"first_boot_only", content.first_boot_only}, {"found", content.found}};
}

json view(const rabbitmq::forget_report& report) {
  json j{{"complete", report.complete},     {"was_member", report.was_member},
         {"is_member", report.is_member},   {"lost", queues(report.lost)},
         {"shrunk", queues(report.shrunk)}, {"streams", queues(report.streams)},
         {"failed", queues(report.failed)}};
  if (report.problem) j["problem"] = failure(*report.problem);
  return j;
}

template <class T>
json view(const base::result<T>& result) {
  if (!result) return {{"failed", failure(result.error())}};
  if constexpr (std::is_void_v<T>) {
    return json::object();
  } else {
    return view(*result);
  }
}

awaitable<json> answer(erldist::connection& link, const order& o) {
  rabbitmq::broker broker(link);
  if (o.call == "facts") {
    const auto facts = co_await broker.formation(o.deadline);
    co_return view(facts);
  }
  if (o.call == "content") {
    const auto content = co_await broker.content(o.deadline);
    co_return view(content);
  }
  if (o.call == "join") {
    const auto joined = co_await rabbitmq::join_by_calls(link, o.node, o.deadline, go_on);
    co_return view(joined);
  }
  if (o.call == "forget") {
    const auto report = co_await rabbitmq::forget(link, o.node, o.deadline, go_on);
    co_return view(report);
  }
  if (o.call == "stop") {
    const auto stopped = co_await rabbitmq::stop_to_be_forgotten(link, o.deadline);
    co_return view(stopped);
  }
  throw std::invalid_argument("no such call: " + o.call);
}

awaitable<void> keep(erldist::connection& link) {
  co_await link.run();
}

awaitable<json> run(const order& o) {
  auto connected = co_await erldist::connect(o.target, {}, {});
  if (!connected) {
    json j;
    j["failed"] = failure(connected.error());
    co_return j;
  }
  const auto link = std::move(*connected);
  async::task_group tasks(co_await async::asio::this_coro::executor,
                          [](auto, const auto& error) { std::rethrow_exception(error); });
  tasks.spawn("link", keep(*link));
  json j = co_await answer(*link, o);
  tasks.cancel();
  co_await tasks.join();
  co_return j;
}

order parse(const std::vector<std::string>& arguments) {
  if (arguments.size() != 7 && arguments.size() != 8) throw std::invalid_argument("usage");
  order o;
  o.target.addresses = {async::asio::ip::make_address(arguments[1])};
  o.target.epmd_port = static_cast<std::uint16_t>(std::stoi(arguments[2]));
  o.target.node = arguments[3];
  o.target.own_name = "warren-test" + arguments[3].substr(arguments[3].find('@'));
  std::ifstream file(arguments[4]);
  o.target.cookie = base::secret(
      std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()));
  o.deadline = base::steady::now() + std::chrono::seconds(std::stoi(arguments[5]));
  o.call = arguments[6];
  if (arguments.size() == 8) o.node = arguments[7];
  return o;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const order o = parse(std::vector<std::string>(argv, argv + argc));
    json j;
    testing::run_coroutine([&]() -> awaitable<void> { j = co_await run(o); },
                           o.deadline - base::steady::now() + std::chrono::seconds(30));
    std::cout << j.dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
    return j.contains("failed") && !j.contains("complete") ? 1 : 0;
  } catch (const std::exception& e) {
    std::cerr << "broker_calls: " << e.what() << "\n";
    return 64;
  }
}
