// Which Kafka address a command speaks to.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "cli/kafka_session.h"
#include "cli/world.h"
#include "client/cluster.h"

namespace millrace::cli {

/// Whether the command line means a data directory: it names one, or a project, or there is a
/// project here; and no Kafka address.
bool means_data_directory(World& world);

/// --bootstrap-server; else the Kafka listener of the instance that runs on the data directory;
/// else kDefaultBootstrap. kUnavailable: --data or --project is given, and nothing runs there.
Result<std::string> find_kafka(World& world);

/// Connects there. Errors say how to get a broker.
Result<std::unique_ptr<client::Cluster>> open_kafka(World& world);

}  // namespace millrace::cli
