// Parts, padding, searching and comparing of strings. Positions count code points from 1.
#include <algorithm>

#include "expr/code_points.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/unicode_case.h"

namespace millrace::expr {
namespace {

using data::Type;
using enum data::TypeKind;
using Text = std::string_view;

// --- Case

std::string upper(Row&, Text text) {
  return upper_text(text);
}

std::string lower(Row&, Text text) {
  return lower_text(text);
}

std::string initcap(Row&, Text text) {
  return initcap_text(text);
}

// --- Length

std::int32_t length_of_text(Row&, Text text) {
  return static_cast<std::int32_t>(count_code_points(text));
}

std::int32_t length_of_bytes(Row&, Text bytes) {
  return static_cast<std::int32_t>(bytes.size());
}

std::int32_t bit_length(Row&, Text bytes) {
  return static_cast<std::int32_t>(bytes.size() * 8);
}

// The first argument as it is when it is BINARY, else as STRING.
Type text_or_bytes(const CallSite& call) {
  return Type(call.type(0).kind() == kBinary ? kBinary : kString);
}

std::optional<Resolution> resolve_length(CallSite& call) {
  const Type type = text_or_bytes(call);
  return signature(
      call,
      Type(kInt),
      {type},
      type.kind() == kBinary ? kRowKernel<length_of_bytes> : kRowKernel<length_of_text>);
}

template <Kernel kKernel>
std::optional<Resolution> resolve_size_in_bytes(CallSite& call) {
  return signature(call, Type(kInt), {text_or_bytes(call)}, kKernel);
}

// --- Parts

View substring_three(Row&, Text text, std::int32_t position, std::int32_t length) {
  return {substring_text(text, position, length)};
}

View substring_two(Row&, Text text, std::int32_t position) {
  return {substring_text(text, position)};
}

View substring_bytes_three(Row&, Text bytes, std::int32_t position, std::int32_t length) {
  return {substring_bytes(bytes, position, length)};
}

View substring_bytes_two(Row&, Text bytes, std::int32_t position) {
  return {substring_bytes(bytes, position)};
}

std::optional<Resolution> resolve_substring(CallSite& call) {
  const Type type = text_or_bytes(call);
  const bool three = call.count() == 3;
  Kernel kernel = three ? kRowKernel<substring_three> : kRowKernel<substring_two>;
  if (type.kind() == kBinary) {
    kernel = three ? kRowKernel<substring_bytes_three> : kRowKernel<substring_bytes_two>;
  }
  return signature(call, type, {type, Type(kInt), Type(kInt)}, kernel);
}

View left(Row&, Text text, std::int32_t length) {
  return {substring_text(text, 1, length)};
}

View left_bytes(Row&, Text bytes, std::int32_t length) {
  return {substring_bytes(bytes, 1, length)};
}

View right(Row&, Text text, std::int32_t length) {
  return {length <= 0 ? Text() : substring_text(text, -std::int64_t{length})};
}

template <Kernel kText, Kernel kBytes>
std::optional<Resolution> resolve_text_or_bytes_int(CallSite& call) {
  const Type type = text_or_bytes(call);
  return signature(call, type, {type, Type(kInt)}, type.kind() == kBinary ? kBytes : kText);
}

View substring_index(Row&, Text text, Text delimiter, std::int32_t count) {
  if (count == 0 || delimiter.empty()) {
    return {};
  }
  if (count > 0) {
    std::size_t at = Text::npos;
    for (std::int32_t i = 0; i < count; ++i) {
      at = text.find(delimiter, at == Text::npos ? 0 : at + 1);
      if (at == Text::npos) {
        return {text};
      }
    }
    return {text.substr(0, at)};
  }
  std::size_t at = text.size() - delimiter.size() + 1;
  if (delimiter.size() > text.size()) {
    return {text};
  }
  for (std::int64_t i = 0; i > count; --i) {
    at = at == 0 ? Text::npos : text.rfind(delimiter, at - 1);
    if (at == Text::npos) {
      return {text};
    }
  }
  return {text.substr(at + delimiter.size())};
}

View split_part(Row& row, Text text, Text delimiter, std::int32_t part) {
  if (part == 0) {
    row.fail(EvalError::kInvalidIndexOfZero);
    return {};
  }
  if (delimiter.empty()) {
    return {part == 1 || part == -1 ? text : Text()};
  }
  if (part > 0) {
    std::size_t begin = 0;
    for (std::int32_t i = 1; i < part; ++i) {
      const std::size_t found = text.find(delimiter, begin);
      if (found == Text::npos) {
        return {};
      }
      begin = found + delimiter.size();
    }
    return {text.substr(begin, text.find(delimiter, begin) - begin)};
  }
  // Parts are cut from the left, so that from the right needs all of them.
  std::vector<Text> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t found = text.find(delimiter, begin);
    parts.push_back(text.substr(begin, found - begin));
    if (found == Text::npos) {
      break;
    }
    begin = found + delimiter.size();
  }
  const auto from_end = static_cast<std::size_t>(-std::int64_t{part});
  return {from_end > parts.size() ? Text() : parts[parts.size() - from_end]};
}

// --- Trimming

bool has_code_point(Text set, Text code_point) {
  for (std::size_t at = 0; at < set.size();) {
    const std::size_t next = skip_code_points(set, at, 1);
    if (set.substr(at, next - at) == code_point) {
      return true;
    }
    at = next;
  }
  return false;
}

Text trim_left(Text text, Text set) {
  while (!text.empty()) {
    const std::size_t bytes = skip_code_points(text, 0, 1);
    if (!has_code_point(set, text.substr(0, bytes))) {
      break;
    }
    text.remove_prefix(bytes);
  }
  return text;
}

Text trim_right(Text text, Text set) {
  while (!text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80) {
      --begin;
    }
    if (!has_code_point(set, text.substr(begin))) {
      break;
    }
    text = text.substr(0, begin);
  }
  return text;
}

