// The scenario by franz-go: records and members by its client, everything else by one request of the protocol in the
// highest version that both sides know, so that the transcript holds what the broker said, field by field.
//
//	franz HOST:PORT scenario.json [section…]
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const unsupported = "unsupported"

var changes = map[string]bool{"create": true, "delete": true, "grow": true, "alter": true, "replace": true, "trim": true,
	"reassign": true, "close": true, "delete_groups": true}

type runner struct {
	address string
	admin   *kgo.Client
	members map[string]*member
}

func (r *runner) client(options ...kgo.Opt) (*kgo.Client, error) {
	common := []kgo.Opt{kgo.SeedBrokers(r.address), kgo.ClientID("suite"), kgo.RetryTimeout(8 * time.Second),
		kgo.RequestRetries(5), kgo.MetadataMinAge(100 * time.Millisecond), kgo.DisableClientMetrics()}
	return kgo.NewClient(append(common, options...)...)
}

// ask sends one request and shows the answer.
func (r *runner) ask(request kmsg.Request) (kmsg.Response, error) {
	limit, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	return r.admin.Request(limit, request)
}

func (r *runner) show(request kmsg.Request) any {
	answer, err := r.ask(request)
	if err != nil {
		return failed(err)
	}
	return plain(answer)
}

func text(value string) *string { return &value }

// Topics.

func (r *runner) create(s step) any {
	request := kmsg.NewPtrCreateTopicsRequest()
	request.TimeoutMillis = 10000
	request.ValidateOnly = s.ValidateOnly
	for _, wanted := range as[[]newTopic](s.Topics) {
		topic := kmsg.NewCreateTopicsRequestTopic()
		topic.Topic = wanted.Name
		topic.NumPartitions = wanted.Partitions
		topic.ReplicationFactor = 1
		if wanted.Replication != nil {
			topic.ReplicationFactor = *wanted.Replication
		}
		for number, nodes := range wanted.Assignment {
			assigned := kmsg.NewCreateTopicsRequestTopicReplicaAssignment()
			assigned.Partition = int32(number)
			assigned.Replicas = nodes
			topic.ReplicaAssignment = append(topic.ReplicaAssignment, assigned)
			topic.NumPartitions, topic.ReplicationFactor = -1, -1
		}
		for name, value := range wanted.Configs {
			config := kmsg.NewCreateTopicsRequestTopicConfig()
			config.Name, config.Value = name, text(value)
			topic.Configs = append(topic.Configs, config)
		}
		request.Topics = append(request.Topics, topic)
	}
	return r.show(request)
}

func (r *runner) erase(s step) any {
	request := kmsg.NewPtrDeleteTopicsRequest()
	request.TimeoutMillis = 10000
	for _, name := range as[[]string](s.Topics) {
		topic := kmsg.NewDeleteTopicsRequestTopic()
		topic.Topic = text(name)
		request.Topics = append(request.Topics, topic)
		request.TopicNames = append(request.TopicNames, name)
	}
	return r.show(request)
}

func (r *runner) metadata(names []string) (*kmsg.MetadataResponse, error) {
	request := kmsg.NewPtrMetadataRequest()
	request.IncludeTopicAuthorizedOperations = true
	for _, name := range names {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = text(name)
		request.Topics = append(request.Topics, topic)
	}
	answer, err := r.ask(request)
	if err != nil {
		return nil, err
	}
	return answer.(*kmsg.MetadataResponse), nil
}

func (r *runner) topics(s step) any {
	answer, err := r.metadata(nil)
	if err != nil {
		return failed(err)
	}
	names := []string{}
	for _, topic := range answer.Topics {
		if topic.Topic != nil && !topic.IsInternal {
			names = append(names, shown([]byte(*topic.Topic)).(string))
		}
	}
	sort.Strings(names)
	return names
}

func (r *runner) describe(s step) any {
	names := as[[]string](s.Topics)
	answer, err := r.metadata(names)
	if err != nil {
		return failed(err)
	}
	request := kmsg.NewPtrDescribeTopicPartitionsRequest()
	for _, name := range names {
		topic := kmsg.NewDescribeTopicPartitionsRequestTopic()
		topic.Topic = name
		request.Topics = append(request.Topics, topic)
	}
	return map[string]any{"metadata": plain(answer), "partitions": r.show(request)}
}

func (r *runner) grow(s step) any {
	request := kmsg.NewPtrCreatePartitionsRequest()
	request.TimeoutMillis = 10000
	request.ValidateOnly = s.ValidateOnly
	topic := kmsg.NewCreatePartitionsRequestTopic()
	topic.Topic, topic.Count = s.Topic, int32(s.Count)
	request.Topics = append(request.Topics, topic)
	return r.show(request)
}

