#include "server/detail/test_world.h"

#include <cstdlib>

#include "base/assert.h"
#include "base/thread.h"
#include "server/builtin_connectors.h"

namespace millrace::server {

namespace {

constexpr std::string_view kSource =
    "CREATE TABLE people (id INT, name STRING, tags ARRAY<STRING>)\n"
    "USING json OPTIONS ('path' = 'in/*.json');\n";
constexpr std::string_view kTable =
    "CREATE STREAMING TABLE named TBLPROPERTIES ('millrace.key' = 'id') AS\n"
    "SELECT id, upper(name) AS name, tags FROM STREAM people;\n";
constexpr std::string_view kRecords =
    "{\"id\":1,\"name\":\"Ann\",\"tags\":[\"a\"]}\n"
    "{\"id\":\"none\",\"name\":\"Bad\"}\n"
    "{\"id\":2,\"name\":\"Bo\",\"tags\":null}\n";
constexpr std::int64_t kPatienceNs = 30'000'000'000;

}  // namespace

TestWorld::TestWorld() {
  char pattern[] = "/tmp/millrace_server_XXXXXX";
  folder_ = ::mkdtemp(pattern);
  write("spark-pipeline.yml",
        "name: people\nstorage: file:///tmp/people\nlibraries:\n  - glob:\n      include: "
        "transformations/**\n");
  write("sources/people.sql", kSource);
  write("transformations/named.sql", kTable);
  write("in/people.json", kRecords);
}

TestWorld::~TestWorld() {
  io::remove_all(files_, folder_).ignore_error("it lies in /tmp");
}

void TestWorld::write(const std::string& path, std::string_view text) {
  const std::string whole = folder_ + "/" + path;
  MUST(io::make_dirs(files_, io::parent_path(whole)));
  MUST(io::write_atomically(files_, whole, text));
}

project::Project TestWorld::read() {
  Diagnostics diagnostics;
  project::Project project = project::read_project(files_, {.start = folder_}, diagnostics);
  MR_ASSERT(!diagnostics.has_errors(), "{}", format_diagnostics(diagnostics, project.texts));
  return project;
}

plan::Pipeline TestWorld::pipeline() {
  project_ = std::make_unique<project::Project>(read());
  Diagnostics diagnostics;
  plan::Pipeline pipeline = plan::bind_project(*project_, builtin_connectors(), diagnostics);
  MR_ASSERT(!diagnostics.has_errors(), "{}", format_diagnostics(diagnostics, project_->texts));
  return pipeline;
}

InstanceOptions TestWorld::options() {
  InstanceOptions options{.data = data(), .project = folder_};
  options.settings.max_rejected = 1;
  return options;
}

std::unique_ptr<Instance> TestWorld::open(bool listen) {
  InstanceOptions wanted = options();
  if (listen) {
    wanted.settings.http = config::HostPort{.host = "127.0.0.1", .port = 0};
  }
  auto instance = MUST(Instance::open(files_, clock_, wanted));
  if (listen) {
    MUST(instance->listen());
  }
  return instance;
}

void TestWorld::run(Instance& instance) {
  plan::Pipeline bound = pipeline();
  flow::RuntimeOptions wanted;
  wanted.until_caught_up = true;
  MUST(instance.start_pipeline(*project_, std::move(bound), std::move(wanted)));
  Wakeup never;
  const std::int64_t until = clock_.monotonic_ns() + kPatienceNs;
  while (!instance.runtime()->drained() && clock_.monotonic_ns() < until) {
    never.wait(5'000'000);
  }
  MR_ASSERT(instance.runtime()->drained(), "the pipeline did not drain in time");
}

}  // namespace millrace::server