View trim(Row&, Text text) {
  return {trim_right(trim_left(text, " "), " ")};
}

View ltrim(Row&, Text text) {
  return {trim_left(text, " ")};
}

View rtrim(Row&, Text text) {
  return {trim_right(text, " ")};
}

// ltrim(set, text) has the set first, btrim(text, set) last.
View ltrim_set(Row&, Text set, Text text) {
  return {trim_left(text, set)};
}

View rtrim_set(Row&, Text set, Text text) {
  return {trim_right(text, set)};
}

View trim_set(Row&, Text set, Text text) {
  return {trim_right(trim_left(text, set), set)};
}

View btrim_set(Row&, Text text, Text set) {
  return {trim_right(trim_left(text, set), set)};
}

template <Kernel kOne, Kernel kTwo>
std::optional<Resolution> resolve_trim(CallSite& call) {
  return signature(
      call, Type(kString), {Type(kString), Type(kString)}, call.count() == 1 ? kOne : kTwo);
}

// --- Building

bool too_long(Row& row, std::uint64_t bytes) {
  if (bytes <= kStringBytesMax) {
    return false;
  }
  row.fail(EvalError::kTooManyElements);
  return true;
}

enum class Side : std::uint8_t {
  kLeft,
  kRight
};

std::string pad(Row& row, Text text, std::int32_t length, Text padding, Side side) {
  const std::int64_t missing = length - count_code_points(text);
  if (missing <= 0 || padding.empty()) {
    return std::string(slice_code_points(text, 0, length));
  }
  const std::int64_t unit = count_code_points(padding);
  const auto whole = static_cast<std::uint64_t>(missing / unit);
  if (whole > kStringBytesMax || too_long(row, text.size() + (whole + 1) * padding.size())) {
    if (whole > kStringBytesMax) {
      row.fail(EvalError::kTooManyElements);
    }
    return {};
  }
  std::string fill;
  for (std::uint64_t i = 0; i < whole; ++i) {
    fill.append(padding);
  }
  fill.append(slice_code_points(padding, 0, missing % unit));
  return side == Side::kLeft ? fill.append(text) : std::string(text).append(fill);
}

