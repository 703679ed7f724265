// json.`path`, csv.`path`, text.`path`: files as relations. A file is read in blocks of whole
// lines; its schema is inferred from all of them first, as Spark does.
#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "data/block.h"
#include "format/csv.h"
#include "format/json_decoder.h"
#include "format/schema_inference.h"
#include "format/text.h"
#include "io/gzip_file.h"
#include "server/detail/sql_catalog.h"

namespace millrace::server::detail {

using plan::Relation;
using plan::RelationKind;

namespace {

constexpr std::size_t kBlockBytes = 4U << 20U;
constexpr std::size_t kLineBytesMax = 64U << 20U;
constexpr std::size_t kFilesMax = 10'000;

/// `*` and `?` against a file's name.
bool matches(std::string_view name, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_at = 0;
  while (at < name.size()) {
    if (in_pattern < pattern.size() &&
        (pattern[in_pattern] == '?' || pattern[in_pattern] == name[at])) {
      ++at;
      ++in_pattern;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      star_at = at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++star_at;
    } else {
      return false;
    }
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
    ++in_pattern;
  }
  return in_pattern == pattern.size();
}

/// The files that a path means, by name: itself, those in a folder, those that match.
Result<std::vector<std::string>> find_paths(const SqlWorld& world, std::string path) {
  if (world.files == nullptr) {
    return Error(ErrorCode::kUnsupported,
                 "files are not read here; use millrace sql on the command line");
  }
  if (path.starts_with("file://")) {
    path.erase(0, 7);
  }
  if (!path.starts_with('/') && !world.folder.empty()) {
    path = world.folder + "/" + path;
  }
  std::string folder = path;
  std::string pattern = "*";
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name.find_first_of("*?") != std::string::npos) {
    folder = io::parent_path(path);
    pattern = name;
  } else {
    const io::FileStat stat = TRY(world.files->stat(path));
    if (!stat.is_directory) {
      return std::vector<std::string>{path};
    }
  }
  std::vector<std::string> paths;
  for (const io::DirEntry& entry : TRY(world.files->list(folder))) {
    // Spark leaves out what begins with . or _.
    if (!entry.is_directory && entry.name[0] != '.' && entry.name[0] != '_' &&
        matches(entry.name, pattern)) {
      paths.push_back(folder + "/" + entry.name);
    }
  }
  if (paths.empty()) {
    return Error(ErrorCode::kNotFound, "no file matches " + path);
  }
  if (paths.size() > kFilesMax) {
    return Error(ErrorCode::kExhausted,
                 path + " means more than " + std::to_string(kFilesMax) + " files");
  }
  return paths;
}

/// Lines of files, in blocks. With `csv` a line may go on inside quotes only when it is multi-line,
/// which these files are not. Owned by one thread.
class Lines {
 public:
  Lines(io::Files& files, std::vector<std::string> paths, bool keep_empty)
      : files_(files), paths_(std::move(paths)), keep_empty_(keep_empty) {}

  /// At most data::kBatchRows lines without their ends; none at the end.
  Result<std::vector<std::string_view>> next(data::BlockPtr& block) {
    std::vector<std::string_view> lines;
    while (lines.empty()) {
      if (at_ >= end_of_lines_ && !TRY(load())) {
        return lines;
      }
      block = block_;
      while (at_ < end_of_lines_ && lines.size() < data::kBatchRows) {
        const std::string_view text = block_->view();
        const std::size_t end = std::min(text.find('\n', at_), end_of_lines_);
        std::string_view line = text.substr(at_, end - at_);
        at_ = end + 1;
        if (line.ends_with('\r')) {
          line.remove_suffix(1);
        }
        if (keep_empty_ || !line.empty()) {
          lines.push_back(line);
        }
      }
    }
    return lines;
  }

 private:
  /// The next block of whole lines.
  Result<bool> load() {
    while (!file_ || offset_ >= size_) {
      if (path_ == paths_.size()) {
        return false;
      }
      // The size of a packed file's text shows at its end.
      file_ = TRY_DOING(io::open_unpacked(files_, paths_[path_]), "read " + paths_[path_]);
      size_ = io::is_gzip_name(paths_[path_]) ? std::numeric_limits<std::uint64_t>::max()
                                              : TRY(files_.stat(paths_[path_])).size;
      offset_ = 0;
      ++path_;
    }
    std::size_t wanted = kBlockBytes;
    while (true) {
      const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, size_ - offset_));
      std::string text(bytes, '\0');
      text.resize(TRY(file_->pread(text, offset_)));
      const bool last = offset_ + text.size() >= size_ || text.size() < bytes;
      const std::size_t end = text.rfind('\n');
      if (!last && end == std::string::npos) {
        if (wanted >= kLineBytesMax) {
          return Error(ErrorCode::kExhausted,
                       paths_[path_ - 1] + " has a line of more than 64 MiB");
        }
        wanted *= 4;
        continue;
      }
      end_of_lines_ = last ? text.size() : end + 1;
      offset_ = last ? size_ : offset_ + end + 1;
      block_ = std::make_shared<const data::Block>(text);
      at_ = 0;
      return true;
    }
  }

  io::Files& files_;
  const std::vector<std::string> paths_;
  const bool keep_empty_;  // In a text file an empty line is a row.
  std::size_t path_ = 0;
  std::unique_ptr<io::File> file_;
  std::uint64_t size_ = 0;
  std::uint64_t offset_ = 0;
  data::BlockPtr block_;
  std::size_t at_ = 0;
  std::size_t end_of_lines_ = 0;
};

