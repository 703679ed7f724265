// Randomness that replay repeats (DESIGN §2): a keyed hash of the call and of the record.
//
// The key is the salt of the instance, so that two installations never agree; the text says which
// call it is (owner and ordinal, in the order of binding; or its seed) and which record (source,
// partition, offset, ordinal of the row in it). A batch without a source comes from a stateful
// operator: its rows are told apart by flow, epoch, and the ordinal that its origins hold as
// offsets.
#pragma once

#include <memory>
#include <string>

#include "base/hash.h"
#include "expr/evaluate.h"
#include "expr/function.h"

namespace millrace::expr {

/// What a random call keeps. Immutable by use.
struct RandomData : CallData {
  std::string site;  ///< Owner and ordinal of the call, or the seed.
};

/// A call site of its own; with a seed at argument `seed`, if it is there, that of the seed. Null
/// after a Diagnostic.
std::shared_ptr<RandomData> random_site(CallSite& call, std::size_t seed);

/// The random bits of the rows of one batch for one call. Owned by one thread.
class RecordRandom {
 public:
  /// The kernel's call has RandomData, or data that derives from it.
  explicit RecordRandom(const KernelInput& in);

  /// Of a row; `more` gives further bits of the same row.
  Hash128 at(std::size_t row, std::uint64_t more = 0);

 private:
  const EvalContext& context_;
  const data::Origins* origins_;
  std::string text_;
  std::size_t prefix_;
};

}  // namespace millrace::expr
