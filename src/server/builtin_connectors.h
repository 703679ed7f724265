// Every connector of this program: the one list.
#pragma once

#include "connector/registry.h"

namespace millrace::server {

/// Immutable; made at the first call.
const connector::ConnectorRegistry& builtin_connectors();

}  // namespace millrace::server