func (r *runner) cluster(step) any {
	request := kmsg.NewPtrDescribeClusterRequest()
	request.IncludeClusterAuthorizedOperations = true
	request.EndpointType = 1
	return r.show(request)
}

// Settings.

func resourceType(s step) kmsg.ConfigResourceType {
	if s.Type == "topic" {
		return kmsg.ConfigResourceTypeTopic
	}
	return kmsg.ConfigResourceTypeBroker
}

// on sends what concerns a broker to that broker, as the protocol wants it.
func (r *runner) on(s step, request kmsg.Request) (kmsg.Response, error) {
	limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if s.Type == "broker" && s.Name != "" {
		number, _ := strconv.Atoi(s.Name)
		return r.admin.Broker(number).Request(limit, request)
	}
	return r.admin.Request(limit, request)
}

func (r *runner) configs(s step) any {
	request := kmsg.NewPtrDescribeConfigsRequest()
	request.IncludeSynonyms = s.Synonyms
	request.IncludeDocumentation = false
	resource := kmsg.NewDescribeConfigsRequestResource()
	resource.ResourceType, resource.ResourceName, resource.ConfigNames = resourceType(s), s.Name, s.Keys
	request.Resources = append(request.Resources, resource)
	answer, err := r.on(s, request)
	if err != nil {
		return failed(err)
	}
	found := answer.(*kmsg.DescribeConfigsResponse).Resources[0]
	if found.ErrorCode != 0 {
		return failed(kerr.ErrorForCode(found.ErrorCode))
	}
	rows := map[string]any{}
	for _, config := range found.Configs {
		if s.OnlySource == "" || s.OnlySource+"_CONFIG" == config.Source.String() {
			rows[config.Name] = []any{config.Value, config.Source.String(), config.ReadOnly, config.IsSensitive, config.ConfigType.String(),
				plain(config.ConfigSynonyms)}
		}
	}
	return rows
}

func (r *runner) alter(s step) any {
	codes := map[string]kmsg.IncrementalAlterConfigOp{"set": 0, "delete": 1, "append": 2, "subtract": 3}
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = resourceType(s), s.Name
	for _, wanted := range s.Ops {
		config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		config.Op, config.Name, config.Value = codes[*wanted[0]], *wanted[1], wanted[2]
		resource.Configs = append(resource.Configs, config)
	}
	request.Resources = append(request.Resources, resource)
	answer, err := r.on(s, request)
	if err != nil {
		return failed(err)
	}
	return plain(answer)
}

func (r *runner) replace(s step) any {
	request := kmsg.NewPtrAlterConfigsRequest()
	resource := kmsg.NewAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = resourceType(s), s.Name
	for name, value := range s.Configs {
		config := kmsg.NewAlterConfigsRequestResourceConfig()
		config.Name, config.Value = name, text(value)
		resource.Configs = append(resource.Configs, config)
	}
	request.Resources = append(request.Resources, resource)
	return r.show(request)
}

// Offsets.

func (r *runner) listOffset(topic string, partition int32, timestamp int64, isolation int8) (kmsg.ListOffsetsResponseTopicPartition, error) {
	request := kmsg.NewPtrListOffsetsRequest()
	request.ReplicaID = -1
	request.IsolationLevel = isolation
	request.TimeoutMillis = 3000
	wanted := kmsg.NewListOffsetsRequestTopic()
	wanted.Topic = topic
	part := kmsg.NewListOffsetsRequestTopicPartition()
	part.Partition, part.Timestamp, part.CurrentLeaderEpoch = partition, timestamp, -1
	wanted.Partitions = append(wanted.Partitions, part)
	request.Topics = append(request.Topics, wanted)
	answer, err := r.ask(request)
	if err != nil {
		return kmsg.ListOffsetsResponseTopicPartition{}, err
	}
	found := answer.(*kmsg.ListOffsetsResponse).Topics[0].Partitions[0]
	return found, kerr.ErrorForCode(found.ErrorCode)
}

var specs = map[string]int64{"latest": -1, "earliest": -2, "max_timestamp": -3, "earliest_local": -4, "latest_tiered": -5, "earliest_pending": -6}

func (r *runner) offsets(s step) any {
	result := []any{}
	for _, spec := range s.Specs {
		timestamp, named := int64(0), spec[0] == '"'
		if named {
			timestamp = specs[as[string](spec)]
		} else {
			timestamp = as[int64](spec)
		}
		found, err := r.listOffset(s.Topic, s.Partition, timestamp, 0)
		if err != nil {
			result = append(result, failed(err))
		} else {
			result = append(result, []any{found.Offset, shownTime(time.UnixMilli(found.Timestamp)), found.LeaderEpoch})
		}
	}
	return result
}

