#include "io/sim_files.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/assert.h"
#include "base/fault.h"
#include "base/mutex.h"
#include "base/random.h"

namespace millrace::io {
namespace detail {

// A file or a folder. What is durable and what programs see lie side by side; `dirty` names the
// sectors that differ, and holds what they were in between.
struct SimNode {
  bool is_directory = false;
  std::uint64_t inode = 0;

  std::string now;
  std::string durable;
  std::map<std::uint64_t, std::vector<std::string>> dirty;
  std::vector<std::uint64_t> sizes;  // since the last sync

  // Shared by folders and open handles, as the inodes of a disk are.
  std::map<std::string, std::shared_ptr<SimNode>> names_now;
  std::map<std::string, std::shared_ptr<SimNode>> names_durable;
};

// One name is given to a node, or to none.
struct SimNameChange {
  std::shared_ptr<SimNode> folder;
  std::string name;
  std::shared_ptr<SimNode> node;
};

}  // namespace detail

namespace {

using Node = detail::SimNode;
using NodePtr = std::shared_ptr<Node>;
using NameChange = detail::SimNameChange;
// What becomes durable as a whole: a create, a remove, both halves of a rename.
using NameStep = std::vector<NameChange>;

constexpr std::uint64_t kSector = SimFiles::kSector;
constexpr std::size_t kVersionsMax = 4;  // kept of a sector between two syncs
constexpr std::size_t kSizesMax = 16;    // kept of a file between two syncs
constexpr std::uint64_t kEndless = std::uint64_t{1} << 40U;
constexpr std::uint64_t kFileMax = std::uint64_t{1} << 32U;

enum class Kind : std::uint8_t {
  kLook,
  kChange,
  kWrite,
  kSync
};

// How far an operation gets.
enum class Fate : std::uint8_t {
  kWhole,
  kPartThenFail,
  kPartThenOff,
  kWholeThenOff,
};

bool stops_early(Fate fate) {
  return fate == Fate::kPartThenFail || fate == Fate::kPartThenOff;
}

// How likely each unsynced thing survives one crash; drawn for each crash, so that some lose
// everything and some nothing.
double draw_mood(Random& random) {
  static constexpr double kMoods[] = {0.0, 0.1, 0.5, 0.9, 1.0};
  return kMoods[random.below(std::size(kMoods))];
}

// A sector of `bytes`, with zeros after its end.
std::string sector_of(const std::string& bytes, std::uint64_t sector) {
  std::string copy(kSector, '\0');
  const std::uint64_t from = sector * kSector;
  if (from < bytes.size()) {
    bytes.copy(copy.data(), kSector, static_cast<std::size_t>(from));
  }
  return copy;
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at <= path.size()) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    std::string part = path.substr(at, slash - at);
    at = slash + 1;
    if (part == "..") {
      if (!parts.empty()) {
        parts.pop_back();
      }
    } else if (!part.empty() && part != ".") {
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

Error power_is_off() {
  return {ErrorCode::kIo, "the power is off"};
}

Error no_such(const std::string& path) {
  return {ErrorCode::kNotFound, "no such file or folder: " + path};
}

class CopiedView final : public FileView {
 public:
  explicit CopiedView(std::string bytes) : bytes_(std::move(bytes)) {}

  [[nodiscard]] std::string_view bytes() const override { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace

// The disk. Every function but the constructor wants the mutex held.
struct SimFiles::Rep {
  explicit Rep(std::uint64_t seed) : random(seed) { root->is_directory = true; }

  // Counts an operation and decides its fate; an error when it does not even begin.
  Result<Fate> begin(Kind kind) MR_REQUIRES(mutex) {
    ++operations;
    if (power_off) {
      return power_is_off();
    }
    if (operations == power_off_at) {
      const bool has_effect = kind != Kind::kLook && random.one_in(2);
      if (!has_effect && kind != Kind::kWrite) {
        power_off = true;
        return power_is_off();
      }
      return has_effect ? Fate::kWholeThenOff : Fate::kPartThenOff;
    }
    if (read_only && (kind == Kind::kChange || kind == Kind::kWrite)) {
      return Error(ErrorCode::kPermissionDenied, "the disk is read-only");
    }
    if (operations == fail_at) {
      if (kind == Kind::kLook || kind == Kind::kChange) {
        return Error(fail_code, "injected fault");
      }
      return Fate::kPartThenFail;
    }
    return Fate::kWhole;
  }

  // What the operation answers after its effect.
  Result<void> finish(Fate fate) MR_REQUIRES(mutex) {
    switch (fate) {
      case Fate::kWhole:
        return {};
      case Fate::kPartThenFail:
        return Error(fail_code, "injected fault");
      case Fate::kPartThenOff:
      case Fate::kWholeThenOff:
        power_off = true;
        return power_is_off();
    }
    return {};
  }

  NodePtr find(const std::vector<std::string>& parts, std::size_t count) MR_REQUIRES(mutex) {
    NodePtr node = root;
    for (std::size_t i = 0; i < count && node; ++i) {
      const auto found = node->names_now.find(parts[i]);
      node = found == node->names_now.end() ? nullptr : found->second;
    }
    return node;
  }

  NodePtr find(const std::string& path) MR_REQUIRES(mutex) {
    const auto parts = split(path);
    return find(parts, parts.size());
  }

  // The folder that a path's last part lies in, and that part.
  Result<std::pair<NodePtr, std::string>> find_parent(const std::string& path) MR_REQUIRES(mutex) {
    const auto parts = split(path);
    if (parts.empty()) {
      return Error(ErrorCode::kInvalidArgument, "the root cannot be changed");
    }
    NodePtr folder = find(parts, parts.size() - 1);
    if (!folder || !folder->is_directory) {
      return no_such(parent_path(path));
    }
    return std::pair(std::move(folder), parts.back());
  }

  void apply(NameStep step) MR_REQUIRES(mutex) {
    for (const NameChange& change : step) {
      assign(change.folder->names_now, change);
    }
    pending.push_back(std::move(step));
  }

  static void assign(std::map<std::string, NodePtr>& names, const NameChange& change) {
    if (change.node) {
      names[change.name] = change.node;
    } else {
      names.erase(change.name);
    }
  }

  NodePtr make_node(bool is_directory) MR_REQUIRES(mutex) {
    auto node = std::make_shared<Node>();
    node->is_directory = is_directory;
    node->inode = ++last_inode;
    return node;
  }

  static std::uint64_t used_below(const Node& node) {
    std::uint64_t bytes = node.now.size();
    for (const auto& entry : node.names_now) {
      bytes += used_below(*entry.second);
    }
    return bytes;
  }

  [[nodiscard]] bool is_disabled(SyncKind kind, const std::string& path) const MR_REQUIRES(mutex) {
    return std::ranges::any_of(disabled, [&](const auto& entry) {
      const std::string_view part = entry.second;
      const bool matches = part.ends_with('$') ? path.ends_with(part.substr(0, part.size() - 1))
                                               : path.find(part) != std::string::npos;
      return entry.first == kind && matches;
    });
  }

  // Called before bytes in [from, to) change.
  void mark_dirty(Node& node, std::uint64_t from, std::uint64_t to) MR_REQUIRES(mutex) {
    for (std::uint64_t sector = from / kSector; sector * kSector < to; ++sector) {
      const auto [entry, is_new] = node.dirty.try_emplace(sector);
      if (is_new) {
        continue;
      }
      auto& versions = entry->second;
      if (versions.size() < kVersionsMax) {
        versions.push_back(sector_of(node.now, sector));
      } else {
        versions[random.below(kVersionsMax)] = sector_of(node.now, sector);
      }
    }
  }

  Result<void> resize(Node& node, std::uint64_t size) MR_REQUIRES(mutex) {
    const std::uint64_t before = node.now.size();
    if (size == before) {
      return {};
    }
    if (size > kFileMax) {
      return Error(ErrorCode::kExhausted, "the file is too large for the simulation");
    }
    if (size > before && capacity && used_below(*root) + (size - before) > *capacity) {
      return Error(ErrorCode::kExhausted, "no room left on the disk");
    }
    if (size < before) {
      mark_dirty(node, size, std::max<std::uint64_t>(before, node.durable.size()));
    }
    if (node.sizes.size() < kSizesMax) {
      node.sizes.push_back(before);
    } else {
      node.sizes[random.below(kSizesMax)] = before;
    }
    node.now.resize(static_cast<std::size_t>(size), '\0');
    return {};
  }

  Result<void> write(Node& node, std::string_view bytes, std::uint64_t offset) MR_REQUIRES(mutex) {
    if (bytes.empty()) {
      return {};
    }
    const std::uint64_t end = offset + bytes.size();
    if (end > node.now.size()) {
      TRY(resize(node, end));
    }
    mark_dirty(node, offset, end);
    bytes.copy(node.now.data() + offset, bytes.size());
    return {};
  }

  static void sync(Node& node) {
    node.durable.resize(node.now.size(), '\0');
    for (const auto& entry : node.dirty) {
      const std::uint64_t from = entry.first * kSector;
      if (from < node.now.size()) {
        const auto at = static_cast<std::size_t>(from);
        node.durable.replace(at, kSector, node.now, at, kSector);
      }
    }
    node.dirty.clear();
    node.sizes.clear();
  }

  // The kernel reports the failure once and takes some pages for clean: later syncs pass them by.
  void fail_sync(Node& node) MR_REQUIRES(mutex) {
    for (auto entry = node.dirty.begin(); entry != node.dirty.end();) {
      entry = random.one_in(2) ? node.dirty.erase(entry) : std::next(entry);
    }
  }

  void sync_names(const NodePtr& folder) MR_REQUIRES(mutex) {
    for (NameStep& step : pending) {
      std::erase_if(step, [&](const NameChange& change) {
        if (change.folder != folder) {
          return false;
        }
        assign(folder->names_durable, change);
        return true;
      });
    }
    std::erase_if(pending, [](const NameStep& step) { return step.empty(); });
  }

  void sync_tree(const NodePtr& node, const std::string& path) MR_REQUIRES(mutex) {
    if (!node->is_directory) {
      if (!is_disabled(SyncKind::kFile, path)) {
        sync(*node);
      }
      return;
    }
    for (const auto& [name, child] : node->names_now) {
      std::string below = path.empty() ? name : path;
      sync_tree(child, path.empty() ? name : below.append("/").append(name));
    }
    if (!is_disabled(SyncKind::kDirectory, path)) {
      sync_names(node);
    }
  }

  // What is left of a sector.
  std::string settle_sector(const std::string& old_bytes,
                            const std::string& new_bytes,
                            const std::vector<std::string>& between,
                            double survives) MR_REQUIRES(mutex) {
    if (random.one_in(8)) {
      const std::size_t cut = random.below(kSector + 1);
      return random.one_in(2) ? new_bytes.substr(0, cut) + old_bytes.substr(cut)
                              : old_bytes.substr(0, cut) + new_bytes.substr(cut);
    }
    if (!between.empty() && random.one_in(4)) {
      return between[random.below(between.size())];
    }
    return random.unit() < survives ? new_bytes : old_bytes;
  }

  void settle_file(Node& node, double survives) MR_REQUIRES(mutex) {
    std::uint64_t size = node.durable.size();
    if (random.unit() < survives) {
      size = node.now.size();
    } else if (!node.sizes.empty() && random.one_in(2)) {
      size = node.sizes[random.below(node.sizes.size())];
    }
    std::string left = node.durable;
    left.resize(static_cast<std::size_t>(size), '\0');
    for (const auto& [sector, between] : node.dirty) {
      const std::uint64_t from = sector * kSector;
      if (from >= size) {
        continue;
      }
      const std::string bytes = settle_sector(
          sector_of(node.durable, sector), sector_of(node.now, sector), between, survives);
      const auto count = static_cast<std::size_t>(std::min(kSector, size - from));
      bytes.copy(left.data() + from, count);
    }
    node.now = left;
    node.durable = std::move(left);
    node.dirty.clear();
    node.sizes.clear();
  }

  void settle_tree(const NodePtr& node, double survives, std::set<const Node*>& settled)
      MR_REQUIRES(mutex) {
    if (!settled.insert(node.get()).second) {
      return;
    }
    if (!node->is_directory) {
      settle_file(*node, survives);
      return;
    }
    node->names_now = node->names_durable;
    for (const auto& entry : node->names_now) {
      settle_tree(entry.second, survives, settled);
    }
  }

  void crash() MR_REQUIRES(mutex) {
    const double names_survive = draw_mood(random);
    for (const NameStep& step : pending) {
      if (random.unit() < names_survive) {
        for (const NameChange& change : step) {
          assign(change.folder->names_durable, change);
        }
      }
    }
    pending.clear();
    std::set<const Node*> settled;
    settle_tree(root, draw_mood(random), settled);
    ++life;
    locked.clear();
    power_off = false;
    power_off_at = 0;
    fail_at = 0;
  }

  Mutex mutex;
  Random random MR_GUARDED_BY(mutex);
  NodePtr root = std::make_shared<Node>();
  std::vector<NameStep> pending MR_GUARDED_BY(mutex);
  std::set<const Node*> locked MR_GUARDED_BY(mutex);
  std::vector<std::pair<SyncKind, std::string>> disabled MR_GUARDED_BY(mutex);
  std::optional<std::uint64_t> capacity MR_GUARDED_BY(mutex);
  std::uint64_t operations MR_GUARDED_BY(mutex) = 0;
  std::uint64_t power_off_at MR_GUARDED_BY(mutex) = 0;
  std::uint64_t fail_at MR_GUARDED_BY(mutex) = 0;
  std::uint64_t life MR_GUARDED_BY(mutex) = 0;  // crashes so far; handles of earlier lives are dead
  std::uint64_t last_inode MR_GUARDED_BY(mutex) = 1;
  ErrorCode fail_code MR_GUARDED_BY(mutex) = ErrorCode::kIo;
  bool power_off MR_GUARDED_BY(mutex) = false;
  bool read_only MR_GUARDED_BY(mutex) = false;
};

namespace {

class SimFile final : public File {
 public:
  struct Handle {
    std::shared_ptr<SimFiles::Rep> disk;  // shared with the disk, which may go first
    NodePtr node;
    std::string path;
    std::uint64_t life = 0;
    bool writable = false;
  };

  explicit SimFile(Handle handle) : handle_(std::move(handle)), disk_(*handle_.disk) {}

  Result<std::size_t> pread(std::span<char> into, std::uint64_t offset) override {
    TRY(fault_error("file.read"));
    const MutexLock lock(disk_.mutex);
    TRY(begin(Kind::kLook));
    const std::string& bytes = handle_.node->now;
    if (offset >= bytes.size()) {
      return std::size_t{0};
    }
    return bytes.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
  }

  Result<void> pwrite(std::string_view bytes, std::uint64_t offset) override {
    return pwritev(std::span(&bytes, 1), offset);
  }

  Result<void> pwritev(std::span<const std::string_view> parts, std::uint64_t offset) override {
    TRY(fault_error("file.write"));
    std::string bytes;
    for (const std::string_view part : parts) {
      bytes += part;
    }
    const MutexLock lock(disk_.mutex);
    const Fate fate = TRY(begin(Kind::kWrite));
    if (stops_early(fate)) {
      bytes.resize(disk_.random.below(bytes.size() + 1));
    }
    TRY(disk_.write(*handle_.node, bytes, offset));
    return disk_.finish(fate);
  }

  Result<void> sync_data() override {
    TRY(fault_error("file.sync"));
    const MutexLock lock(disk_.mutex);
    const Fate fate = TRY(begin(Kind::kSync));
    if (fate == Fate::kPartThenFail) {
      disk_.fail_sync(*handle_.node);
    } else if (!disk_.is_disabled(SimFiles::SyncKind::kFile, handle_.path)) {
      disk_.sync(*handle_.node);
    }
    return disk_.finish(fate);
  }

  Result<void> sync_all() override { return sync_data(); }

  Result<void> truncate(std::uint64_t size) override {
    TRY(fault_error("file.truncate"));
    const MutexLock lock(disk_.mutex);
    const Fate fate = TRY(begin(Kind::kWrite));
    if (!stops_early(fate)) {
      TRY(disk_.resize(*handle_.node, size));
    }
    return disk_.finish(fate);
  }

  Result<void> allocate(std::uint64_t offset, std::uint64_t size) override {
    TRY(fault_error("file.allocate"));
    const MutexLock lock(disk_.mutex);
    const Fate fate = TRY(begin(Kind::kWrite));
    if (!stops_early(fate) && offset + size > handle_.node->now.size()) {
      TRY(disk_.resize(*handle_.node, offset + size));
    }
    return disk_.finish(fate);
  }

  [[nodiscard]] Result<std::uint64_t> size() override {
    const MutexLock lock(disk_.mutex);
    TRY(begin(Kind::kLook));
    return std::uint64_t{handle_.node->now.size()};
  }

  Result<std::unique_ptr<FileView>> view() override {
    TRY(fault_error("file.read"));
    const MutexLock lock(disk_.mutex);
    TRY(begin(Kind::kLook));
    return std::make_unique<CopiedView>(handle_.node->now);
  }

 private:
  Result<Fate> begin(Kind kind) MR_REQUIRES(disk_.mutex) {
    const Fate fate = TRY(disk_.begin(kind));
    if (handle_.life != disk_.life) {
      return Error(ErrorCode::kIo, "opened before the power failed: " + handle_.path);
    }
    if (kind == Kind::kWrite && !handle_.writable) {
      return Error(ErrorCode::kPermissionDenied, "opened for reading only: " + handle_.path);
    }
    return fate;
  }

  Handle handle_;
  SimFiles::Rep& disk_;
};

class SimLock final : public FileLock {
 public:
  SimLock(std::shared_ptr<SimFiles::Rep> disk, NodePtr node, std::uint64_t life)
      : disk_(std::move(disk)), node_(std::move(node)), life_(life) {}

  SimLock(const SimLock&) = delete;
  SimLock& operator=(const SimLock&) = delete;

  ~SimLock() override {
    const MutexLock lock(disk_->mutex);
    if (life_ == disk_->life) {
      disk_->locked.erase(node_.get());
    }
  }

 private:
  std::shared_ptr<SimFiles::Rep> disk_;  // shared with the disk, which may go first
  NodePtr node_;
  std::uint64_t life_;
};

}  // namespace

SimFiles::SimFiles(std::uint64_t seed) : rep_(std::make_shared<Rep>(seed)) {}

SimFiles::~SimFiles() = default;

Result<std::unique_ptr<File>> SimFiles::open(const std::string& path, OpenMode mode) {
  TRY(fault_error("file.open"));
  Rep& disk = *rep_;
  const MutexLock lock(disk.mutex);
  NodePtr node = disk.find(path);
  const bool may_create = mode == OpenMode::kCreate || mode == OpenMode::kExclusive;
  const Fate fate = TRY(disk.begin(!node && may_create ? Kind::kChange : Kind::kLook));
  if (node && mode == OpenMode::kExclusive) {
    return Error(ErrorCode::kAlreadyExists, "there is a file " + path);
  }
  if (node && node->is_directory) {
    return Error(ErrorCode::kInvalidArgument, "is a folder: " + path);
  }
  if (node && mode != OpenMode::kRead && disk.read_only) {
    return Error(ErrorCode::kPermissionDenied, "the disk is read-only");
  }
  if (!node) {
    if (!may_create) {
      return no_such(path);
    }
    auto [folder, name] = TRY(disk.find_parent(path));
    node = disk.make_node(/*is_directory=*/false);
    disk.apply({{.folder = folder, .name = name, .node = node}});
  }
  TRY(disk.finish(fate));
  return std::make_unique<SimFile>(SimFile::Handle{.disk = rep_,
                                                   .node = node,
                                                   .path = path,
                                                   .life = disk.life,
                                                   .writable = mode != OpenMode::kRead});
}

Result<std::vector<DirEntry>> SimFiles::list(const std::string& path) {
  TRY(fault_error("file.list"));
  const MutexLock lock(rep_->mutex);
  TRY(rep_->begin(Kind::kLook));
  const NodePtr folder = rep_->find(path);
  if (!folder || !folder->is_directory) {
    return no_such(path);
  }
  std::vector<DirEntry> entries;
  for (const auto& [name, node] : folder->names_now) {
    entries.push_back({.name = name, .is_directory = node->is_directory});
  }
  return entries;
}

Result<void> SimFiles::make_dir(const std::string& path) {
  TRY(fault_error("file.make_dir"));
  const MutexLock lock(rep_->mutex);
  const Fate fate = TRY(rep_->begin(Kind::kChange));
  auto [folder, name] = TRY(rep_->find_parent(path));
  if (folder->names_now.contains(name)) {
    return Error(ErrorCode::kAlreadyExists, "is there already: " + path);
  }
  rep_->apply({{.folder = folder, .name = name, .node = rep_->make_node(/*is_directory=*/true)}});
  return rep_->finish(fate);
}

Result<void> SimFiles::remove(const std::string& path) {
  TRY(fault_error("file.remove"));
  const MutexLock lock(rep_->mutex);
  const Fate fate = TRY(rep_->begin(Kind::kChange));
  auto [folder, name] = TRY(rep_->find_parent(path));
  const auto found = folder->names_now.find(name);
  if (found == folder->names_now.end()) {
    return no_such(path);
  }
  if (!found->second->names_now.empty()) {
    return Error(ErrorCode::kAlreadyExists, "the folder is not empty: " + path);
  }
  rep_->apply({{.folder = folder, .name = name, .node = nullptr}});
  return rep_->finish(fate);
}

Result<void> SimFiles::rename(const std::string& from, const std::string& to) {
  TRY(fault_error("file.rename"));
  const MutexLock lock(rep_->mutex);
  const Fate fate = TRY(rep_->begin(Kind::kChange));
  auto [from_folder, from_name] = TRY(rep_->find_parent(from));
  auto [to_folder, to_name] = TRY(rep_->find_parent(to));
  const NodePtr node = rep_->find(from);
  if (!node) {
    return no_such(from);
  }
  const NodePtr target = rep_->find(to);
  if (target && target != node && (target->is_directory || node->is_directory)) {
    return Error(ErrorCode::kAlreadyExists, "is there already: " + to);
  }
  if (target != node) {
    rep_->apply({{.folder = from_folder, .name = from_name, .node = nullptr},
                 {.folder = to_folder, .name = to_name, .node = node}});
  }
  return rep_->finish(fate);
}

Result<void> SimFiles::sync_dir(const std::string& path) {
  TRY(fault_error("file.sync_dir"));
  const MutexLock lock(rep_->mutex);
  const Fate fate = TRY(rep_->begin(Kind::kSync));
  const NodePtr folder = rep_->find(path);
  if (!folder || !folder->is_directory) {
    return no_such(path);
  }
  if (!stops_early(fate) && !rep_->is_disabled(SyncKind::kDirectory, path)) {
    rep_->sync_names(folder);
  }
  return rep_->finish(fate);
}

Result<void> SimFiles::sync_disk(const std::string& path) {
  TRY(fault_error("file.sync"));
  const MutexLock lock(rep_->mutex);
  const Fate fate = TRY(rep_->begin(Kind::kSync));
  if (!rep_->find(path)) {
    return no_such(path);
  }
  if (!stops_early(fate)) {
    rep_->sync_tree(rep_->root, "");
  }
  return rep_->finish(fate);
}

Result<FileStat> SimFiles::stat(const std::string& path) {
  TRY(fault_error("file.stat"));
  const MutexLock lock(rep_->mutex);
  TRY(rep_->begin(Kind::kLook));
  const NodePtr node = rep_->find(path);
  if (!node) {
    return no_such(path);
  }
  return FileStat{.size = node->now.size(),
                  .is_directory = node->is_directory,
                  .modified_us = 0,
                  .inode = node->inode};
}

Result<std::uint64_t> SimFiles::free_bytes(const std::string& path) {
  TRY(fault_error("file.stat"));
  const MutexLock lock(rep_->mutex);
  TRY(rep_->begin(Kind::kLook));
  if (!rep_->find(path)) {
    return no_such(path);
  }
  const std::uint64_t used = Rep::used_below(*rep_->root);
  const std::uint64_t room = rep_->capacity.value_or(kEndless);
  return room > used ? room - used : std::uint64_t{0};
}

Result<std::unique_ptr<FileLock>> SimFiles::lock(const std::string& path) {
  const std::unique_ptr<File> file = TRY(open(path, OpenMode::kCreate));
  TRY(fault_error("file.lock"));
  std::uint64_t life = 0;
  NodePtr node;
  {
    const MutexLock lock(rep_->mutex);
    node = rep_->find(path);
    life = rep_->life;
    if (!node) {
      return no_such(path);
    }
    if (!rep_->locked.insert(node.get()).second) {
      return Error(ErrorCode::kConflict, path + " is held by process 1");
    }
  }
  auto held = std::make_unique<SimLock>(rep_, std::move(node), life);
  TRY(file->truncate(0));
  TRY(file->pwrite("1\n", 0));
  return held;
}

void SimFiles::crash() {
  const MutexLock lock(rep_->mutex);
  rep_->crash();
}

std::uint64_t SimFiles::operations() const {
  const MutexLock lock(rep_->mutex);
  return rep_->operations;
}

void SimFiles::power_off_at(std::uint64_t operation) {
  const MutexLock lock(rep_->mutex);
  rep_->power_off_at = operation;
}

void SimFiles::fail_at(std::uint64_t operation, ErrorCode code) {
  const MutexLock lock(rep_->mutex);
  rep_->fail_at = operation;
  rep_->fail_code = code;
}

void SimFiles::set_capacity(std::uint64_t bytes) {
  const MutexLock lock(rep_->mutex);
  rep_->capacity = bytes;
}

void SimFiles::set_read_only(bool read_only) {
  const MutexLock lock(rep_->mutex);
  rep_->read_only = read_only;
}

void SimFiles::disable_sync(SyncKind kind, std::string path_part) {
  const MutexLock lock(rep_->mutex);
  rep_->disabled.emplace_back(kind, std::move(path_part));
}

}  // namespace millrace::io
