#include "kubernetes/api_client.hpp"
#include "kubernetes/errc.hpp"
#include "tests/support/catch.hpp"

using namespace std::chrono_literals;
using namespace warren;
using kubernetes::errc;

namespace {

kubernetes::api_call slices_call() {
  kubernetes::api_call call;
  call.what = kubernetes::verb::list;
  call.resource = "endpointslices.discovery.k8s.io";
  call.object = "of service rabbitmq in namespace x";
  call.needs = "list and watch";
  return call;
}

kubernetes::api_failure failure_for(int status, std::string body = {}) {
  http::response answer;
  answer.status = status;
  answer.body = std::move(body);
  return kubernetes::status_failure(slices_call(), answer);
}

}  // namespace

TEST_CASE("each status has its code", "[kubernetes]") {
  CHECK(failure_for(401).why.code == errc::unauthorized);
  CHECK(failure_for(403).why.code == errc::forbidden);
  CHECK(failure_for(404).why.code == errc::not_found);
  CHECK(failure_for(409).why.code == errc::conflict);
  CHECK(failure_for(410).why.code == errc::gone);
  CHECK(failure_for(429).why.code == errc::too_many_requests);
  CHECK(failure_for(500).why.code == errc::server_error);
  CHECK(failure_for(503).why.code == errc::server_error);
  CHECK(failure_for(400).why.code == errc::rejected);
}

TEST_CASE("a 403 names the resource and the cure", "[kubernetes]") {
  CHECK(failure_for(403).why.detail ==
        "403 from endpointslices.discovery.k8s.io of service rabbitmq in namespace x: the Role "
        "needs list and watch on endpointslices.discovery.k8s.io");
}

TEST_CASE("another refusal is told in the server's words, shortened", "[kubernetes]") {
  const std::string text =
      failure_for(500, R"({"kind":"Status","message":"etcd is away"})").why.detail;
  CHECK(text.ends_with(": etcd is away"));
  const std::string endless = R"({"message":")" + std::string(9000, 'x') + R"("})";
  CHECK(failure_for(500, endless).why.detail.size() < 400);
  CHECK(failure_for(500, "<html>").why.detail.ends_with("namespace x"));
}

TEST_CASE("Retry-After is kept, up to five minutes", "[kubernetes]") {
  http::response answer;
  answer.status = 429;
  answer.retry_after = 7s;
  CHECK(kubernetes::status_failure(slices_call(), answer).retry_after == base::duration(7s));
  answer.retry_after = 100h;
  CHECK(kubernetes::status_failure(slices_call(), answer).retry_after == base::duration(5min));
}

TEST_CASE("a 404 names what is missing only in the words of an API server", "[kubernetes]") {
  const std::string status = R"({"kind":"Status","apiVersion":"v1","status":"Failure",
    "message":"pods \"rmq-0\" not found","reason":"NotFound",
    "details":{"name":"rmq-0","kind":"pods"},"code":404})";
  CHECK(failure_for(404, status).missing == "pods/rmq-0");
  CHECK(failure_for(503, status).missing.empty());
  const char* other =
      GENERATE("404 page not found\n", "<html>not found</html>", "",
               R"({"reason":"NotFound","details":{"name":"rmq-0","kind":"pods"}})",
               R"({"kind":"Status","reason":"NotFound","details":{}})",
               R"({"kind":"Status","reason":"NotFound","details":{"kind":"pods"}})",
               R"({"kind":"Status","reason":"Gone","details":{"name":"rmq-0","kind":"pods"}})",
               R"({"kind":"Status","reason":"NotFound","details":{"name":"rmq-0","kind":"pods"})");
  CAPTURE(other);
  CHECK(failure_for(404, other).missing.empty());
}
