// What a crash can do to the rows of a flow, and why: the weakest of its sources, operators and
// sink. Printed before a pipeline starts and never weakened silently.
#pragma once

#include <string>

#include "plan/pipeline.h"

namespace millrace::plan {

struct FlowGuarantee {
  Guarantee guarantee = Guarantee::kExactly;
  std::string reason;
};

/// Follows the inputs of the flow back to the sources. REQUIRES: the pipeline has no cycle
FlowGuarantee guarantee_of(const Flow& flow,
                           const Pipeline& pipeline,
                           const connector::ConnectorRegistry& connectors);

}  // namespace millrace::plan
