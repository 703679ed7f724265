#include "server/builtin_connectors.h"

#include "connect/faker/connector.h"
#include "connect/files/connector.h"
#include "connect/http/connector.h"
#include "connect/randomuser/connector.h"

namespace millrace::server {

const connector::ConnectorRegistry& builtin_connectors() {
  static const connector::ConnectorRegistry kRegistry({
      &connect::http::http_connector(),
      &connect::randomuser::randomuser_connector(),
      &connect::faker::faker_connector(),
      &connect::files::json_connector(),
      &connect::files::csv_connector(),
      &connect::files::text_connector(),
  });
  return kRegistry;
}

}  // namespace millrace::server
