// `USING faker`: rows made up by expressions, with the options of flink-faker.
#pragma once

#include "connector/registry.h"

namespace millrace::connect::faker {

const connector::ConnectorInfo& faker_connector();

}  // namespace millrace::connect::faker
