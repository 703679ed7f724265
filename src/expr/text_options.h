// What functions over records as texts share: their options, schema and decoders.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "data/type.h"
#include "expr/function.h"
#include "expr/kernels.h"
#include "format/json_options.h"

namespace millrace::expr {

/// The options in argument `index`, a constant map of strings; none when it is not there. Nothing
/// after a Diagnostic.
std::optional<format::TextOptions> options_of(CallSite& call, std::size_t index);

/// The type that a constant argument 1 says; nothing after a Diagnostic.
std::optional<data::Type> schema_of(CallSite& call);

/// PERMISSIVE and FAILFAST are; false after a Diagnostic.
bool mode_is_supported(CallSite& call, const format::TextOptions& options);

/// INVALID_PARAMETER_VALUE with the error's text.
std::nullopt_t fail_with(CallSite& call, const Error& error);

/// The zone that a call is bound for.
data::Zone bound_zone(const CallSite& call);

/// Argument 0 as records, one a row; rows that are null or not looked at have an empty one.
std::vector<std::string_view> records_of(const KernelInput& in);

/// Fails the rows whose record is malformed.
void fail_malformed(const KernelInput& in, const std::vector<format::RowOutcome>& outcomes);

/// Decoders of one call, made once for each thread that runs it at a time and for each session's
/// zone. Thread-safe.
template <class T>
class DecoderPool {
 public:
  /// One that nobody uses, or what `make()` gives.
  template <class Make>
  std::unique_ptr<T> take(std::string_view zone, const Make& make) {
    {
      const MutexLock lock(mutex_);
      for (auto& [name, decoder] : idle_) {
        if (name == zone && decoder) {
          std::unique_ptr<T> found = std::move(decoder);
          std::swap(decoder, idle_.back().second);
          std::swap(name, idle_.back().first);
          idle_.pop_back();
          return found;
        }
      }
    }
    return std::make_unique<T>(make());
  }

  void give_back(std::string_view zone, std::unique_ptr<T> decoder) {
    const MutexLock lock(mutex_);
    if (idle_.size() < kIdleMax) {
      idle_.emplace_back(std::string(zone), std::move(decoder));
    }
  }

 private:
  static constexpr std::size_t kIdleMax = 8;

  Mutex mutex_;
  std::vector<std::pair<std::string, std::unique_ptr<T>>> idle_ MR_GUARDED_BY(mutex_);
};

}  // namespace millrace::expr