func (r *runner) trim(s step) any {
	request := kmsg.NewPtrDeleteRecordsRequest()
	request.TimeoutMillis = 4000
	topic := kmsg.NewDeleteRecordsRequestTopic()
	topic.Topic = s.Topic
	part := kmsg.NewDeleteRecordsRequestTopicPartition()
	part.Partition, part.Offset = s.Partition, s.Before
	topic.Partitions = append(topic.Partitions, part)
	request.Topics = append(request.Topics, topic)
	return r.show(request)
}

// The node.

func (r *runner) logDirs(s step) any {
	request := kmsg.NewPtrDescribeLogDirsRequest()
	for _, name := range as[[]string](s.Topics) {
		topic := kmsg.NewDescribeLogDirsRequestTopic()
		topic.Topic, topic.Partitions = name, []int32{0}
		request.Topics = append(request.Topics, topic)
	}
	return r.show(request)
}

func (r *runner) elect(s step) any {
	request := kmsg.NewPtrElectLeadersRequest()
	request.TimeoutMillis = 5000
	topic := kmsg.NewElectLeadersRequestTopic()
	topic.Topic, topic.Partitions = s.Topic, []int32{s.Partition}
	request.Topics = append(request.Topics, topic)
	return r.show(request)
}

func (r *runner) reassign(s step) any {
	request := kmsg.NewPtrAlterPartitionAssignmentsRequest()
	request.TimeoutMillis = 5000
	topic := kmsg.NewAlterPartitionAssignmentsRequestTopic()
	topic.Topic = s.Topic
	part := kmsg.NewAlterPartitionAssignmentsRequestTopicPartition()
	part.Partition, part.Replicas = s.Partition, s.Replicas
	topic.Partitions = append(topic.Partitions, part)
	request.Topics = append(request.Topics, topic)
	return r.show(request)
}

func (r *runner) reassignments(step) any {
	request := kmsg.NewPtrListPartitionReassignmentsRequest()
	request.TimeoutMillis = 5000
	return r.show(request)
}

func (r *runner) producers(s step) any {
	request := kmsg.NewPtrDescribeProducersRequest()
	topic := kmsg.NewDescribeProducersRequestTopic()
	topic.Topic, topic.Partitions = s.Topic, []int32{s.Partition}
	request.Topics = append(request.Topics, topic)
	return r.show(request)
}

func (r *runner) features(step) any {
	answer, err := r.ask(kmsg.NewPtrApiVersionsRequest())
	if err != nil {
		return failed(err)
	}
	response := answer.(*kmsg.ApiVersionsResponse)
	return map[string]any{"supported": plain(response.SupportedFeatures), "finalized": plain(response.FinalizedFeatures),
		"epoch": response.FinalizedFeaturesEpoch >= 0, "zk": response.ZkMigrationReady}
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: franz HOST:PORT scenario.json [section…]")
		os.Exit(2)
	}
	content, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	r := &runner{address: os.Args[1], members: map[string]*member{}}
	if r.admin, err = r.client(); err != nil {
		panic(err)
	}
	operations := map[string]func(step) any{"create": r.create, "delete": r.erase, "topics": r.topics, "describe": r.describe, "grow": r.grow,
		"cluster": r.cluster, "configs": r.configs, "alter": r.alter, "replace": r.replace, "offsets": r.offsets, "trim": r.trim,
		"log_dirs": r.logDirs, "elect": r.elect, "reassign": r.reassign, "reassignments": r.reassignments, "producers": r.producers,
		"features": r.features, "produce": r.produce, "fetch": r.fetch, "bulk_produce": r.bulkProduce, "bulk_consume": r.bulkConsume,
		"commit": r.commit, "alter_offsets": r.commit, "committed": r.committed, "groups": r.groups, "describe_groups": r.describeGroups,
		"delete_groups": r.deleteGroups, "delete_offsets": r.deleteOffsets, "remove_members": r.removeMembers, "open": r.open,
		"wait": r.wait, "read": r.read, "member_commit": r.memberCommit, "failure": r.failure, "close": r.close, "version": r.version}
	only := map[string]bool{}
	for _, name := range os.Args[3:] {
		only[name] = true
	}
	for _, section := range as[[][]json.RawMessage](content) {
		name := as[string](section[0])
		if len(only) > 0 && !only[name] && name != "warm" {
			continue
		}
		for _, s := range as[[]step](section[2]) {
			fmt.Fprintln(os.Stderr, "---", s.ID)
			began := time.Now()
			var result any = unsupported
			if operation := operations[s.Op]; operation != nil {
				result = operation(s)
			}
			var line bytes.Buffer
			encoder := json.NewEncoder(&line)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(result); err != nil {
				panic(err)
			}
			fmt.Printf("%s\t%s", s.ID, line.String())
			fmt.Fprintln(os.Stderr, "   ", time.Since(began))
			if changes[s.Op] {
				time.Sleep(250 * time.Millisecond)
			}
		}
	}
}
