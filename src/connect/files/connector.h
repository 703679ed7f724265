// `USING json`, `USING csv`, `USING text`: files of this machine.
#pragma once

#include "connector/registry.h"

namespace millrace::connect::files {

const connector::ConnectorInfo& json_connector();
const connector::ConnectorInfo& csv_connector();
const connector::ConnectorInfo& text_connector();

}  // namespace millrace::connect::files
