// The web interface of randomuser.me, version 1.4, without a network: a query in, an answer out.
//
// Answered are results (1..5000), page, seed, nat, gender, inc, exc, noinfo and
// format=json|pretty|prettyjson; other parameters (password, dl) are taken and have no effect. As
// there, a value that makes no sense counts as not given.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"
#include "connect/randomuser/generator.h"

namespace millrace::connect::randomuser {

inline constexpr std::uint32_t kResultsMax = 5000;

struct ApiOptions {
  /// Salt of the seeds made for queries that name none.
  std::uint64_t seed = 1;
  /// Users per window that all clients together may ask for; 0 = no limit. Beyond it: 429.
  std::uint64_t users_per_window = 0;
  std::int64_t window_ms = 300'000;
};

struct ApiAnswer {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::optional<std::int64_t> retry_after_s = {};
  std::string body = {};
};

/// What a query asks for, limits applied.
struct ApiQuery {
  UserChoice choice;
  Generator::Page page;
  bool named_seed = false;
  std::string unknown_format = {};  ///< One that we do not write; empty otherwise.
};

ApiQuery parse_api_query(std::string_view query);

/// Thread-safe.
class Api {
 public:
  Api(ApiOptions options, const Clock& clock) : options_(options), clock_(clock) {}

  /// `query` is what stands after the `?`.
  ApiAnswer answer(std::string_view query);

 private:
  /// Milliseconds until so many users may be asked for; 0 = now, and they are counted.
  std::int64_t take_allowance(std::uint64_t users);
  std::string make_seed();

  const ApiOptions options_;
  const Clock& clock_;
  Mutex mutex_;

  struct Grant {
    std::int64_t at_ms;
    std::uint64_t users;
  };

  std::deque<Grant> grants_ MR_GUARDED_BY(mutex_);
  std::uint64_t granted_ MR_GUARDED_BY(mutex_) = 0;
  std::uint64_t seeds_made_ MR_GUARDED_BY(mutex_) = 0;
};

}  // namespace millrace::connect::randomuser
