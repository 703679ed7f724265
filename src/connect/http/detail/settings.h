// What the options of an http source say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "config/option_table.h"
#include "connector/json_slices.h"
#include "http/client.h"

namespace millrace::connect::http::detail {

enum class BodyFormat : std::uint8_t {
  kJson,
  kNdjson,
  kText,
};

enum class Paging : std::uint8_t {
  kNone,
  kPointer,     ///< The next address is in the answer.
  kLinkHeader,  ///< RFC 8288, rel="next".
  kParameter,   ///< A page number, until a page is empty.
};

struct Settings {
  millrace::http::FetchRequest request;
  std::int64_t interval_ms = 0;
  BodyFormat format = BodyFormat::kJson;
  connector::SliceRequest slices;
  Paging paging = Paging::kNone;
  std::string page_parameter;
  std::uint64_t page_first = 1;
  std::uint64_t pages_max = 10'000;
  std::optional<std::uint64_t> rounds_max;
  int retries = 5;
  std::int64_t retry_wait_ms = 500;
  std::int64_t retry_wait_max_ms = 60'000;
  std::int64_t retry_after_max_ms = 600'000;
  bool allow_empty = false;
  bool allow_private = false;
};

const config::OptionTable& option_table();

Settings read_settings(const config::OptionValues& values);

/// What the table alone cannot find.
void check_settings(const config::OptionValues& values, Diagnostics& diagnostics);

}  // namespace millrace::connect::http::detail
