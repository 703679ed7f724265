// CREATE TABLE name [(columns)] USING connector OPTIONS (…): a source.
#pragma once

#include <memory>

#include "base/diagnostic.h"
#include "connector/registry.h"
#include "plan/catalog.h"
#include "plan/definitions.h"

namespace millrace::plan {

/// Checks the connector's name and every option; null after adding Diagnostics.
std::shared_ptr<const Relation> bind_source(const Definition& definition,
                                            const connector::ConnectorRegistry& connectors,
                                            Diagnostics& diagnostics);

}  // namespace millrace::plan
