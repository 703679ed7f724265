#include "broker/api_table.h"

#include <algorithm>
#include <array>

#include "broker/admin_handlers.h"
#include "broker/group_handlers.h"
#include "broker/handlers.h"

namespace millrace::broker {
namespace {

constexpr std::array kApiRows = {
    serve<&handle_produce>(Turn::kFollowsAtOnce),
    serve<&handle_fetch>(),
    serve<&handle_list_offsets>(),
    serve<&handle_metadata>(),
    serve<&handle_offset_commit>(),
    serve<&handle_offset_fetch>(),
    serve<&handle_find_coordinator>(),
    serve<&handle_join_group>(),
    serve<&handle_heartbeat>(),
    serve<&handle_leave_group>(),
    serve<&handle_sync_group>(),
    serve<&handle_describe_groups>(),
    serve<&handle_list_groups>(),
    serve<&handle_sasl_handshake>(),
    serve<&handle_api_versions>(),
    serve<&handle_create_topics>(),
    serve<&handle_delete_topics>(),
    serve<&handle_delete_records>(),
    serve<&handle_init_producer_id>(),
    serve<&handle_offset_for_leader_epoch>(),
    serve<&handle_describe_configs>(),
    serve<&handle_alter_configs>(),
    serve<&handle_describe_log_dirs>(),
    serve<&handle_create_partitions>(),
    serve<&handle_delete_groups>(),
    serve<&handle_elect_leaders>(),
    serve<&handle_incremental_alter_configs>(),
    serve<&handle_alter_partition_reassignments>(),
    serve<&handle_list_partition_reassignments>(),
    serve<&handle_offset_delete>(),
    serve<&handle_describe_quorum>(),
    serve<&handle_describe_cluster>(),
    serve<&handle_describe_producers>(),
    serve<&handle_list_config_resources>(),
    serve<&handle_describe_topic_partitions>(),
};

constexpr bool is_sorted() {
  return std::ranges::is_sorted(kApiRows, {}, &ApiRow::key);
}

static_assert(is_sorted(), "rows stand in the order of their keys");

}  // namespace

std::span<const ApiRow> api_rows() {
  return kApiRows;
}

const ApiRow* find_api_row(wire::ApiKey key) {
  const auto found = std::ranges::lower_bound(kApiRows, key, {}, &ApiRow::key);
  return found == kApiRows.end() || found->key != key ? nullptr : &*found;
}

}  // namespace millrace::broker
