// Cuts the answer of a web service into records without changing a byte of them: numbers of any
// length, duplicate keys, escapes and blanks inside a record stay as they came.
//
// The text as a whole must be JSON in structure, numbers and words; what is inside the strings is
// left to whoever decodes the record, so that one bad escape does not cost the other records.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::connector {

enum class SliceProblem : std::uint8_t {
  kNone,
  kNotJson,
  kNoSuchPlace,  ///< The pointer leads nowhere.
  kNotAList,     ///< The pointer leads to something else.
};

struct SliceRequest {
  /// Where the list of records is (RFC 6901). Empty: the whole text is one record, or each element
  /// when it is a list.
  std::string records;
  /// Where the key of a record is, within it; empty: none.
  std::string key;
  /// Where the address of the next page is, in the whole; empty: none.
  std::string next;
};

/// The views last as long as the body that was cut.
struct JsonSlices {
  SliceProblem problem = SliceProblem::kNone;
  std::string reason;  ///< For people, with a problem.
  std::vector<std::string_view> records;
  /// As many as records when a key was asked for; nothing where it is missing or null. Text of a
  /// string, digits of a number, JSON text of anything else.
  std::vector<std::optional<std::string>> keys;
  std::optional<std::string> next;
};

/// Owned by one thread.
class JsonSlicer {
 public:
  JsonSlicer();
  JsonSlicer(const JsonSlicer&) = delete;
  JsonSlicer& operator=(const JsonSlicer&) = delete;
  ~JsonSlicer();

  /// `body` gets room for the parser behind its end; its bytes stay.
  JsonSlices cut(std::string& body, const SliceRequest& request);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace millrace::connector
