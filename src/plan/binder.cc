#include "plan/binder.h"

#include "plan/detail/query_binder.h"

namespace millrace::plan {

NodePtr bind_query(const sql::Query& query,
                   RelationResolver& resolver,
                   const BindOptions& options,
                   Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  detail::QueryBinder binder(resolver, options, diagnostics);
  detail::Bound bound = binder.query(query);
  return diagnostics.error_count() == errors ? bound.node : nullptr;
}

}  // namespace millrace::plan
