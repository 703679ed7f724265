#include "plan/guarantee.h"

#include <set>

namespace millrace::plan {

namespace {

/// Walks from a flow to its sources. Owned by one thread.
class Walk {
 public:
  Walk(const Pipeline& pipeline, const connector::ConnectorRegistry& connectors)
      : pipeline_(pipeline), connectors_(connectors) {}

  void flow(const Flow& flow) {
    for (const auto& input : flow.inputs) {
      if (!seen_.insert(input.get()).second) {
        continue;
      }
      if (input->kind == RelationKind::kSource) {
        source(*input);
        continue;
      }
      for (const Flow& writer : pipeline_.flows) {
        if (writer.target.get() == input.get()) {
          this->flow(writer);
        }
      }
    }
  }

  [[nodiscard]] FlowGuarantee result() && { return std::move(result_); }

 private:
  void source(const Relation& relation) {
    const connector::ConnectorInfo* connector = connectors_.find(relation.format);
    if (connector == nullptr || connector->guarantee == nullptr) {
      return;  // A topic of this instance: read by offset, exactly.
    }
    Diagnostics ignored;
    const auto values =
        config::parse_options(*connector->options, option_entries(relation), ignored);
    const connector::FeedGuarantee feed = connector->guarantee(values);
    if (feed.guarantee > result_.guarantee) {
      result_.guarantee = feed.guarantee;
      result_.reason = "source " + relation.name + ": " + feed.why;
    }
  }

  const Pipeline& pipeline_;
  const connector::ConnectorRegistry& connectors_;
  std::set<const Relation*> seen_;
  FlowGuarantee result_{.guarantee = Guarantee::kExactly,
                        .reason = "output, position and dead letters are one frame of the log"};
};

}  // namespace

FlowGuarantee guarantee_of(const Flow& flow,
                           const Pipeline& pipeline,
                           const connector::ConnectorRegistry& connectors) {
  Walk walk(pipeline, connectors);
  walk.flow(flow);
  FlowGuarantee result = std::move(walk).result();
  if (flow.recomputed && result.guarantee == Guarantee::kExactly) {
    result.reason = "the difference, and what it was computed from, are one frame of the log";
  }
  return result;
}

}  // namespace millrace::plan
