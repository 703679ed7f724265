// Where a test file runs: a project in a folder of its own, opened as `millrace sql` opens it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "io/real_files.h"
#include "server/instance.h"
#include "server/sql_session.h"

namespace millrace::tests {

/// Owned by one thread.
class World {
 public:
  World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  /// Removes the folder.
  ~World();

  Result<void> write(const std::string& path, std::string_view text);

  /// Runs the project's pipeline until its sources and flows have caught up.
  Result<void> run();

  /// What SQL reads: files only, until the project ran.
  [[nodiscard]] server::SqlWorld sql();

 private:
  std::string folder_;
  io::RealFiles files_;
  SystemClock clock_;
  std::unique_ptr<server::Instance> instance_;
};

/// The text as a file of gzip.
std::string packed(std::string_view text);

}  // namespace millrace::tests
