// The APIs that are served: each is one line in api_table.cc, and that table is what ApiVersions
// answers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "base/result.h"
#include "broker/call.h"
#include "broker/detail/pending_answer.h"
#include "broker/services.h"
#include "wire/api_key.h"
#include "wire/reader.h"

namespace millrace::broker {

/// Whether a request is handled while others of its connection are under way.
enum class Turn : std::uint8_t {
  kAfterAnswer,   ///< When the one before was answered.
  kFollowsAtOnce  ///< When the one before is of this kind, too.
};

/// One API. Immutable.
struct ApiRow {
  wire::ApiKey key{};
  Turn turn = Turn::kAfterAnswer;
  /// Decodes the body and calls the handler. An error: the body makes no sense.
  Result<void> (*enter)(Services& services,
                        const RequestInfo& info,
                        wire::Reader& body,
                        AnswerPlace place) = nullptr;
};

template <class Request, class Response>
using Handler =
    void (*)(Services& services, const RequestInfo& info, Request request, Reply<Response> reply);

namespace detail {

template <class Request, class Response>
Result<void> enter(Handler<Request, Response> handler,
                   Services& services,
                   const RequestInfo& info,
                   wire::Reader& body,
                   AnswerPlace place) {
  Request request = TRY(Request::decode(body, info.version));
  const auto pending = std::make_shared<PendingAnswer<Response>>(std::move(place));
  handler(services, info, std::move(request), Reply<Response>(pending));
  pending->handler_returned();
  return {};
}

template <class Request, class Response>
constexpr wire::ApiKey key_of(Handler<Request, Response> /*handler*/) {
  return Request::kKey;
}

}  // namespace detail

/// The row of a handler.
template <auto kHandler>
constexpr ApiRow serve(Turn turn = Turn::kAfterAnswer) {
  return {
      .key = detail::key_of(kHandler),
      .turn = turn,
      .enter =
          [](Services& services, const RequestInfo& info, wire::Reader& body, AnswerPlace place) {
            return detail::enter(kHandler, services, info, body, std::move(place));
          }};
}

/// By key.
std::span<const ApiRow> api_rows();

/// Null when it is not served.
const ApiRow* find_api_row(wire::ApiKey key);

}  // namespace millrace::broker
