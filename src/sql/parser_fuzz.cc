// Any text parses or gives Diagnostics; what parses prints to text that parses to an equal tree.
#include "sql/parser.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "sql/printer.h"

namespace {

using millrace::Diagnostics;
using namespace millrace::sql;  // NOLINT(google-build-using-namespace): a program of its own.

void check_statements(std::string_view text) {
  Diagnostics diagnostics;
  const ParsedScript script = parse_script(text, "fuzz.sql", diagnostics);
  for (const Statement& statement : script.statements) {
    MR_ASSERT(statement.begin + statement.size <= text.size());
    const std::string printed = to_sql(statement);
    Diagnostics again_diagnostics;
    const ParsedScript again = parse_script(printed, "printed.sql", again_diagnostics);
    MR_ASSERT(again.statements.size() == 1, "{}", printed);
    MR_ASSERT(again.statements.front() == statement, "{}", printed);
  }
}

void check_schema(std::string_view text) {
  Diagnostics diagnostics;
  if (const auto schema = parse_schema(text, "fuzz", diagnostics)) {
    const std::string printed = to_sql(*schema);
    MR_ASSERT(parse_data_type(printed, "printed", diagnostics) == schema, "{}", printed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_statements(text);
  check_schema(text);
  return 0;
}
