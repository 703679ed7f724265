// LIKE and ILIKE. RLIKE is with the regular expressions.
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/like_pattern.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

struct LikeData : CallData {
  std::optional<LikePattern> pattern;  ///< Of a constant.
  EvalError error = EvalError::kNone;  ///< When the constant is no pattern.
  std::string escape;
};

data::ColumnPtr constant_kernel(const KernelInput& in) {
  const auto& like = static_cast<const LikeData&>(*in.call.resolution.data);
  return map_rows<bool, std::string_view, std::string_view>(
      in, [&](Row& row, std::string_view text, std::string_view) {
        if (!like.pattern) {
          row.fail(like.error);
          return false;
        }
        return like.pattern->matches(text);
      });
}

data::ColumnPtr like_kernel(const KernelInput& in) {
  const auto& like = static_cast<const LikeData&>(*in.call.resolution.data);
  return map_rows<bool, std::string_view, std::string_view>(
      in, [&](Row& row, std::string_view text, std::string_view pattern) {
        EvalError error = EvalError::kNone;
        const auto compiled = LikePattern::compile(pattern, like.escape, error);
        if (!compiled) {
          row.fail(error);
          return false;
        }
        return compiled->matches(text);
      });
}

std::optional<Resolution> resolve_like(CallSite& call) {
  auto data = std::make_shared<LikeData>();
  data->escape = "\\";
  if (call.count() == 3) {
    const auto escape = call.constant(2);
    if (!escape || escape->is_null() || call.type(2).kind() != TypeKind::kString) {
      return call.fail("INVALID_ESCAPE_CHAR",
                       "42604",
                       "The escape character of LIKE must be a constant of one character.");
    }
    data->escape = escape->string();
  }
  auto resolution =
      signature(call, Type(TypeKind::kBoolean), {Type(TypeKind::kString)}, like_kernel);
  if (!resolution) {
    return std::nullopt;
  }
  const auto pattern = call.constant(1);
  if (pattern && !pattern->is_null()) {
    data->pattern = LikePattern::compile(pattern->string(), data->escape, data->error);
    resolution->kernel = constant_kernel;
  }
  resolution->data = std::move(data);
  return resolution;
}

std::optional<Resolution> resolve_ilike(CallSite& call) {
  std::vector<ExpressionPtr> args = call.args();
  args[0] = call.call("lower", {args[0]});
  args[1] = call.call("lower", {args[1]});
  ExpressionPtr like = call.call("like", std::move(args));
  if (like == nullptr) {
    return std::nullopt;
  }
  return Resolution{.type = like->type, .replacement = std::move(like)};
}

constexpr Function kPatternFunctions[] = {
    {"like", 2, 3, resolve_like, true, "a LIKE pattern [ESCAPE 'c']"},
    {"ilike", 2, 3, resolve_ilike, true, "a ILIKE pattern [ESCAPE 'c'] - without regard to case"},
};

}  // namespace

std::span<const Function> pattern_functions() {
  return kPatternFunctions;
}

}  // namespace millrace::expr
