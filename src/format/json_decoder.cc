#include "format/json_decoder.h"

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <simdjson.h>

#include "base/ascii.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "base/utf8.h"
#include "data/arena.h"
#include "data/batch.h"
#include "data/decimal.h"
#include "data/interval.h"
#include "format/detail/cell_column.h"
#include "format/detail/json_scan.h"
#include "format/json_row_reader.h"
#include "format/json_tokenizer.h"

namespace millrace::format {
namespace {

using data::TypeKind;
using detail::CellColumn;
using detail::classify_number;
using detail::equal_bytes;
using detail::NumberKind;
using detail::read_short_integer;
using detail::unescape;

constexpr std::size_t kFirstCapacity = 4096;

// Names beyond this are looked up each time, so that hostile records cannot fill the memory.
constexpr std::size_t kLearntMax = 1000;

}  // namespace

/// The walk along simdjson's token list. Every function returns false when the record is not plain
/// JSON that converts; then cells may be half written.
class JsonDecoder::Impl {
 public:
  explicit Impl(JsonRowReader reader)
      : reader_(std::move(reader)), cells_(reader_.root()), order_(reader_.root()) {
    grow(kFirstCapacity);
  }

  JsonRows decode(std::span<const std::string_view> records,
                  std::span<const data::BlockPtr> blocks,
                  bool slowly) {
    MR_ASSERT(records.size() <= data::kBatchRows, "{} records", records.size());
    JsonRows rows;
    rows.outcomes.resize(records.size());
    cells_.begin(records.size());
    for (std::size_t row = 0; row < records.size(); ++row) {
      if (!slowly && walk_record(records[row], row)) {
        rows.outcomes[row] = RowOutcome::kDecoded;
        continue;
      }
      cells_.reset(row);
      data::Value value;
      rows.outcomes[row] = reader_.read(records[row], value);
      cells_.set_value(row, value, arena_);
      ++rows.slow;
    }
    std::vector<data::BlockPtr> held(blocks.begin(), blocks.end());
    for (data::BlockPtr& block : arena_.take()) {
      held.push_back(std::move(block));
    }
    if (cells_.kind() == TypeKind::kStruct) {
      for (std::size_t i = 0; i < reader_.root().fields().size(); ++i) {
        rows.columns.push_back(cells_.child(i).finish(records.size(), held));
      }
    } else {
      rows.columns.push_back(cells_.finish(records.size(), held));
    }
    return rows;
  }

  [[nodiscard]] const JsonRowReader& reader() const { return reader_; }

 private:
  // The fields of a struct by name, and in which order the last record had them.
  struct FieldOrder {
    struct Learnt {
      std::string quoted;  // The name as it is written, in its quotes.
      int field = -1;      // -1 = not in the schema.
    };

    std::vector<Learnt> learnt;
    std::vector<FieldOrder> children;  // One a field of the type; used where they are nested.

    explicit FieldOrder(const data::Type& type) {
      for (const data::Field& field : type.fields()) {
        children.emplace_back(field.type);
      }
    }
  };

  void grow(std::size_t capacity) {
    capacity_ = capacity;
    const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
        capacity, simdjson::DEFAULT_MAX_DEPTH, parser_);
    MR_ASSERT(error == simdjson::SUCCESS, "simdjson: {}", simdjson::error_message(error));
  }

