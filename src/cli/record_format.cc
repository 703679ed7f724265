#include "cli/record_format.h"

#include <iterator>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "cli/wrong_input.h"
#include "data/datetime.h"

namespace millrace::cli {
namespace {

constexpr std::string_view kLetters = "svkhSKtpoTDR";

void append_json_bytes(std::string& out, const std::optional<std::string_view>& bytes) {
  if (!bytes) {
    out += "null";
  } else if (is_valid_utf8(*bytes)) {
    append_json_string(out, *bytes);
  } else {
    out += R"({"base64":)";
    append_json_string(out, to_base64(*bytes));
    out += '}';
  }
}

void append_json_record(std::string& out, const ShownRecord& record) {
  out += R"({"topic":)";
  append_json_string(out, record.topic);
  fmt::format_to(std::back_inserter(out),
                 R"(,"partition":{},"offset":{},"timestamp":)",
                 record.partition,
                 record.offset);
  if (record.timestamp_ms < 0) {
    out += "null";
  } else {
    fmt::format_to(std::back_inserter(out), "{}", record.timestamp_ms);
  }
  out += R"(,"key":)";
  append_json_bytes(out, record.key);
  out += R"(,"value":)";
  append_json_bytes(out, record.value);
  out += R"(,"headers":[)";
  bool first = true;
  for (const record::HeaderView& header : record.headers) {
    out += first ? R"({"key":)" : R"(,{"key":)";
    first = false;
    append_json_string(out, header.key);
    out += R"(,"value":)";
    append_json_bytes(out, header.value);
    out += '}';
  }
  out += "]}\n";
}

void append_headers(std::string& out, const ShownRecord& record) {
  bool first = true;
  for (const record::HeaderView& header : record.headers) {
    if (!first) {
      out += ',';
    }
    first = false;
    append_shown(out, header.key);
    out += '=';
    append_shown(out, header.value);
  }
}

// -1 for null, as kcat has it.
std::int64_t size_of(const std::optional<std::string_view>& bytes) {
  return bytes ? static_cast<std::int64_t>(bytes->size()) : -1;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

void append_shown(std::string& out, const std::optional<std::string_view>& bytes) {
  if (!bytes) {
    out += "null";
  } else if (is_valid_utf8(*bytes)) {
    out += *bytes;
  } else {
    out += "0x";
    out += to_hex(*bytes);
  }
}

std::string rfc3339(std::int64_t timestamp_ms) {
  constexpr std::int64_t kLast = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z
  if (timestamp_ms < 0 || timestamp_ms > kLast) {
    return "-";
  }
  constexpr std::int64_t kDayMs = 86'400'000;
  std::string out;
  data::append_date(out, timestamp_ms / kDayMs);
  const std::int64_t ms = timestamp_ms % kDayMs;
  fmt::format_to(std::back_inserter(out),
                 "T{:02}:{:02}:{:02}.{:03}Z",
                 ms / 3'600'000,
                 ms / 60'000 % 60,
                 ms / 1000 % 60,
                 ms % 1000);
  return out;
}

Result<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      out += text[at];
      continue;
    }
    const char letter = ++at < text.size() ? text[at] : '\0';
    switch (letter) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case '0':
        out += '\0';
        break;
      case '\\':
        out += '\\';
        break;
      case 'x': {
        const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
        const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
        if (high < 0 || low < 0) {
          return wrong_input("\\x needs two hexadecimal digits");
        }
        out += static_cast<char>(high * 16 + low);
        at += 2;
        break;
      }
      default:
        return wrong_input(fmt::format("after \\ there is n, t, r, 0, \\ or xNN, found \"{}\"",
                                       text.substr(at, 1)));
    }
  }
  return out;
}

Result<RecordFormat> RecordFormat::make(std::string_view format,
                                        const RecordFormatOptions& options) {
  RecordFormat made;
  made.options_ = options;
  if (format == "text") {
    made.kind_ = Kind::kText;
  } else if (format == "raw") {
    made.kind_ = Kind::kRaw;
  } else if (format == "json") {
    made.kind_ = Kind::kJson;
  } else if (format.find('%') != std::string_view::npos) {
    made.kind_ = Kind::kTemplate;
    TRY(made.parse_template(format));
  } else {
    return wrong_input(fmt::format(
        R"(--format is text, raw, json or a template such as '%t[%p]@%o %k: %s\n', found "{}")",
        format));
  }
  return made;
}

