package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"reflect"
	"time"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// exchange sends one request in exactly this version on a connection of its own and reads the answer.
func (r *runner) exchange(request kmsg.Request, version int16) (kmsg.Response, error) {
	request.SetVersion(version)
	connection, err := net.DialTimeout("tcp", r.address, 3*time.Second)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(10 * time.Second))
	formatter := kmsg.NewRequestFormatter(kmsg.FormatterClientID("suite"))
	if _, err := connection.Write(formatter.AppendRequest(nil, request, 7)); err != nil {
		return nil, err
	}
	var head [4]byte
	if _, err := io.ReadFull(connection, head[:]); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint32(head[:]))
	if _, err := io.ReadFull(connection, body); err != nil {
		return nil, err
	}
	reader := kbin.Reader{Src: body}
	if reader.Int32() != 7 {
		return nil, errors.New("another correlation id")
	}
	answer := request.ResponseKind()
	answer.SetVersion(version)
	if request.Key() == 18 && version > 4 {
		answer.SetVersion(0) // KIP-511: who does not know the version answers in the first.
	}
	if answer.IsFlexible() && request.Key() != 18 {
		kmsg.SkipTags(&reader)
	}
	rest := reader.Src
	if err := answer.ReadFrom(rest); err != nil {
		return nil, fmt.Errorf("unreadable: %w", err)
	}
	// What the answer says in its own bytes, no more and no less.
	if again := answer.AppendTo(nil); len(again) != len(rest) {
		return answer, fmt.Errorf("size: %d bytes sent, %d mean something", len(rest), len(again))
	}
	return answer, nil
}

// version asks each API in one version, with a body that the broker can answer.
func (r *runner) version(s step) any {
	request := kmsg.RequestForKey(s.Key)
	if request == nil {
		return unsupported
	}
	r.fill(request, s.Version)
	if produce, ok := request.(*kmsg.ProduceRequest); ok {
		produce.Topics[0].Partitions[0].Records = oneRecord()
	}
	answer, err := r.exchange(request, s.Version)
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return failed(errors.New("connection closed"))
	}
	if err != nil {
		return map[string]any{"error": err.Error(), "answer": plain(answer)}
	}
	if quorum, ok := answer.(*kmsg.DescribeQuorumResponse); ok {
		for topic := range quorum.Topics {
			quorum.Topics[topic].Partitions[0].HighWatermark = 0 // Grows by itself.
		}
	}
	if versions, ok := answer.(*kmsg.ApiVersionsResponse); ok && versions.FinalizedFeaturesEpoch >= 0 && s.Version >= 3 {
		versions.FinalizedFeaturesEpoch = 1 // Grows with every change.
	}
	return narrowed(plain(answer))
}

// Long lists are not the point here: that they are there is.
func narrowed(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, item := range value {
			if list, ok := item.([]any); ok && len(list) > 12 {
				item = fmt.Sprintf("%d items", len(list)/10*10)
			}
			if key == "RecordBatches" && item != nil {
				item = "<records>"
			}
			value[key] = narrowed(item)
		}
	case []any:
		for index, item := range value {
			value[index] = narrowed(item)
		}
	}
	return value
}

// The topic, partition and group that this section made before.
const (
	knownTopic = "versions"
	knownGroup = "g-versions"
)