std::string lpad(Row& row, Text text, std::int32_t length, Text padding) {
  return pad(row, text, length, padding, Side::kLeft);
}

std::string rpad(Row& row, Text text, std::int32_t length, Text padding) {
  return pad(row, text, length, padding, Side::kRight);
}

std::string lpad_blank(Row& row, Text text, std::int32_t length) {
  return pad(row, text, length, " ", Side::kLeft);
}

std::string rpad_blank(Row& row, Text text, std::int32_t length) {
  return pad(row, text, length, " ", Side::kRight);
}

std::string pad_bytes(Row& row, Text bytes, std::int32_t length, Text padding, Side side) {
  const std::size_t size = length < 0 ? 0 : static_cast<std::size_t>(length);
  if (size <= bytes.size() || padding.empty()) {
    return std::string(bytes.substr(0, size));
  }
  if (too_long(row, size)) {
    return {};
  }
  std::string fill;
  while (fill.size() < size - bytes.size()) {
    fill.append(padding);
  }
  fill.resize(size - bytes.size());
  return side == Side::kLeft ? fill.append(bytes) : std::string(bytes).append(fill);
}

template <Side kSide>
std::string pad_bytes_three(Row& row, Text bytes, std::int32_t length, Text padding) {
  return pad_bytes(row, bytes, length, padding, kSide);
}

template <Side kSide>
std::string pad_bytes_two(Row& row, Text bytes, std::int32_t length) {
  return pad_bytes(row, bytes, length, Text("\0", 1), kSide);
}

template <Side kSide>
std::optional<Resolution> resolve_pad(CallSite& call) {
  const Type type = text_or_bytes(call);
  const bool two = call.count() == 2;
  Kernel kernel = nullptr;
  if (type.kind() == kBinary) {
    kernel = two ? kRowKernel<pad_bytes_two<kSide>> : kRowKernel<pad_bytes_three<kSide>>;
  } else if constexpr (kSide == Side::kLeft) {
    kernel = two ? kRowKernel<lpad_blank> : kRowKernel<lpad>;
  } else {
    kernel = two ? kRowKernel<rpad_blank> : kRowKernel<rpad>;
  }
  return signature(call, type, {type, Type(kInt), type}, kernel);
}

std::string repeat(Row& row, Text text, std::int32_t count) {
  std::string out;
  if (count <= 0 || too_long(row, text.size() * static_cast<std::uint64_t>(count))) {
    return out;
  }
  out.reserve(text.size() * static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) {
    out.append(text);
  }
  return out;
}

std::string space(Row& row, std::int32_t count) {
  return repeat(row, " ", count);
}

std::string replace_three(Row& row, Text text, Text search, Text with) {
  std::string out;
  std::size_t begin = 0;
  while (!search.empty()) {
    const std::size_t found = text.find(search, begin);
    if (found == Text::npos) {
      break;
    }
    out.append(text.substr(begin, found - begin)).append(with);
    begin = found + search.size();
    if (too_long(row, out.size())) {
      return {};
    }
  }
  return out.append(text.substr(begin));
}

std::string replace_two(Row& row, Text text, Text search) {
  return replace_three(row, text, search, "");
}

std::string translate(Row&, Text text, Text from, Text to) {
  std::vector<std::pair<Text, Text>> map;
  std::size_t to_at = 0;
  for (std::size_t at = 0; at < from.size();) {
    const std::size_t next = skip_code_points(from, at, 1);
    const std::size_t to_next = skip_code_points(to, to_at, 1);
    map.emplace_back(from.substr(at, next - at), to.substr(to_at, to_next - to_at));
    at = next;
    to_at = to_next;
  }
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = skip_code_points(text, at, 1);
    const Text code_point = text.substr(at, next - at);
    const auto found = std::ranges::find(map, code_point, &std::pair<Text, Text>::first);
    out.append(found == map.end() ? code_point : found->second);
    at = next;
  }
  return out;
}

