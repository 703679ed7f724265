// `USING randomuser`: generated people as a source.
#pragma once

#include "connector/registry.h"

namespace millrace::connect::randomuser {

const connector::ConnectorInfo& randomuser_connector();

}  // namespace millrace::connect::randomuser
