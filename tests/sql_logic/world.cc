#include "sql_logic/world.h"

#include <cstdlib>
#include <utility>

#include <zlib.h>

#include "base/assert.h"
#include "base/diagnostic.h"
#include "base/thread.h"
#include "plan/pipeline.h"
#include "project/project.h"
#include "server/builtin_connectors.h"
#include "server/commands.h"

namespace millrace::tests {
namespace {

constexpr std::string_view kSpec =
    "name: test\nstorage: file:///tmp/test\nlibraries:\n  - glob:\n      include: "
    "transformations/**\n";
constexpr std::int64_t kPatienceNs = 30'000'000'000;

}  // namespace

World::World() {
  char pattern[] = "/tmp/millrace_sql_XXXXXX";
  folder_ = ::mkdtemp(pattern);
  MUST(write("spark-pipeline.yml", kSpec));
}

World::~World() {
  if (instance_) {
    instance_->stop().ignore_error("the folder goes away");
    instance_.reset();
  }
  io::remove_all(files_, folder_).ignore_error("it lies in /tmp");
}

Result<void> World::write(const std::string& path, std::string_view text) {
  const std::string whole = folder_ + "/" + path;
  TRY(io::make_dirs(files_, io::parent_path(whole)));
  return io::write_atomically(files_, whole, text);
}

Result<void> World::run() {
  Diagnostics diagnostics;
  const project::Project project = project::read_project(files_, {.start = folder_}, diagnostics);
  plan::Pipeline pipeline;
  if (!diagnostics.has_errors()) {
    pipeline = plan::bind_project(project, server::builtin_connectors(), diagnostics);
  }
  if (diagnostics.has_errors()) {
    return Error(ErrorCode::kInvalidArgument, format_diagnostics(diagnostics, project.texts));
  }
  if (instance_) {
    TRY(instance_->stop());
    instance_.reset();
  }
  server::InstanceOptions options{.data = folder_ + "/.millrace", .project = folder_};
  options.settings.max_rejected = 1;
  instance_ = TRY(server::Instance::open(files_, clock_, std::move(options)));
  flow::RuntimeOptions wanted;
  wanted.until_caught_up = true;
  TRY(instance_->start_pipeline(project, std::move(pipeline), std::move(wanted)));
  Wakeup never;
  const std::int64_t until = clock_.monotonic_ns() + kPatienceNs;
  while (!instance_->runtime()->drained() && clock_.monotonic_ns() < until) {
    never.wait(2'000'000);
  }
  if (!instance_->runtime()->drained()) {
    return Error(ErrorCode::kTimeout, "the pipeline did not drain in time");
  }
  return {};
}

server::SqlWorld World::sql() {
  if (instance_) {
    return server::sql_world(*instance_);
  }
  return {.files = &files_, .clock = &clock_, .folder = folder_};
}

std::string packed(std::string_view text) {
  z_stream stream{};
  // 16 more than the window's bits: with gzip's header.
  MR_ASSERT(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib");
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  MR_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace millrace::tests