std::string overlay_four(Row&, Text text, Text with, std::int32_t position, std::int32_t length) {
  const std::int64_t replaced = length >= 0 ? length : count_code_points(with);
  std::string out(substring_text(text, 1, std::int64_t{position} - 1));
  return out.append(with).append(substring_text(text, position + replaced));
}

std::string overlay_three(Row& row, Text text, Text with, std::int32_t position) {
  return overlay_four(row, text, with, position, -1);
}

std::string overlay_bytes(Row&, Text bytes, Text with, std::int32_t position, std::int32_t length) {
  const std::int64_t replaced = length >= 0 ? length : static_cast<std::int64_t>(with.size());
  std::string out(substring_bytes(bytes, 1, std::int64_t{position} - 1));
  return out.append(with).append(substring_bytes(bytes, position + replaced));
}

std::string overlay_bytes_three(Row& row, Text bytes, Text with, std::int32_t position) {
  return overlay_bytes(row, bytes, with, position, -1);
}

std::optional<Resolution> resolve_overlay(CallSite& call) {
  const Type type = text_or_bytes(call);
  const bool three = call.count() == 3;
  Kernel kernel = three ? kRowKernel<overlay_three> : kRowKernel<overlay_four>;
  if (type.kind() == kBinary) {
    kernel = three ? kRowKernel<overlay_bytes_three> : kRowKernel<overlay_bytes>;
  }
  return signature(call, type, {type, type, Type(kInt), Type(kInt)}, kernel);
}

// concat_ws(separator, strings and arrays of strings …): nulls are left out.
data::ColumnPtr concat_ws_kernel(const KernelInput& in) {
  return map_values(
      in,
      [](Row& row, std::span<const data::Value> args) {
        if (args[0].is_null()) {
          return data::Value();
        }
        std::string out;
        bool first = true;
        const auto add = [&](const data::Value& part) {
          if (!part.is_null() && out.size() <= kStringBytesMax) {
            out.append(first ? Text() : Text(args[0].string())).append(part.string());
            first = false;
          }
        };
        for (const data::Value& arg : args.subspan(1)) {
          if (std::holds_alternative<data::ValueList>(arg.v)) {
            std::ranges::for_each(arg.list(), add);
          } else {
            add(arg);
          }
        }
        return too_long(row, out.size()) ? data::Value() : data::Value(std::move(out));
      },
      /*see_nulls=*/true);
}

std::optional<Resolution> resolve_concat_ws(CallSite& call) {
  for (std::size_t i = 0; i < call.count(); ++i) {
    const bool array = i > 0 && call.type(i).kind() == kArray;
    if (!call.cast(i, array ? Type::array(Type(kString)) : Type(kString))) {
      return std::nullopt;
    }
  }
  return Resolution{
      .type = Type(kString), .nullable = call.arg(0).nullable, .kernel = concat_ws_kernel};
}

// elt(n, a, b, …)
data::ColumnPtr elt_kernel(const KernelInput& in) {
  return map_values(
      in,
      [](Row& row, std::span<const data::Value> args) {
        if (args[0].is_null()) {
          return data::Value();
        }
        const std::int64_t index = args[0].integer();
        if (index < 1 || index >= static_cast<std::int64_t>(args.size())) {
          row.fail(EvalError::kInvalidArrayIndex);
          return data::Value();
        }
        return args[static_cast<std::size_t>(index)];
      },
      /*see_nulls=*/true);
}

std::optional<Resolution> resolve_elt(CallSite& call) {
  bool all_bytes = true;
  for (std::size_t i = 1; i < call.count(); ++i) {
    all_bytes = all_bytes && call.type(i).kind() == kBinary;
  }
  const Type type(all_bytes ? kBinary : kString);
  return signature(call, type, {Type(kInt), type}, elt_kernel, /*always_nullable=*/true);
}

// --- Searching

bool contains(Row&, Text text, Text part) {
  return text.find(part) != Text::npos;
}

bool starts_with(Row&, Text text, Text part) {
  return text.starts_with(part);
}

