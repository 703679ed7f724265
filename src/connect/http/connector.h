// `USING http`: a web service that is asked again and again.
#pragma once

#include "connector/registry.h"

namespace millrace::connect::http {

const connector::ConnectorInfo& http_connector();

}  // namespace millrace::connect::http
