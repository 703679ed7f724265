// Options as data: each option is a row {name, type, unit, default, limits, sentence}. From the
// same rows come the only parser of option values, the help text, the documentation and the JSON
// Schema (help.h), so that they cannot disagree.
//
//   const OptionTable& http_options() {
//     static const OptionTable table{
//         .subject = "http source",
//         .options =
//             {
//                 {.name = "url", .type = OptionType::kUrl, .required = true,
//                  .sentence = "The address that is fetched.",
//                  .example = "https://randomuser.me/api/"},
//                 {.name = "every", .type = OptionType::kDuration, .default_value = "10 s",
//                  .minimum = "100 ms", .maximum = "1 d", .sentence = "Pause between two
//                  requests."},
//                 {.name = "header.*", .sentence = "A header that is sent with each request."},
//                 {.name = "password", .secret = true, .sentence = "Password for basic auth."},
//             },
//         .foreign = {{"interval", "every"}},
//     };
//     return table;
//   }
//
//   const OptionValues values = parse_options(http_options(), entries, diagnostics);
//   values.text("url");  values.duration_ms("every");  values.matching("header.*");
//
// Names are compared without case, as Spark does; the part of a name that a `*` stands for keeps
// the case in which it was written.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"

namespace millrace::config {

enum class OptionType : std::uint8_t {
  kString,
  kInt,       ///< "1000", "-5"; 64 bits.
  kDouble,    ///< "0.5"; finite.
  kBool,      ///< true, false, in any case.
  kDuration,  ///< "10 s", "500ms", "1 minute 30 seconds"; a bare number only where `unit` is set.
  kBytes,     ///< "64 MiB", "1g" (= 1 GiB), "1 GB" (= 10^9); a bare number is bytes.
  kEnum,      ///< One of `choices`, in any case.
  kUrl,       ///< scheme://host…
  kHostPort,  ///< "localhost:9092", "[::1]:9092".
  kHostPortList,  ///< Several of them, separated by commas.
  kList,          ///< Texts separated by commas, blanks around them dropped.
};

/// One row. All views are of static text.
struct Option {
  /// "url", or with one `*` for one or more characters: "header.*", "fields.*.expression".
  std::string_view name = {};
  OptionType type = OptionType::kString;
  /// As a user would write it; empty: none.
  std::string_view default_value = {};
  /// Limits, inclusive, written as a value of this type ("100 ms", "1 MiB"); empty: none. Of a
  /// kString and a kList they limit the number of bytes and of items.
  std::string_view minimum = {};
  std::string_view maximum = {};
  /// What a bare number of a kDuration means: "ms", "s", …; empty: a unit must be written.
  std::string_view unit = {};
  /// Of a kEnum: its names. Of a kHostPort: words that may stand instead of an address ("off").
  std::vector<std::string_view> choices = {};
  /// Other names that mean exactly this (Spark's, Kafka's).
  std::vector<std::string_view> also = {};
  bool required = false;
  /// Never shown, neither in logs nor by `config show`.
  bool secret = false;
  /// Accepted because other systems have it, without effect here: gives a note.
  bool no_effect = false;
  /// Of kHostPort and kHostPortList: used where none is written; 0: it must be written.
  std::uint16_t default_port = 0;
  /// One sentence, for help and documentation.
  std::string_view sentence = {};
  std::string_view example = {};
};

/// A spelling of other tools that is an error here, and what to use instead.
struct ForeignSpelling {
  std::string_view wrote = {};
  std::string_view use = {};
};

/// Options of which exactly one, or at most one, may be given.
struct OptionGroup {
  std::vector<std::string_view> names = {};
  bool required = true;
};

/// Immutable.
struct OptionTable {
  /// Whose options these are, for messages: "http source".
  std::string_view subject = {};
  std::vector<Option> options = {};
  std::vector<ForeignSpelling> foreign = {};
  std::vector<OptionGroup> groups = {};

