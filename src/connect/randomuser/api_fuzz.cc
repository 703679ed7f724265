// Any bytes as the query of the web interface: limits hold, and the answer is JSON.
#include "connect/randomuser/api.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "base/assert.h"
#include "connect/randomuser/tables.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace randomuser = millrace::connect::randomuser;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  randomuser::ApiQuery query = randomuser::parse_api_query(text);
  MR_ASSERT(query.page.results >= 1 && query.page.results <= randomuser::kResultsMax);
  MR_ASSERT(query.choice.nationalities.size() <= randomuser::kNationalities);
  query.page.results = std::min(query.page.results, 3U);
  const std::string answer = randomuser::Generator(std::move(query.choice)).answer(query.page);
  simdjson::dom::parser parser;
  simdjson::dom::element parsed;
  const auto code = parser.parse(answer).get(parsed);
  // A seed that is no UTF-8 comes back as it was given.
  MR_ASSERT(code == simdjson::SUCCESS || code == simdjson::UTF8_ERROR, "{}", answer);
  return 0;
}
