// The APIs of administration: topics, partitions, configurations, and what a cluster of one node
// answers to questions about many.
#pragma once

#include "broker/call.h"
#include "broker/services.h"
#include "wire/generated/alter_configs.h"
#include "wire/generated/alter_partition_reassignments.h"
#include "wire/generated/create_partitions.h"
#include "wire/generated/create_topics.h"
#include "wire/generated/delete_records.h"
#include "wire/generated/delete_topics.h"
#include "wire/generated/describe_configs.h"
#include "wire/generated/describe_log_dirs.h"
#include "wire/generated/describe_producers.h"
#include "wire/generated/describe_quorum.h"
#include "wire/generated/describe_topic_partitions.h"
#include "wire/generated/elect_leaders.h"
#include "wire/generated/incremental_alter_configs.h"
#include "wire/generated/list_config_resources.h"
#include "wire/generated/list_partition_reassignments.h"

namespace millrace::broker {

void handle_create_topics(Services& services,
                          const RequestInfo& info,
                          wire::CreateTopicsRequest request,
                          Reply<wire::CreateTopicsResponse> reply);
void handle_delete_topics(Services& services,
                          const RequestInfo& info,
                          wire::DeleteTopicsRequest request,
                          Reply<wire::DeleteTopicsResponse> reply);
void handle_create_partitions(Services& services,
                              const RequestInfo& info,
                              wire::CreatePartitionsRequest request,
                              Reply<wire::CreatePartitionsResponse> reply);
void handle_delete_records(Services& services,
                           const RequestInfo& info,
                           wire::DeleteRecordsRequest request,
                           Reply<wire::DeleteRecordsResponse> reply);
void handle_describe_configs(Services& services,
                             const RequestInfo& info,
                             wire::DescribeConfigsRequest request,
                             Reply<wire::DescribeConfigsResponse> reply);
void handle_alter_configs(Services& services,
                          const RequestInfo& info,
                          wire::AlterConfigsRequest request,
                          Reply<wire::AlterConfigsResponse> reply);
void handle_incremental_alter_configs(Services& services,
                                      const RequestInfo& info,
                                      wire::IncrementalAlterConfigsRequest request,
                                      Reply<wire::IncrementalAlterConfigsResponse> reply);
void handle_describe_producers(Services& services,
                               const RequestInfo& info,
                               wire::DescribeProducersRequest request,
                               Reply<wire::DescribeProducersResponse> reply);
void handle_describe_quorum(Services& services,
                            const RequestInfo& info,
                            wire::DescribeQuorumRequest request,
                            Reply<wire::DescribeQuorumResponse> reply);
void handle_describe_topic_partitions(Services& services,
                                      const RequestInfo& info,
                                      wire::DescribeTopicPartitionsRequest request,
                                      Reply<wire::DescribeTopicPartitionsResponse> reply);
void handle_describe_log_dirs(Services& services,
                              const RequestInfo& info,
                              wire::DescribeLogDirsRequest request,
                              Reply<wire::DescribeLogDirsResponse> reply);
void handle_elect_leaders(Services& services,
                          const RequestInfo& info,
                          wire::ElectLeadersRequest request,
                          Reply<wire::ElectLeadersResponse> reply);
void handle_alter_partition_reassignments(Services& services,
                                          const RequestInfo& info,
                                          wire::AlterPartitionReassignmentsRequest request,
                                          Reply<wire::AlterPartitionReassignmentsResponse> reply);
void handle_list_partition_reassignments(Services& services,
                                         const RequestInfo& info,
                                         wire::ListPartitionReassignmentsRequest request,
                                         Reply<wire::ListPartitionReassignmentsResponse> reply);
void handle_list_config_resources(Services& services,
                                  const RequestInfo& info,
                                  wire::ListConfigResourcesRequest request,
                                  Reply<wire::ListConfigResourcesResponse> reply);

}  // namespace millrace::broker