bool ends_with(Row&, Text text, Text part) {
  return text.ends_with(part);
}

template <Kernel kKernel>
std::optional<Resolution> resolve_search(CallSite& call) {
  const bool bytes = call.type(0).kind() == kBinary && call.type(1).kind() == kBinary;
  const Type type(bytes ? kBinary : kString);
  return signature(call, Type(kBoolean), {type, type}, kKernel);
}

std::int32_t instr(Row&, Text text, Text part) {
  return locate_text(part, text);
}

std::int32_t locate_two(Row&, Text part, Text text) {
  return locate_text(part, text);
}

std::int32_t locate_three(Row&, Text part, Text text, std::int32_t start) {
  return locate_text(part, text, start);
}

std::optional<Resolution> resolve_locate(CallSite& call) {
  return signature(call,
                   Type(kInt),
                   {Type(kString), Type(kString), Type(kInt)},
                   call.count() == 2 ? kRowKernel<locate_two> : kRowKernel<locate_three>);
}

std::int32_t find_in_set(Row&, Text word, Text set) {
  if (word.find(',') != Text::npos) {
    return 0;
  }
  std::int32_t number = 1;
  for (std::size_t begin = 0;; ++number) {
    const std::size_t comma = set.find(',', begin);
    if (set.substr(begin, comma - begin) == word) {
      return number;
    }
    if (comma == Text::npos) {
      return 0;
    }
    begin = comma + 1;
  }
}

