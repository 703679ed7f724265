// What an answer of a web service is worth: records, or a failure of a named kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connect/http/detail/settings.h"
#include "connector/feed.h"
#include "connector/json_slices.h"
#include "http/client.h"

namespace millrace::connect::http::detail {

struct Answer {
  std::vector<connector::FeedRecord> records;
  std::optional<connector::FeedFailure> failure;
  /// With a failure: whether the same request may succeed soon.
  bool retryable = false;
  /// The server says that nothing has changed.
  bool unchanged = false;
  /// As the answer names it, resolved; with paging by pointer or header only.
  std::optional<std::string> next;
  /// Milliseconds to wait before the next request, as the server asks for it; negative: it does
  /// not.
  std::int64_t wait_ms = -1;
};

/// `now_ms`: wall clock, the records' timestamp. `may_be_empty`: an answer without records is the
/// end of the pages, or allowed.
Answer read_answer(millrace::http::FetchReply reply,
                   const Settings& settings,
                   connector::JsonSlicer& slicer,
                   std::int64_t now_ms,
                   bool may_be_empty);

/// The target of rel="next" in the values of Link headers (RFC 8288); nothing when there is none.
std::optional<std::string> find_next_link(const millrace::http::HeaderList& headers);

}  // namespace millrace::connect::http::detail