/// The columns of all records together: what holds the values of every one.
Result<data::Schema> infer_json(Lines& lines) {
  const format::JsonOptions options;
  std::optional<data::Type> merged;
  bool corrupt = false;
  data::BlockPtr block;
  while (true) {
    const auto records = TRY(lines.next(block));
    if (records.empty()) {
      break;
    }
    for (const std::string_view record : records) {
      if (merged && format::adds_nothing(*merged, record, options)) {
        continue;
      }
      const auto type = format::infer_json_type(record, options);
      if (type && type->kind() == data::TypeKind::kStruct) {
        merged = merged ? format::merge_inferred(*merged, *type) : *type;
      } else {
        corrupt = corrupt || !type || !type->is_void();
      }
    }
  }
  data::Schema schema;
  if (merged) {
    schema.fields = format::complete_inferred(*merged).fields();
  }
  if (corrupt) {
    schema.fields.insert(
        schema.fields.begin(),
        {.name = options.corrupt_column, .type = data::Type(data::TypeKind::kString)});
  }
  return schema;
}

Result<data::Schema> infer(const SqlWorld& world,
                           const std::string& format,
                           const std::vector<std::string>& paths) {
  data::Schema schema;
  if (format == "text") {
    schema.fields.push_back({.name = "value", .type = data::Type(data::TypeKind::kString)});
    return schema;
  }
  Lines lines(*world.files, paths, /*keep_empty=*/false);
  data::BlockPtr block;
  if (format == "csv") {
    // Spark without options: no header, every column a STRING, as many as the first record has.
    auto records = TRY(lines.next(block));
    records.resize(std::min<std::size_t>(records.size(), 1));
    return format::infer_csv_schema(records, format::CsvOptions());
  }
  return infer_json(lines);
}

/// Rows of files. Owned by one thread.
class FileRows final : public exec::BatchSource {
 public:
  FileRows(Lines lines, plan::Scan scan) : lines_(std::move(lines)), scan_(std::move(scan)) {}

  Result<void> prepare() {
    const Relation& relation = *scan_.relation;
    if (relation.format == "json") {
      json_ = TRY(format::JsonDecoder::create(relation.schema, format::JsonOptions()));
    } else if (relation.format == "csv") {
      csv_ = TRY(format::CsvDecoder::create(relation.schema, format::CsvOptions()));
    }
    return {};
  }

  Result<bool> next(data::Batch& batch) override {
    batch = {};
    data::BlockPtr block;
    const auto lines = TRY(lines_.next(block));
    if (lines.empty()) {
      return false;
    }
    std::vector<data::ColumnPtr> columns;
    if (json_) {
      columns = json_->decode(lines, {&block, 1}).columns;
    } else if (csv_) {
      columns = csv_->decode(lines, {&block, 1}).columns;
    } else {
      columns.push_back(format::decode_text(lines, {&block, 1}));
    }
    for (const std::size_t column : scan_.columns) {
      batch.columns.push_back(columns[column]);
    }
    batch.rows = lines.size();
    batch.selection = data::Selection::all(batch.rows);
    return true;
  }

 private:
  Lines lines_;
  const plan::Scan scan_;
  std::optional<format::JsonDecoder> json_;
  std::optional<format::CsvDecoder> csv_;
};

}  // namespace

std::shared_ptr<const Relation> file_relation(const SqlWorld& world,
                                              const std::string& format,
                                              const std::string& path,
                                              const SourceSpan& where,
                                              Diagnostics& diagnostics) {
  auto relation = std::make_shared<Relation>();
  relation->name = path;
  relation->kind = RelationKind::kFile;
  relation->format = format;
  relation->options["path"] = {.value = path};
  auto paths = find_paths(world, path);
  auto schema =
      paths ? infer(world, format, *paths) : Result<data::Schema>(std::move(paths).error());
  if (!schema) {
    const bool missing = schema.error().code() == ErrorCode::kNotFound;
    diagnostics.add({.code = "MR1301",
                     .error_class = missing ? "PATH_NOT_FOUND" : "FAILED_READ_FILE",
                     .sqlstate = missing ? "42K03" : "KD001",
                     .where = where,
                     .message = "the files cannot be read: " + schema.error().to_string()});
    return nullptr;
  }
  if (schema->fields.empty()) {
    diagnostics.add({.code = "MR1302",
                     .error_class = "UNABLE_TO_INFER_SCHEMA",
                     .sqlstate = "42KD9",
                     .where = where,
                     .message = "Unable to infer a schema: the files hold no record: " + path});
    return nullptr;
  }
  relation->schema = *std::move(schema);
  return relation;
}

Result<std::unique_ptr<exec::BatchSource>> open_files(const SqlWorld& world,
                                                      const plan::Scan& scan) {
  auto paths = TRY(find_paths(world, scan.relation->options.at("path").value));
  auto rows = std::make_unique<FileRows>(
      Lines(*world.files, std::move(paths), scan.relation->format == "text"), scan);
  TRY(rows->prepare());
  return std::unique_ptr<exec::BatchSource>(std::move(rows));
}

}  // namespace millrace::server::detail
