package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// A step of the scenario; what a step does not name is its zero value.
type step struct {
	ID             string          `json:"id"`
	Op             string          `json:"op"`
	Topic          string          `json:"topic"`
	Topics         json.RawMessage `json:"topics"`
	Partition      int32           `json:"partition"`
	Partitions     json.RawMessage `json:"partitions"`
	Replicas       []int32         `json:"replicas"`
	Count          int             `json:"count"`
	Size           int             `json:"size"`
	ValidateOnly   bool            `json:"validate_only"`
	Type           string          `json:"type"`
	Name           string          `json:"name"`
	Keys           []string        `json:"keys"`
	OnlySource     string          `json:"only_source"`
	Synonyms       bool            `json:"synonyms"`
	Ops            [][]*string     `json:"ops"`
	Configs        map[string]string
	Records        [][]json.RawMessage `json:"records"`
	Compression    string              `json:"compression"`
	Acks           *int                `json:"acks"`
	Idempotent     bool                `json:"idempotent"`
	MaxBytes       int32               `json:"max_bytes"`
	PartitionBytes int32               `json:"partition_bytes"`
	Isolation      string              `json:"isolation"`
	From           json.RawMessage     `json:"from"`
	Specs          []json.RawMessage   `json:"specs"`
	Before         int64               `json:"before"`
	Group          string              `json:"group"`
	Groups         []string            `json:"groups"`
	Of             []string            `json:"of"`
	Offsets        [][]json.RawMessage `json:"offsets"`
	Instances      []string            `json:"instances"`
	Member         string              `json:"member"`
	Members        map[string]int      `json:"members"`
	Reset          string              `json:"reset"`
	Strategy       string              `json:"strategy"`
	Instance       string              `json:"instance"`
	SessionMs      int                 `json:"session_ms"`
	SettleMs       int                 `json:"settle_ms"`
	Show           string              `json:"show"`
	Key            int16               `json:"key"`
	Version        int16               `json:"version"`
}

type newTopic struct {
	Name        string            `json:"name"`
	Partitions  int32             `json:"partitions"`
	Replication *int16            `json:"replication"`
	Configs     map[string]string `json:"configs"`
	Assignment  [][]int32         `json:"assignment"`
}

func as[T any](raw json.RawMessage) T {
	var value T
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &value); err != nil {
			panic(fmt.Sprintf("%s: %v", raw, err))
		}
	}
	return value
}

// octets is a key, value or header of the scenario; nil is null.
func octets(raw json.RawMessage) []byte {
	if string(raw) == "null" || len(raw) == 0 {
		return nil
	}
	if raw[0] == '"' {
		return append([]byte{}, as[string](raw)...)
	}
	value := as[struct {
		Hex  *string
		Fill string
		Size int
	}](raw)
	if value.Hex != nil {
		decoded, _ := hex.DecodeString(*value.Hex)
		return decoded
	}
	return []byte(strings.Repeat(value.Fill, value.Size))
}

// shown is a value as it stands in a transcript: short, printable, exact.
func shown(value []byte) any {
	if value == nil {
		return nil
	}
	for _, octet := range value {
		if octet < 0x20 || octet > 0x7e {
			return "hex:" + hex.EncodeToString(value)
		}
	}
	if len(value) > 80 {
		return fmt.Sprintf("#%d:%s..%s", len(value), value[:3], value[len(value)-3:])
	}
	return string(value)
}

func shownTime(moment time.Time) any {
	if moment.UnixMilli() < 0 {
		return moment.UnixMilli()
	}
	if age := time.Since(moment); age < time.Hour && age > -time.Hour {
		return "now"
	}
	return moment.UnixMilli()
}

func nameOf(err error) string {
	if err == nil {
		return "NONE"
	}
	var known *kerr.Error
	if errors.As(err, &known) {
		return known.Message
	}
	fmt.Fprintln(os.Stderr, err)
	text := err.Error()
	if index := strings.IndexAny(text, ":("); index > 0 {
		text = text[:index]
	}
	return "LOCAL " + strings.TrimSpace(text)
}

func codeName(code int16) string { return nameOf(kerr.ErrorForCode(code)) }

func failed(err error) any { return map[string]any{"error": nameOf(err)} }

// Fields that no two runs share, and those that say nothing.
var (
	ids     = map[string]bool{"TopicID": true, "MemberID": true, "ClusterID": true, "Host": true, "Port": true}
	dropped = map[string]bool{"Version": true, "UnknownTags": true, "ThrottleMillis": true, "ErrorMessage": true, "ClientHost": true,
		"TotalBytes": true, "UsableBytes": true, "Dir": true, "Documentation": true, "ProducerID": true, "LastTimestamp": true,
		"LastCaughtUpTimestamp": true, "LastFetchTimestamp": true, "LogEndOffset": true, "ReplicaDirectoryID": true}
)

// plain is an answer of the protocol as JSON, without what no two runs share.
func plain(answer any) any {
	raw, err := json.Marshal(answer)
	if err != nil {
		return err.Error()
	}
	return cleaned(as[any](raw))
}

func cleaned(value any) any {
	switch value := value.(type) {
	case map[string]any:
		result := map[string]any{}
		for key, item := range value {
			switch {
			case dropped[key]:
			case key == "Configs" && length(item) > 5:
				result[key] = fmt.Sprintf("%d configs", length(item))
			case key == "ErrorCode":
				result[key] = codeName(int16(item.(float64)))
			case ids[key] && allZero(item):
				result[key] = nil
			case ids[key] && item != nil:
				result[key] = "<" + key + ">"
			default:
				result[key] = cleaned(item)
			}
		}
		return result
	case []any:
		result := make([]any, len(value))
		for index, item := range value {
			result[index] = cleaned(item)
		}
		// Kafka answers for several topics, groups or features in any order.
		sort.SliceStable(result, func(a, b int) bool { return topicOf(result[a]) < topicOf(result[b]) })
		return result
	case string:
		if uuid.MatchString(value) {
			return "<id>"
		}
		return shown([]byte(value))
	}
	return value
}

var uuid = regexp.MustCompile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

func topicOf(value any) string {
	fields, _ := value.(map[string]any)
	name, _ := fields["Topic"].(string)
	for _, key := range []string{"Group", "Name"} {
		if other, ok := fields[key].(string); ok {
			name = other
		}
	}
	return name
}

func length(value any) int {
	list, _ := value.([]any)
	return len(list)
}

func allZero(value any) bool {
	list, ok := value.([]any)
	if !ok {
		return value == "" || value == float64(-1)
	}
	for _, item := range list {
		if item != float64(0) {
			return false
		}
	}
	return true
}
