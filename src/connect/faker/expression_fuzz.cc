// Any bytes as an expression and as a regular expression: what is accepted makes a value.
#include "connect/faker/detail/expression.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "connect/faker/detail/regexify.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace detail = millrace::connect::faker::detail;
  constexpr std::size_t kInputMax = 4'096;
  const std::string_view text(reinterpret_cast<const char*>(data), std::min(size, kInputMax));
  millrace::Random random(1);
  detail::Draw draw{.random = random, .now_ms = 1'700'000'000'000};
  std::vector<detail::ExpressionProblem> problems;
  const auto expression = detail::Expression::parse(text, problems);
  MR_ASSERT(expression.has_value() == problems.empty(), "problems");
  if (expression) {
    std::string value;
    expression->append(draw, value);
  }
  std::string problem;
  if (const detail::Maker maker = detail::make_regexify(text, problem)) {
    std::string value;
    maker(draw, value);
    MR_ASSERT(value.size() <= detail::kRegexTextMax, "{} bytes", value.size());
  }
  return 0;
}