  /// The row for a name as a user wrote it (exact names before those with a `*`), or null.
  /// `matched` becomes what the `*` stands for.
  [[nodiscard]] const Option* find(std::string_view name, std::string* matched = nullptr) const;
};

/// What is wrong with the table itself (a default outside its limits, two rows of one name, a
/// missing sentence), one line each; every table's test expects none.
std::vector<std::string> check_table(const OptionTable& table);

/// One option as it was written. `value_where` with line 0 means "at the key".
struct OptionEntry {
  std::string key;
  std::string value;
  SourceSpan where = {};
  SourceSpan value_where = {};
  bool secret = false;  ///< The value came out of a secret (a file): never shown.
};

struct HostPort {
  std::string host;  ///< Without brackets.
  std::uint16_t port = 0;

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// "host:port", with brackets around a host that has colons.
std::string to_string(const HostPort& address);

/// The values of one table's options, checked: what the user gave, else the default. A getter of a
/// name that is no row of the table, or of the wrong type, is a bug and aborts. Where the given
/// value was wrong or a required one is missing (there is a Diagnostic then) it yields the default,
/// else zero or empty. Immutable.
class OptionValues {
 public:
  explicit OptionValues(const OptionTable& table) : table_(&table) {}

  /// True when the user gave it (and it was right).
  [[nodiscard]] bool given(std::string_view name) const;
  /// True when it was given or has a default.
  [[nodiscard]] bool has(std::string_view name) const;

  /// The value as text, of an option of any type (an enumeration as its row spells it).
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::int64_t duration_ms(std::string_view name) const;
  [[nodiscard]] std::int64_t bytes(std::string_view name) const;
  /// The index in the row's `choices`. REQUIRES: given, required or with a default.
  [[nodiscard]] std::size_t choice(std::string_view name) const;
  /// With an empty host when a word such as "off" was given.
  [[nodiscard]] HostPort host_port(std::string_view name) const;
  [[nodiscard]] std::vector<HostPort> host_ports(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;

  /// Of a row with `*`: what the star stands for → the value, in the order of writing.
  struct Match {
    std::string star;
    std::string value;
    SourceSpan where;
  };

  [[nodiscard]] std::vector<Match> matching(std::string_view name) const;

  /// Where the value was written (line 0: nowhere, it is the default).
  [[nodiscard]] SourceSpan where(std::string_view name) const;

  /// Every option that was given, by the row's name (the full name for one with `*`), for display:
  /// secrets are "******".
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> shown() const;

 private:
  friend class OptionParser;

  struct Value {
    const Option* option = nullptr;
    std::string star = {};
    std::string text = {};
    SourceSpan where = {};
    bool secret = false;
  };

  [[nodiscard]] const Option& row(std::string_view name, std::span<const OptionType> types) const;
  [[nodiscard]] const Value* find_given(const Option& option) const;
  [[nodiscard]] std::string_view text_of(const Option& option) const;

  const OptionTable* table_;
  std::vector<Value> given_;
};

/// Reads all entries and adds every Diagnostic: unknown name (did you mean, or "use X" for a
/// foreign spelling), the same name twice, wrong type, out of range, missing required. `whole` is
/// where the options as a whole are: a missing one is reported there. REQUIRES: `table` outlives
/// the values.
OptionValues parse_options(const OptionTable& table,
                           std::span<const OptionEntry> entries,
                           Diagnostics& diagnostics,
                           const SourceSpan& whole = {});

/// Single values, as the table's parser reads them; nothing when the text is not of that form.
/// `unit` is what a bare number means ("" refuses it). Milliseconds.
std::optional<std::int64_t> parse_duration_ms(std::string_view text, std::string_view unit = {});
std::optional<std::int64_t> parse_bytes(std::string_view text);
std::optional<bool> parse_bool(std::string_view text);
std::optional<std::int64_t> parse_int(std::string_view text);
std::optional<double> parse_double(std::string_view text);
std::optional<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port = 0);

/// "1 min 30 s", "64 MiB", for people.
std::string format_duration_ms(std::int64_t ms);
std::string format_bytes(std::int64_t bytes);

/// What a value of this type looks like: "a duration such as 10 s".
std::string_view describe(OptionType type);

}  // namespace millrace::config
