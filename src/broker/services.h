// What the handlers work with. One object for the life of the broker; everything in it outlives
// every request.
#pragma once

namespace millrace {
class Clock;
class Metrics;
}  // namespace millrace

namespace millrace::log {
class Log;
}  // namespace millrace::log

namespace millrace::broker {

class BrokerSettings;
class Budget;
class FetchSessions;
class GroupCoordinator;
class ProducerIds;
class RequestMetrics;
struct Identity;

/// Borrowed references, all thread-safe.
struct Services {
  log::Log& log;
  const Clock& clock;
  Metrics& metrics;
  BrokerSettings& settings;
  FetchSessions& sessions;
  GroupCoordinator& groups;
  const Identity& identity;
  ProducerIds& producers;
  Budget& budget;
  RequestMetrics& counts;
};

}  // namespace millrace::broker