Result<void> RecordFormat::parse_template(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t percent = std::min(text.find('%', at), text.size());
    if (percent > at) {
      std::string plain = TRY(unescape(text.substr(at, percent - at)));
      pieces_.push_back(Piece{.text = std::move(plain)});
    }
    at = percent;
    if (at < text.size()) {
      TRY(take_letter(text, at));
    }
  }
  return {};
}

// `at` stands on the percent sign, and behind the letter afterwards.
Result<void> RecordFormat::take_letter(std::string_view text, std::size_t& at) {
  const char letter = ++at < text.size() ? text[at] : '\0';
  ++at;
  if (letter == '%') {
    pieces_.push_back(Piece{.text = "%"});
    return {};
  }
  if (letter == '\0' || kLetters.find(letter) == std::string_view::npos) {
    return wrong_input(
        fmt::format("a template has %s %k %h %t %p %o %T %D %S %K %R and %%, found \"%{}\"",
                    letter == '\0' ? std::string() : std::string(1, letter)));
  }
  Piece piece{.letter = letter};
  const bool bytes = letter == 's' || letter == 'v' || letter == 'k';
  if (bytes && at < text.size() && text[at] == '{') {
    const std::size_t end = text.find('}', at);
    const std::string_view name = text.substr(at + 1, end == text.npos ? end : end - at - 1);
    if (name == "hex") {
      piece.encoding = Encoding::kHex;
    } else if (name == "base64") {
      piece.encoding = Encoding::kBase64;
    } else if (name == "json") {
      piece.encoding = Encoding::kJson;
    }
    if (end != text.npos && piece.encoding != Encoding::kPlain) {
      at = end + 1;  // Else the bracket is text: %s{…} stands in templates that write JSON.
    }
  }
  pieces_.push_back(std::move(piece));
  return {};
}

void RecordFormat::append_piece(const Piece& piece,
                                const ShownRecord& record,
                                std::string& out) const {
  const auto number = [&out](std::int64_t value) {
    fmt::format_to(std::back_inserter(out), "{}", value);
  };
  const std::optional<std::string_view>& bytes = piece.letter == 'k' ? record.key : record.value;
  switch (piece.letter) {
    case 's':
    case 'v':
    case 'k':
      if (piece.encoding == Encoding::kJson) {
        append_json_bytes(out, bytes);
      } else if (bytes && piece.encoding == Encoding::kHex) {
        out += to_hex(*bytes);
      } else if (bytes && piece.encoding == Encoding::kBase64) {
        out += to_base64(*bytes);
      } else if (bytes) {
        out += *bytes;
      }
      break;
    case 'h':
      append_headers(out, record);
      break;
    case 'S':
      number(size_of(record.value));
      break;
    case 'K':
      number(size_of(record.key));
      break;
    case 'R':
      ByteWriter(out).be(static_cast<std::int32_t>(size_of(record.value)));
      break;
    case 't':
      out += record.topic;
      break;
    case 'p':
      number(record.partition);
      break;
    case 'o':
      number(record.offset);
      break;
    case 'T':
      number(record.timestamp_ms);
      break;
    case 'D':
      out += rfc3339(record.timestamp_ms);
      break;
    default:
      out += piece.text;
  }
}

void RecordFormat::append(const ShownRecord& record, std::string& out) const {
  switch (kind_) {
    case Kind::kText:
      if (options_.headers) {
        append_headers(out, record);
        out += '\t';
      }
      if (options_.key) {
        append_shown(out, record.key);
        out += '\t';
      }
      append_shown(out, record.value);
      out += '\n';
      break;
    case Kind::kRaw:
      out += record.value.value_or("");
      out += '\n';
      break;
    case Kind::kJson:
      append_json_record(out, record);
      break;
    case Kind::kTemplate:
      for (const Piece& piece : pieces_) {
        append_piece(piece, record, out);
      }
      break;
  }
}

}  // namespace millrace::cli
