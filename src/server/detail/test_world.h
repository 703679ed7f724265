// For tests: a project in a folder of its own, and what runs on it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "io/real_files.h"
#include "server/instance.h"

namespace millrace::server {

/// A folder with a project whose source reads people.json: two good lines, one that the declared
/// columns cannot decode. Removed at the end. Owned by one thread.
class TestWorld {
 public:
  TestWorld();
  TestWorld(const TestWorld&) = delete;
  TestWorld& operator=(const TestWorld&) = delete;
  ~TestWorld();

  void write(const std::string& path, std::string_view text);

  [[nodiscard]] const std::string& folder() const { return folder_; }

  [[nodiscard]] std::string data() const { return folder_ + "/.millrace"; }

  io::RealFiles& files() { return files_; }

  SystemClock& clock() { return clock_; }

  /// The project's pipeline; its errors fail the test.
  plan::Pipeline pipeline();

  InstanceOptions options();

  /// Opens it; listens on a free port when asked to.
  std::unique_ptr<Instance> open(bool listen = false);

  /// Runs the pipeline until it is drained.
  void run(Instance& instance);

 private:
  project::Project read();

  std::string folder_;
  io::RealFiles files_;
  SystemClock clock_;
  std::unique_ptr<project::Project> project_;
};

}  // namespace millrace::server
