// One record as commands show it. All views are borrowed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "record/batch.h"

namespace millrace::cli {

struct ShownRecord {
  std::string_view topic = {};
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  ///< -1: it has none.
  bool log_append_time = false;    ///< Else the timestamp is the producer's.
  std::int32_t leader_epoch = -1;
  std::optional<std::string_view> key = {};
  std::optional<std::string_view> value = {};
  std::vector<record::HeaderView> headers = {};
};

}  // namespace millrace::cli
