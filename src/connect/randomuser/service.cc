#include "connect/randomuser/service.h"

#include <algorithm>
#include <utility>

#include "http/server.h"

namespace millrace::connect::randomuser {
namespace {

void respond(Api& api,
             const millrace::http::Request& request,
             const millrace::http::Responder& responder) {
  const std::string_view target = request.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  ApiAnswer answer = api.answer(target.substr(std::min(mark + 1, target.size())));
  millrace::http::Response response{.status = answer.status,
                                    .content_type = std::move(answer.content_type),
                                    .body = std::move(answer.body)};
  response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  response.headers.emplace_back("Cache-Control", "no-cache");
  if (answer.retry_after_s) {
    response.headers.emplace_back("Retry-After", std::to_string(*answer.retry_after_s));
  }
  responder.send(std::move(response));
}

}  // namespace

void add_routes(millrace::http::Router& router, Api& api) {
  const millrace::http::Handler handler = [&api](const millrace::http::Request& request,
                                                 const millrace::http::Responder& responder) {
    respond(api, request, responder);
  };
  for (const std::string_view pattern : {"/api", "/api/", "/api/{version}", "/api/{version}/"}) {
    router.add("GET", pattern, handler);
  }
}

}  // namespace millrace::connect::randomuser
