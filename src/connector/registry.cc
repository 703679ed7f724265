#include "connector/registry.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace millrace::connector {
namespace {

bool has_name(const ConnectorInfo& connector, std::string_view name) {
  return equal_ignoring_case(connector.name, name) ||
         std::ranges::any_of(connector.also, [&](std::string_view also) {
           return equal_ignoring_case(also, name);
         });
}

}  // namespace

ConnectorRegistry::ConnectorRegistry(std::vector<const ConnectorInfo*> connectors)
    : connectors_(std::move(connectors)) {}

const ConnectorInfo* ConnectorRegistry::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(connectors_, [&](const ConnectorInfo* c) { return has_name(*c, name); });
  return found == connectors_.end() ? nullptr : *found;
}

std::vector<std::string> ConnectorRegistry::names() const {
  std::vector<std::string> names;
  names.reserve(connectors_.size());
  for (const ConnectorInfo* connector : connectors_) {
    names.emplace_back(connector->name);
  }
  return names;
}

}  // namespace millrace::connector