// fill sets by JSON what is common to many requests: names of topics, partitions, groups.
func (r *runner) fill(request kmsg.Request, version int16) {
	text := map[int16]string{
		0: `{"Acks":-1,"TimeoutMillis":5000,"Topics":[{"Topic":"versions","Partitions":[{"Partition":0}]}]}`,
		1: `{"ReplicaID":-1,"MaxWaitMillis":10,"MinBytes":0,"MaxBytes":1000000,"SessionEpoch":-1,"Topics":[{"Topic":"versions",
			"Partitions":[{"Partition":0,"CurrentLeaderEpoch":-1,"FetchOffset":0,"LogStartOffset":-1,"PartitionMaxBytes":100000,"LastFetchedEpoch":-1}]}]}`,
		2: `{"ReplicaID":-1,"TimeoutMillis":1000,"Topics":[{"Topic":"versions","Partitions":[{"Partition":0,"CurrentLeaderEpoch":-1,"Timestamp":-1,"MaxNumOffsets":1},
			{"Partition":9,"CurrentLeaderEpoch":-1,"Timestamp":-2,"MaxNumOffsets":1}]}]}`,
		3: `{"Topics":[{"Topic":"versions"},{"Topic":"no-such-topic"}],"AllowAutoTopicCreation":false}`,
		8: `{"Group":"g-versions","Generation":-1,"RetentionTimeMillis":-1,"Topics":[{"Topic":"versions","Partitions":[{"Partition":0,"Offset":3,"Timestamp":-1,
			"LeaderEpoch":-1,"Metadata":"kept"}]}]}`,
		9: `{"Group":"g-versions","Topics":[{"Topic":"versions","Partitions":[0,1]}],"Groups":[{"Group":"g-versions","MemberEpoch":-1,
			"Topics":[{"Topic":"versions","Partitions":[0,1]}]}]}`,
		10: `{"CoordinatorKey":"g-versions","CoordinatorType":0,"CoordinatorKeys":["g-versions"]}`,
		11: fmt.Sprintf(`{"Group":"g-join-v%d","SessionTimeoutMillis":10000,"RebalanceTimeoutMillis":10000,"ProtocolType":"consumer",
			"Protocols":[{"Name":"range","Metadata":""}]}`, version),
		12: `{"Group":"g-versions","Generation":1,"MemberID":"nobody"}`,
		13: `{"Group":"g-versions","MemberID":"nobody","Members":[{"MemberID":"nobody"}]}`,
		14: `{"Group":"g-versions","Generation":1,"MemberID":"nobody","ProtocolType":"consumer","Protocol":"range"}`,
		15: `{"Groups":["g-versions","g-nobody"]}`,
		16: `{"StatesFilter":["Stable"]}`,
		17: `{"Mechanism":"PLAIN"}`,
		18: `{"ClientSoftwareName":"suite","ClientSoftwareVersion":"1"}`,
		19: fmt.Sprintf(`{"TimeoutMillis":5000,"Topics":[{"Topic":"made-v%d","NumPartitions":1,"ReplicationFactor":1}]}`, version),
		20: fmt.Sprintf(`{"TimeoutMillis":5000,"TopicNames":["made-v%d"],"Topics":[{"Topic":"made-v%d"}]}`, version, version),
		21: `{"TimeoutMillis":5000,"Topics":[{"Topic":"versions","Partitions":[{"Partition":0,"Offset":0}]}]}`,
		22: `{"TransactionTimeoutMillis":60000,"ProducerID":-1,"ProducerEpoch":-1}`,
		23: `{"ReplicaID":-1,"Topics":[{"Topic":"versions","Partitions":[{"Partition":0,"CurrentLeaderEpoch":-1,"LeaderEpoch":0}]}]}`,
		32: `{"Resources":[{"ResourceType":"TOPIC","ResourceName":"versions","ConfigNames":["retention.ms"]}],"IncludeSynonyms":true,"IncludeDocumentation":false}`,
		33: `{"Resources":[{"ResourceType":"TOPIC","ResourceName":"versions","Configs":[{"Name":"retention.ms","Value":"-1"}]}]}`,
		35: `{"Topics":[{"Topic":"versions","Partitions":[0]}]}`,
		37: `{"TimeoutMillis":5000,"Topics":[{"Topic":"versions","Count":1}]}`,
		42: `{"Groups":["g-nobody"]}`,
		43: `{"TimeoutMillis":5000,"Topics":[{"Topic":"versions","Partitions":[0]}]}`,
		44: `{"Resources":[{"ResourceType":"TOPIC","ResourceName":"versions","Configs":[{"Name":"retention.ms","Op":"SET","Value":"-1"}]}]}`,
		45: `{"TimeoutMillis":5000,"Topics":[{"Topic":"versions","Partitions":[{"Partition":0,"Replicas":[1]}]}]}`,
		46: `{"TimeoutMillis":5000}`,
		47: `{"Group":"g-versions","Topics":[{"Topic":"versions","Partitions":[{"Partition":1}]}]}`,
		55: `{"Topics":[{"Topic":"__cluster_metadata","Partitions":[{"Partition":0}]}]}`,
		60: `{"EndpointType":1}`,
		61: `{"Topics":[{"Topic":"versions","Partitions":[0]}]}`,
		74: `{}`,
		75: `{"ResponsePartitionLimit":10,"Topics":[{"Topic":"versions"}]}`,
	}[request.Key()]
	if text == "" {
		text = "{}"
	}
	if err := json.Unmarshal([]byte(text), request); err != nil {
		panic(fmt.Sprintf("key %d: %v", request.Key(), err))
	}
	defaults(reflect.ValueOf(request).Elem())
	if metadata, ok := request.(*kmsg.MetadataRequest); ok && version < 4 {
		metadata.Topics = metadata.Topics[:1] // Older versions make a topic that is not there.
	}
	r.fillIDs(request)
}

// defaults gives the fields of nested structs, of which the text said nothing, the protocol's defaults.
func defaults(value reflect.Value) {
	switch value.Kind() {
	case reflect.Slice:
		for index := range value.Len() {
			defaults(value.Index(index))
		}
	case reflect.Struct:
		said := reflect.New(value.Type()).Elem()
		said.Set(value)
		if method := value.Addr().MethodByName("Default"); method.IsValid() {
			method.Call(nil)
		}
		for index := range value.NumField() {
			if !value.Field(index).CanSet() {
				continue
			}
			if !said.Field(index).IsZero() {
				value.Field(index).Set(said.Field(index))
			}
			defaults(value.Field(index))
		}
	}
}

// Later versions name topics by id.
func (r *runner) fillIDs(request kmsg.Request) {
	answer, err := r.metadata([]string{knownTopic})
	if err != nil || len(answer.Topics) == 0 {
		return
	}
	id := answer.Topics[0].TopicID
	switch request := request.(type) {
	case *kmsg.ProduceRequest:
		request.Topics[0].TopicID = id
	case *kmsg.FetchRequest:
		request.Topics[0].TopicID = id
	case *kmsg.OffsetCommitRequest:
		request.Topics[0].TopicID = id
	case *kmsg.OffsetFetchRequest:
		request.Groups[0].Topics[0].TopicID = id
	}
}

// oneRecord is a batch of one record without key, of a time that the scenario knows.
func oneRecord() []byte {
	record := kmsg.Record{Value: []byte("wire")}
	record.Length = int32(len(record.AppendTo(nil)) - 1)
	batch := kmsg.RecordBatch{PartitionLeaderEpoch: -1, Magic: 2, FirstTimestamp: 1700000003000, MaxTimestamp: 1700000003000,
		ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: 1, Records: record.AppendTo(nil)}
	batch.Length = int32(len(batch.AppendTo(nil)) - 12)
	raw := batch.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli)))
	return raw
}