  bool walk_record(std::string_view record, std::size_t row) {
    if (record.empty()) {
      return false;
    }
    if (record.size() > capacity_) {
      grow(record.size() * 2);
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(record.data());
    if (parser_->stage1(bytes, record.size(), simdjson::stage1_mode::regular) !=
        simdjson::SUCCESS) {
      return false;
    }
    text_ = record.data();
    at_ = parser_->structural_indexes.get();
    end_ = at_ + parser_->n_structural_indexes;
    depth_ = 0;
    has_escapes_ = std::memchr(record.data(), '\\', record.size()) != nullptr;
    const char first = peek();
    if (cells_.kind() == TypeKind::kStruct) {
      if (first != '{') {
        return false;
      }
      ++at_;
      cells_.set_valid(row);
      return walk_object(cells_, order_, row, reader_.corrupt_field());
    }
    const bool fits = (cells_.kind() == TypeKind::kArray && first == '[') ||
                      (cells_.kind() == TypeKind::kMap && first == '{');
    return fits && walk_value(cells_, order_, row);
  }

  // The character of the next token; 0 at the end.
  [[nodiscard]] char peek() const { return at_ == end_ ? '\0' : text_[*at_]; }

  bool take(char expected) {
    if (peek() != expected) {
      return false;
    }
    ++at_;
    return true;
  }

  // What lies between two tokens, without the space before the second. The list has a next token,
  // because no scalar is a root.
  bool take_scalar(std::string_view& scalar) {
    const char* const begin = text_ + *at_;
    ++at_;
    if (at_ == end_) {
      return false;
    }
    const char* last = text_ + *at_;
    while (is_json_space(last[-1])) {
      --last;
    }
    scalar = {begin, static_cast<std::size_t>(last - begin)};
    return true;
  }

  // A string as written, without its quotes. REQUIRES: the next token is a quote
  bool take_raw_string(std::string_view& raw) {
    std::string_view scalar;
    if (!take_scalar(scalar) || scalar.size() < 2 || scalar.back() != '"') {
      return false;
    }
    raw = scalar.substr(1, scalar.size() - 2);
    return true;
  }

  bool take_string(std::string_view& string) {
    if (!take_raw_string(string)) {
      return false;
    }
    return !has_escapes_ || resolve_escapes(string);
  }

  bool resolve_escapes(std::string_view& string) {
    if (string.find('\\') == std::string_view::npos) {
      return true;
    }
    char* const begin = arena_.allocate(string.size());
    char* const end = unescape(string, begin);
    if (end == nullptr) {
      return false;
    }
    const auto size = static_cast<std::size_t>(end - begin);
    arena_.give_back(string.size() - size);
    string = {begin, size};
    return true;
  }

  bool enter() { return ++depth_ <= JsonTokenizer::kDepthMax; }

  // Behind '{'.
  bool walk_object(CellColumn& cells, FieldOrder& order, std::size_t row, int without) {
    if (!enter()) {
      return false;
    }
    if (take('}')) {
      --depth_;
      return true;
    }
    for (std::size_t position = 0;; ++position) {
      int field = -1;
      if (!take_learnt_name(order, position, field) &&
          !take_name(cells.type(), order, position, without, field)) {
        return false;
      }
      const auto index = static_cast<std::size_t>(field);
      const bool ok = field < 0 ? skip_short_value() || skip_value()
                                : walk_short_value(cells.child(index), row) ||
                                      walk_value(cells.child(index), order.children[index], row);
      if (!ok) {
        return false;
      }
      if (!take(',')) {
        --depth_;
        return take('}');
      }
    }
  }

  // The three functions that follow are the whole way of nearly every field. Each takes what it
  // knows or leaves everything as it is. They need the four tokens of `"name": value,`.
  [[nodiscard]] bool has_field() const { return end_ - at_ >= 4; }

  bool take_learnt_name(const FieldOrder& order, std::size_t position, int& field) {
    if (position >= order.learnt.size() || !has_field()) {
      return false;
    }
    const FieldOrder::Learnt& learnt = order.learnt.data()[position];
    if (at_[1] - at_[0] != learnt.quoted.size() || text_[at_[1]] != ':' ||
        !equal_bytes(text_ + at_[0], learnt.quoted.data(), learnt.quoted.size())) {
      return false;
    }
    at_ += 2;
    field = learnt.field;
    return true;
  }

  // A string without escapes into a STRING, a short integer into an integral column.
  bool walk_short_value(CellColumn& cells, std::size_t row) {
    if (end_ - at_ < 2) {
      return false;
    }
    const char* const begin = text_ + at_[0];
    const char* const end = text_ + at_[1];
    if (*begin == '"') {
      if (cells.kind() != TypeKind::kString || has_escapes_ || end[-1] != '"') {
        return false;
      }
      cells.set(row, std::string_view(begin + 1, static_cast<std::size_t>(end - begin) - 2));
      ++at_;
      return true;
    }
    std::int64_t value = 0;
    if (cells.kind() != TypeKind::kBigInt || !read_short_integer(begin, end, value)) {
      return false;
    }
    cells.set(row, value);
    ++at_;
    return true;
  }

  bool skip_short_value() {
    if (end_ - at_ < 2) {
      return false;
    }
    std::int64_t ignored = 0;
    const char first = text_[at_[0]];
    // The first stage found the end of the string.
    if (first == '"' ? has_escapes_
                     : !read_short_integer(text_ + at_[0], text_ + at_[1], ignored)) {
      return false;
    }
    ++at_;
    return true;
  }

  bool take_name(
      const data::Type& type, FieldOrder& order, std::size_t position, int without, int& field) {
    std::string_view name;
    return peek() == '"' && take_raw_string(name) && take(':') &&
           learn(type, order, position, name, without, field);
  }

  bool learn(const data::Type& type,
             FieldOrder& order,
             std::size_t position,
             std::string_view name,
             int without,
             int& field) {
    if (name.find('\\') != std::string_view::npos) {
      return false;
    }
    const auto& fields = type.fields();
    field = -1;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name == name && static_cast<int>(i) != without) {
        field = static_cast<int>(i);
        break;
      }
    }
    if (position < kLearntMax) {
      order.learnt.resize(std::max(order.learnt.size(), position + 1));
      order.learnt[position] = {.quoted = '"' + std::string(name) + '"', .field = field};
    }
    return true;
  }

  bool walk_value(CellColumn& cells, FieldOrder& order, std::size_t row) {
    switch (peek()) {
      case '"':
        return walk_string(cells, row);
      case 'n': {
        std::string_view word;
        if (!take_scalar(word) || word != "null") {
          return false;
        }
        if (cells.is_valid(row)) {
          cells.reset(row);
        }
        return true;
      }
      case '{':
      case '[':
        return walk_container(cells, order, row);
      default:
        return walk_scalar(cells, row);
    }
  }

  bool walk_container(CellColumn& cells, FieldOrder& order, std::size_t row) {
    const bool object = peek() == '{';
    if (cells.kind() == TypeKind::kString) {
      scratch_.clear();
      if (!copy_value(scratch_)) {
        return false;
      }
      cells.set(row, arena_.copy(scratch_));
      return true;
    }
    if (object && cells.kind() == TypeKind::kStruct) {
      ++at_;
      if (cells.is_valid(row)) {
        cells.reset(row);
      }
      cells.set_valid(row);
      return walk_object(cells, order, row, -1);
    }
    if (!object && cells.kind() == TypeKind::kArray) {
      ++at_;
      return walk_array(cells, order, row);
    }
    if (object && cells.kind() == TypeKind::kMap && cells.child(0).kind() == TypeKind::kString) {
      ++at_;
      return walk_map(cells, order, row);
    }
    return false;
  }

  bool walk_array(CellColumn& cells, FieldOrder& order, std::size_t row) {
    cells.open_list(row);
    if (!enter()) {
      return false;
    }
    CellColumn& elements = cells.child(0);
    bool more = !take(']');
    while (more) {
      const std::size_t at = elements.size();
      elements.ensure(at);
      if (!walk_value(elements, order.children[0], at)) {
        return false;
      }
      more = take(',');
      if (!more && !take(']')) {
        return false;
      }
    }
    cells.close_list(row);
    --depth_;
    return true;
  }

  bool walk_map(CellColumn& cells, FieldOrder& order, std::size_t row) {
    cells.open_list(row);
    if (!enter()) {
      return false;
    }
    bool more = !take('}');
    while (more) {
      const std::size_t at = cells.child(0).size();
      cells.child(0).ensure(at);
      cells.child(1).ensure(at);
      std::string_view name;
      if (peek() != '"' || !take_string(name) || !take(':')) {
        return false;
      }
      cells.child(0).set(at, name);
      if (!walk_value(cells.child(1), order.children[1], at)) {
        return false;
      }
      more = take(',');
      if (!more && !take('}')) {
        return false;
      }
    }
    cells.close_list(row);
    --depth_;
    return true;
  }

  bool walk_string(CellColumn& cells, std::size_t row) {
    std::string_view text;
    if (!take_string(text)) {
      return false;
    }
    if (cells.kind() == TypeKind::kString) [[likely]] {
      cells.set(row, text);
      return true;
    }
    if (cells.kind() == TypeKind::kBinary) {
      const std::optional<std::string> bytes = from_base64(text);
      if (bytes) {
        cells.set(row, arena_.copy(*bytes));
      }
      return bytes.has_value();
    }
    if (text.empty()) {
      return false;
    }
    if (cells.kind() == TypeKind::kDecimal) {
      return set_decimal(cells, row, text);
    }
    if (!detail::is_datetime(cells.kind())) {
      return false;
    }
    const auto moment = reader_.scalars().datetime(text, cells.type());
    if (!moment) {
      return false;
    }
    if (cells.type().width() == sizeof(std::int32_t)) {
      cells.set(row, static_cast<std::int32_t>(*moment));
    } else {
      cells.set(row, *moment);
    }
    return true;
  }

  static bool set_decimal(CellColumn& cells, std::size_t row, std::string_view text) {
    Int128 unscaled = 0;
    if (data::parse_decimal(text, cells.type().precision(), cells.type().scale(), unscaled) !=
        data::DecimalText::kOk) {
      return false;
    }
    cells.set(row, unscaled);
    return true;
  }

  // Numbers, true and false.
  bool walk_scalar(CellColumn& cells, std::size_t row) {
    std::string_view text;
    if (at_ == end_ || !take_scalar(text)) {
      return false;
    }
    if (text == "true" || text == "false") {
      if (cells.kind() == TypeKind::kString) {
        cells.set(row, text);
        return true;
      }
      if (cells.kind() == TypeKind::kBoolean) {
        cells.set<std::uint8_t>(row, text.size() == 4 ? 1 : 0);
        return true;
      }
      return false;
    }
    const NumberKind number = classify_number(text);
    return number != NumberKind::kNone && set_number(cells, row, text, number);
  }

  bool set_number(CellColumn& cells, std::size_t row, std::string_view text, NumberKind number) {
    const TypeKind kind = cells.kind();
    if (kind == TypeKind::kString) {
      if (number == NumberKind::kInteger && text != "-0") {
        cells.set(row, text);
        return true;
      }
      scratch_.clear();
      append_jackson_number(scratch_, text, number == NumberKind::kFloat);
      cells.set(row, arena_.copy(scratch_));
      return true;
    }
    if (kind == TypeKind::kDouble) {
      cells.set(row, detail::json_double(text));
      return true;
    }
    if (kind == TypeKind::kFloat) {
      cells.set(row, detail::json_float(text));
      return true;
    }
    if (kind == TypeKind::kDecimal) {
      return set_decimal(cells, row, text);
    }
    if (number != NumberKind::kInteger) {
      return false;
    }
    std::optional<std::int64_t> value;
    if (kind == TypeKind::kTimestamp) {
      value = detail::json_seconds(text);
    } else if (cells.type().is_integral()) {
      value = detail::json_integer(text, kind);
    }
    if (!value) {
      return false;
    }
    set_integer(cells, row, *value);
    return true;
  }

  static void set_integer(CellColumn& cells, std::size_t row, std::int64_t value) {
    if (cells.kind() == TypeKind::kInt) {
      cells.set(row, static_cast<std::int32_t>(value));
    } else if (cells.kind() == TypeKind::kSmallInt) {
      cells.set(row, static_cast<std::int16_t>(value));
    } else if (cells.kind() == TypeKind::kTinyInt) {
      cells.set(row, static_cast<std::int8_t>(value));
    } else {
      cells.set(row, value);
    }
  }

  // Checks a value of an unknown field, which has to be JSON like any other.
  bool skip_value() {
    const std::size_t outside = depth_;
    while (true) {
      const char c = peek();
      bool closed = false;
      if (c == '{' || c == '[') {
        ++at_;
        if (!open(c == '{')) {
          return false;
        }
        if (!take(c == '{' ? '}' : ']')) {
          if (c == '{' && !skip_name()) {
            return false;
          }
          continue;
        }
        close();
        closed = true;
      }
      if (!closed && !skip_scalar()) {
        return false;
      }
      // Behind a value: the ends of all that it is the last of, then a comma.
      while (depth_ > outside && take(in_object_[depth_] ? '}' : ']')) {
        close();
      }
      if (depth_ == outside) {
        return true;
      }
      if (!take(',') || (in_object_[depth_] && !skip_name())) {
        return false;
      }
    }
  }

  bool open(bool object) {
    if (!enter()) {
      return false;
    }
    in_object_[depth_] = object;
    return true;
  }

  void close() { --depth_; }

  bool skip_name() { return peek() == '"' && skip_string() && take(':'); }

  bool skip_string() {
    std::string_view raw;
    if (!take_raw_string(raw)) {
      return false;
    }
    if (!has_escapes_ || raw.find('\\') == std::string_view::npos) {
      return true;
    }
    scratch_.resize(raw.size());
    return unescape(raw, scratch_.data()) != nullptr;
  }

  bool skip_scalar() {
    if (peek() == '"') {
      return skip_string();
    }
    std::string_view text;
    return at_ != end_ && take_scalar(text) &&
           (text == "true" || text == "false" || text == "null" ||
            classify_number(text) != NumberKind::kNone);
  }

  // Appends a container as Jackson copies it.
  bool copy_value(std::string& out) {
    const char c = peek();
    if (c == '"') {
      std::string_view text;
      if (!take_string(text)) {
        return false;
      }
      append_jackson_string(out, text);
      return true;
    }
    if (c != '{' && c != '[') {
      return copy_scalar(out);
    }
    ++at_;
    out += c;
    if (!enter()) {
      return false;
    }
    const char end = c == '{' ? '}' : ']';
    bool more = !take(end);
    while (more) {
      if (c == '{') {
        std::string_view name;
        if (peek() != '"' || !take_string(name) || !take(':')) {
          return false;
        }
        append_jackson_string(out, name);
        out += ':';
      }
      if (!copy_value(out)) {
        return false;
      }
      more = take(',');
      if (more) {
        out += ',';
      } else if (!take(end)) {
        return false;
      }
    }
    out += end;
    --depth_;
    return true;
  }

  bool copy_scalar(std::string& out) {
    std::string_view text;
    if (at_ == end_ || !take_scalar(text)) {
      return false;
    }
    if (text == "true" || text == "false" || text == "null") {
      out += text;
      return true;
    }
    const NumberKind number = classify_number(text);
    if (number != NumberKind::kNone) {
      append_jackson_number(out, text, number == NumberKind::kFloat);
    }
    return number != NumberKind::kNone;
  }

  JsonRowReader reader_;
  CellColumn cells_;
  FieldOrder order_;
  data::Arena arena_;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
  std::size_t capacity_ = 0;
  std::string scratch_;

  // The record being walked.
  const char* text_ = nullptr;
  const std::uint32_t* at_ = nullptr;
  const std::uint32_t* end_ = nullptr;
  std::size_t depth_ = 0;
  bool has_escapes_ = false;
  std::array<bool, JsonTokenizer::kDepthMax + 1> in_object_{};
};

Result<JsonDecoder> JsonDecoder::create(data::Type root, JsonOptions options) {
  JsonRowReader reader = TRY(JsonRowReader::create(std::move(root), std::move(options)));
  return JsonDecoder(std::make_unique<Impl>(std::move(reader)));
}

Result<JsonDecoder> JsonDecoder::create(const data::Schema& schema, JsonOptions options) {
  return create(data::Type::structure(schema.fields), std::move(options));
}

JsonDecoder::JsonDecoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

JsonDecoder::JsonDecoder(JsonDecoder&&) noexcept = default;
JsonDecoder& JsonDecoder::operator=(JsonDecoder&&) noexcept = default;
JsonDecoder::~JsonDecoder() = default;

JsonRows JsonDecoder::decode(std::span<const std::string_view> records,
                             std::span<const data::BlockPtr> blocks) {
  return impl_->decode(records, blocks, /*slowly=*/false);
}

JsonRows JsonDecoder::decode_slowly(std::span<const std::string_view> records) {
  return impl_->decode(records, {}, /*slowly=*/true);
}

const data::Type& JsonDecoder::root() const {
  return impl_->reader().root();
}

const JsonOptions& JsonDecoder::options() const {
  return impl_->reader().options();
}

}  // namespace millrace::format
