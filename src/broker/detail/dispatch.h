// From the bytes of one request to its handler.
#pragma once

#include <cstdint>
#include <string_view>

#include "data/block.h"

namespace millrace::broker {

class Pipeline;

/// Whether such a request is handled while the one before of its kind is under way. Any bytes.
bool follows_at_once(std::string_view frame);

/// Reads header and body and calls the handler; the answer goes to `pipeline.take(sequence)`, maybe
/// before this returns. False: the request makes no sense, the connection is to be closed.
bool dispatch(Pipeline& pipeline, std::uint64_t sequence, data::BlockPtr frame);

}  // namespace millrace::broker
