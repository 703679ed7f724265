// Any bytes as address, query, path and header values.
#include "http/url.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "http/client.h"
#include "http/router.h"
#include "http/server.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = millrace::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  MR_ASSERT(http::percent_decode(http::percent_encode(text)) == text, "encoding");
  const http::QueryParameters parameters = http::parse_query(text);
  MR_ASSERT(parameters.size() <= http::kQueryParametersMax);
  const std::string changed = http::with_parameter(text, "n", "v w");
  const std::size_t mark = changed.find('?');
  const std::string_view query =
      std::string_view(changed).substr(mark + 1, changed.find('#', mark) - mark - 1);
  const http::QueryParameters after = http::parse_query(query);
  const std::string* value = http::find_parameter(after, "n");
  MR_ASSERT(after.size() == http::kQueryParametersMax || (value != nullptr && *value == "v w"),
            "the parameter is not there: {}",
            changed);
  if (const auto resolved = http::resolve_url("http://h/a/b?c", text)) {
    MR_ASSERT(http::origin_of(*resolved).has_value(), "no origin: {}", *resolved);
  }
  (void)http::origin_of(text);
  (void)http::parse_retry_after_s(text, 1'700'000'000'000);
  static const http::Router kRouter = [] {
    http::Router made;
    const http::Handler nothing = [](const http::Request&, const http::Responder&) {
    };
    made.add("GET", "/a/{b}", nothing);
    made.add("GET", "/c/{d...}", nothing);
    return made;
  }();
  (void)kRouter.match("GET", text);
  return 0;
}
