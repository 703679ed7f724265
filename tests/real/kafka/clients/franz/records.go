package main

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

var codecs = map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
	"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}

func (r *runner) producer(s step) (*kgo.Client, error) {
	compression := s.Compression
	if compression == "" {
		compression = "none"
	}
	options := []kgo.Opt{kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(codecs[compression]),
		kgo.ProducerLinger(30 * time.Millisecond), kgo.AllowAutoTopicCreation(), kgo.RecordRetries(5),
		kgo.UnknownTopicRetries(3)}
	if s.MaxBytes > 0 {
		options = append(options, kgo.ProducerBatchMaxBytes(s.MaxBytes))
	}
	if !s.Idempotent {
		acks := map[int]kgo.Acks{0: kgo.NoAck(), 1: kgo.LeaderAck(), -1: kgo.AllISRAcks()}
		wanted := 1
		if s.Acks != nil {
			wanted = *s.Acks
		}
		options = append(options, kgo.DisableIdempotentWrite(), kgo.RequiredAcks(acks[wanted]))
	}
	return r.client(options...)
}

func (r *runner) produce(s step) any {
	producer, err := r.producer(s)
	if err != nil {
		return failed(err)
	}
	defer producer.Close()
	result := make([]any, len(s.Records))
	for index, wanted := range s.Records {
		record := &kgo.Record{Topic: s.Topic, Partition: s.Partition, Key: octets(wanted[0]), Value: octets(wanted[1])}
		if len(wanted) > 2 {
			for _, header := range as[[][]jsonRaw](wanted[2]) {
				record.Headers = append(record.Headers, kgo.RecordHeader{Key: as[string](header[0]), Value: octets(header[1])})
			}
		}
		if len(wanted) > 3 {
			record.Timestamp = time.UnixMilli(as[int64](wanted[3]))
		}
		producer.Produce(context.Background(), record, func(sent *kgo.Record, err error) {
			if err != nil {
				result[index] = failed(err)
			} else {
				result[index] = []any{sent.Partition, sent.Offset, shownTime(sent.Timestamp)}
			}
		})
	}
	limit, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	producer.Flush(limit)
	return result
}

func (r *runner) bulkProduce(s step) any {
	producer, err := r.producer(step{Compression: s.Compression, Idempotent: true})
	if err != nil {
		return failed(err)
	}
	defer producer.Close()
	partitions := as[int](s.Partitions)
	for number := range s.Count {
		value := append([]byte(strconv.Itoa(number)+":"), bytes.Repeat([]byte("v"), s.Size)...)[:s.Size]
		producer.Produce(context.Background(), &kgo.Record{Topic: s.Topic, Partition: int32(number % partitions),
			Key: []byte(strconv.Itoa(number)), Value: value}, nil)
	}
	if err := producer.Flush(context.Background()); err != nil {
		return failed(err)
	}
	ends := map[string]any{}
	for partition := range partitions {
		found, err := r.listOffset(s.Topic, int32(partition), -1, 0)
		if err != nil {
			return failed(err)
		}
		ends[strconv.Itoa(partition)] = found.Offset
	}
	return ends
}

func (r *runner) reader(s step, from map[int32]int64) (*kgo.Client, error) {
	offsets := map[int32]kgo.Offset{}
	for partition, offset := range from {
		offsets[partition] = kgo.NewOffset().At(offset)
	}
	options := []kgo.Opt{kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{s.Topic: offsets}), kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NoResetOffset())}
	if s.PartitionBytes > 0 {
		options = append(options, kgo.FetchMaxPartitionBytes(s.PartitionBytes))
	}
	if s.Isolation == "read_committed" {
		options = append(options, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	}
	return r.client(options...)
}

func (r *runner) fetch(s step) any {
	isolation := int8(0)
	if s.Isolation == "read_committed" {
		isolation = 1
	}
	last, err := r.listOffset(s.Topic, s.Partition, -1, isolation)
	if err != nil {
		return failed(err)
	}
	start := last.Offset
	if s.From[0] == '"' {
		if as[string](s.From) == "earliest" {
			first, err := r.listOffset(s.Topic, s.Partition, -2, isolation)
			if err != nil {
				return failed(err)
			}
			start = first.Offset
		}
	} else {
		place := as[map[string]int64](s.From)
		if offset, ok := place["offset"]; ok {
			start = offset
		} else if tail, ok := place["tail"]; ok {
			start = last.Offset - tail
		} else if found, err := r.listOffset(s.Topic, s.Partition, place["timestamp"], isolation); err != nil {
			return failed(err)
		} else if found.Offset >= 0 {
			start = found.Offset
		}
	}
	consumer, err := r.reader(s, map[int32]int64{s.Partition: start})
	if err != nil {
		return failed(err)
	}
	defer consumer.Close()
	records := []any{}
	result := map[string]any{"start": start, "end": last.Offset}
	next := start
	deadline := time.Now().Add(8 * time.Second)
	for (next < last.Offset || start > last.Offset) && time.Now().Before(deadline) && result["error"] == nil {
		limit, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		fetches := consumer.PollFetches(limit)
		cancel()
		fetches.EachError(func(_ string, _ int32, err error) {
			if err != context.DeadlineExceeded {
				result["error"] = nameOf(err)
			}
		})
		fetches.EachRecord(func(record *kgo.Record) {
			next = record.Offset + 1
			records = append(records, shownRecord(record))
		})
	}
	result["records"] = records
	return result
}

func shownRecord(record *kgo.Record) any {
	headers := []any{}
	for _, header := range record.Headers {
		headers = append(headers, []any{header.Key, shown(header.Value)})
	}
	return map[string]any{"o": record.Offset, "k": shown(record.Key), "v": shown(record.Value), "ts": shownTime(record.Timestamp),
		"tt": record.Attrs.TimestampType(), "c": record.Attrs.CompressionType(), "epoch": record.LeaderEpoch, "pid": record.ProducerID >= 0,
		"h": headers}
}

func (r *runner) bulkConsume(s step) any {
	partitions := as[int](s.Partitions)
	from, ends := map[int32]int64{}, map[int32]int64{}
	for partition := range int32(partitions) {
		last, err := r.listOffset(s.Topic, partition, -1, 0)
		if err != nil {
			return failed(err)
		}
		from[partition], ends[partition] = 0, last.Offset
	}
	consumer, err := r.reader(s, from)
	if err != nil {
		return failed(err)
	}
	defer consumer.Close()
	count, size, ordered := map[int32]int{}, map[int32]int{}, map[int32]bool{}
	done := func() bool {
		for partition, end := range ends {
			if from[partition] < end {
				return false
			}
		}
		return true
	}
	for deadline := time.Now().Add(60 * time.Second); !done() && time.Now().Before(deadline); {
		limit, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		fetches := consumer.PollFetches(limit)
		cancel()
		fetches.EachRecord(func(record *kgo.Record) {
			if count[record.Partition] == 0 {
				ordered[record.Partition] = true
			}
			ordered[record.Partition] = ordered[record.Partition] && record.Offset == from[record.Partition]
			from[record.Partition] = record.Offset + 1
			count[record.Partition]++
			size[record.Partition] += len(record.Value)
		})
	}
	result := map[string]any{}
	for partition := range ends {
		result[strconv.Itoa(int(partition))] = map[string]any{"count": count[partition], "bytes": size[partition], "next": from[partition],
			"ordered": ordered[partition]}
	}
	return result
}
