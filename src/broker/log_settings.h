// What Kafka's settings say of the log itself. They count whether or not a broker listens:
// retention goes on without one.
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace millrace::log {
class Log;
struct LogOptions;
}  // namespace millrace::log

namespace millrace::broker {

/// Puts them into the options of a log that is to be opened. kInvalidArgument names the first that
/// is unknown or wrong.
Result<void> apply_log_settings(const std::map<std::string, std::string>& settings,
                                log::LogOptions& options);

/// Sets what counts for topics where nothing was set of them, with what was changed while a broker
/// ran. Before the log's first housekeeping. kInvalidArgument, kCorruption.
Result<void> apply_topic_defaults(const std::map<std::string, std::string>& settings,
                                  log::Log& log);

}  // namespace millrace::broker