constexpr Function kStringFunctions[] = {
    {"upper",
     1,
     1,
     resolve_fixed<kRowKernel<upper>, kString, kString>,
     true,
     "upper(str) - str in upper case"},
    {"ucase",
     1,
     1,
     resolve_fixed<kRowKernel<upper>, kString, kString>,
     true,
     "ucase(str) - str in upper case"},
    {"lower",
     1,
     1,
     resolve_fixed<kRowKernel<lower>, kString, kString>,
     true,
     "lower(str) - str in lower case"},
    {"lcase",
     1,
     1,
     resolve_fixed<kRowKernel<lower>, kString, kString>,
     true,
     "lcase(str) - str in lower case"},
    {"initcap",
     1,
     1,
     resolve_fixed<kRowKernel<initcap>, kString, kString>,
     true,
     "initcap(str) - the first letter of each word in upper case, the rest in lower case"},
    {"length",
     1,
     1,
     resolve_length,
     true,
     "length(expr) - characters of a string, bytes of binary"},
    {"len", 1, 1, resolve_length, true, "len(expr) - characters of a string, bytes of binary"},
    {"char_length", 1, 1, resolve_length, true, "char_length(expr) - as length"},
    {"character_length", 1, 1, resolve_length, true, "character_length(expr) - as length"},
    {"octet_length",
     1,
     1,
     resolve_size_in_bytes<kRowKernel<length_of_bytes>>,
     true,
     "octet_length(expr) - bytes of a string or binary"},
    {"bit_length",
     1,
     1,
     resolve_size_in_bytes<kRowKernel<bit_length>>,
     true,
     "bit_length(expr) - bits of a string or binary"},
    {"substring",
     2,
     3,
     resolve_substring,
     true,
     "substring(str, pos[, len]) - the part of str from pos (1-based, negative from the end)"},
    {"substr", 2, 3, resolve_substring, true, "substr(str, pos[, len]) - as substring"},
    {"left",
     2,
     2,
     resolve_text_or_bytes_int<kRowKernel<left>, kRowKernel<left_bytes>>,
     true,
     "left(str, len) - the first len characters"},
    {"right",
     2,
     2,
     resolve_fixed<kRowKernel<right>, kString, kString, kInt>,
     true,
     "right(str, len) - the last len characters"},
    {"substring_index",
     3,
     3,
     resolve_fixed<kRowKernel<substring_index>, kString, kString, kString, kInt>,
     true,
     "substring_index(str, delim, count) - before the count-th delim; negative: after, from the "
     "right"},
    {"split_part",
     3,
     3,
     resolve_fixed<kRowKernel<split_part>, kString, kString, kString, kInt>,
     true,
     "split_part(str, delim, n) - part n (1-based, negative from the end)"},
    {"trim",
     1,
     2,
     resolve_trim<kRowKernel<trim>, kRowKernel<trim_set>>,
     true,
     "trim([BOTH|LEADING|TRAILING] [chars] FROM str) - without spaces or chars at the ends"},
    {"ltrim",
     1,
     2,
     resolve_trim<kRowKernel<ltrim>, kRowKernel<ltrim_set>>,
     true,
     "ltrim([chars, ]str) - without spaces or chars at the left"},
    {"rtrim",
     1,
     2,
     resolve_trim<kRowKernel<rtrim>, kRowKernel<rtrim_set>>,
     true,
     "rtrim([chars, ]str) - without spaces or chars at the right"},
    {"btrim",
     1,
     2,
     resolve_trim<kRowKernel<trim>, kRowKernel<btrim_set>>,
     true,
     "btrim(str[, chars]) - without spaces or chars at both ends"},
    {"lpad",
     2,
     3,
     resolve_pad<Side::kLeft>,
     true,
     "lpad(str, len[, pad]) - filled up, or cut, to len characters from the left"},
    {"rpad",
     2,
     3,
     resolve_pad<Side::kRight>,
     true,
     "rpad(str, len[, pad]) - filled up, or cut, to len characters from the right"},
    {"repeat",
     2,
     2,
     resolve_fixed<kRowKernel<repeat>, kString, kString, kInt>,
     true,
     "repeat(str, n) - str n times"},
    {"space", 1, 1, resolve_fixed<kRowKernel<space>, kString, kInt>, true, "space(n) - n spaces"},
    {"replace",
     2,
     3,
     [](CallSite& call) {
       return signature(call,
                        Type(kString),
                        {Type(kString)},
                        call.count() == 2 ? kRowKernel<replace_two> : kRowKernel<replace_three>);
     },
     true,
     "replace(str, search[, with]) - every search in str replaced"},
    {"translate",
     3,
     3,
     resolve_fixed<kRowKernel<translate>, kString, kString, kString, kString>,
     true,
     "translate(str, from, to) - each character of from replaced by its counterpart in to"},
    {"overlay",
     3,
     4,
     resolve_overlay,
     true,
     "overlay(str PLACING with FROM pos [FOR len]) - the part from pos replaced"},
    {"concat_ws",
     1,
     -1,
     resolve_concat_ws,
     true,
     "concat_ws(sep, str | array …) - joined with sep, without nulls"},
    {"elt", 2, -1, resolve_elt, true, "elt(n, a, b, …) - the n-th of the values"},
    {"contains",
     2,
     2,
     resolve_search<kRowKernel<contains>>,
     true,
     "contains(str, part) - whether part is in str"},
    {"startswith",
     2,
     2,
     resolve_search<kRowKernel<starts_with>>,
     true,
     "startswith(str, part) - whether str begins with part"},
    {"endswith",
     2,
     2,
     resolve_search<kRowKernel<ends_with>>,
     true,
     "endswith(str, part) - whether str ends with part"},
    {"instr",
     2,
     2,
     resolve_fixed<kRowKernel<instr>, kInt, kString, kString>,
     true,
     "instr(str, part) - the position of part in str, 0 when it is not there"},
    {"locate",
     2,
     3,
     resolve_locate,
     true,
     "locate(part, str[, pos]) - the position of part in str at or after pos, else 0"},
    {"position", 2, 3, resolve_locate, true, "position(part IN str) - as locate"},
    {"charindex", 2, 3, resolve_locate, true, "charindex(part, str[, pos]) - as locate"},
    {"find_in_set",
     2,
     2,
     resolve_fixed<kRowKernel<find_in_set>, kInt, kString, kString>,
     true,
     "find_in_set(str, list) - the position of str in a list with commas, else 0"},
};

}  // namespace

std::span<const Function> string_functions() {
  return kStringFunctions;
}

}  // namespace millrace::expr
