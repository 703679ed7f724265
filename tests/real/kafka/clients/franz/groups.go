package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

type jsonRaw = json.RawMessage

// A consumer of a group, polled in a goroutine of its own.
type member struct {
	client  *kgo.Client
	lock    sync.Mutex
	shares  map[string]map[int32]bool
	records []*kgo.Record
	failure error
	ended   chan struct{}
}

func (m *member) change(given bool) func(context.Context, *kgo.Client, map[string][]int32) {
	return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
		m.lock.Lock()
		defer m.lock.Unlock()
		for topic, numbers := range partitions {
			if m.shares[topic] == nil {
				m.shares[topic] = map[int32]bool{}
			}
			for _, number := range numbers {
				if given {
					m.shares[topic][number] = true
				} else {
					delete(m.shares[topic], number)
				}
			}
		}
	}
}

func (m *member) share() []string {
	m.lock.Lock()
	defer m.lock.Unlock()
	names := []string{}
	for topic, numbers := range m.shares {
		for number := range numbers {
			names = append(names, fmt.Sprintf("%s-%d", topic, number))
		}
	}
	sort.Strings(names)
	return names
}

func (m *member) poll() {
	defer close(m.ended)
	for {
		fetches := m.client.PollFetches(context.Background())
		if fetches.IsClientClosed() {
			return
		}
		m.lock.Lock()
		fetches.EachError(func(_ string, _ int32, err error) {
			if m.failure == nil {
				m.failure = err
			}
		})
		m.records = append(m.records, fetches.Records()...)
		m.lock.Unlock()
	}
}

func (r *runner) open(s step) any {
	m := &member{shares: map[string]map[int32]bool{}, ended: make(chan struct{})}
	session := s.SessionMs
	if session == 0 {
		session = 10000
	}
	resets := map[string]kgo.Offset{"earliest": kgo.NewOffset().AtStart(), "latest": kgo.NewOffset().AtEnd(), "none": kgo.NoResetOffset()}
	options := []kgo.Opt{kgo.ClientID(s.Member), kgo.ConsumerGroup(s.Group), kgo.ConsumeTopics(as[[]string](s.Topics)...),
		kgo.ConsumeResetOffset(resets[s.Reset]), kgo.DisableAutoCommit(), kgo.SessionTimeout(time.Duration(session) * time.Millisecond),
		kgo.HeartbeatInterval(300 * time.Millisecond), kgo.OnPartitionsAssigned(m.change(true)), kgo.OnPartitionsRevoked(m.change(false)),
		kgo.OnPartitionsLost(m.change(false)), kgo.FetchMaxWait(100 * time.Millisecond), kgo.RebalanceTimeout(20 * time.Second)}
	balancers := map[string]kgo.GroupBalancer{"range": kgo.RangeBalancer(), "roundrobin": kgo.RoundRobinBalancer(),
		"cooperative-sticky": kgo.CooperativeStickyBalancer()}
	if s.Strategy != "" {
		options = append(options, kgo.Balancers(balancers[s.Strategy]))
	}
	if s.Instance != "" {
		options = append(options, kgo.InstanceID(s.Instance))
	}
	var err error
	if m.client, err = r.client(options...); err != nil {
		return failed(err)
	}
	go m.poll()
	r.members[s.Member] = m
	return "NONE"
}

func (r *runner) wait(s step) any {
	settle := s.SettleMs
	if settle == 0 {
		settle = 300
	}
	there := func() bool {
		for name, count := range s.Members {
			if r.members[name] == nil || len(r.members[name].share()) != count {
				return false
			}
		}
		return true
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if there() {
			time.Sleep(time.Duration(settle) * time.Millisecond)
			if there() {
				break
			}
		}
	}
	result := map[string]any{}
	for name := range s.Members {
		if r.members[name] == nil {
			return unsupported
		}
		share := r.members[name].share()
		result[name] = len(share)
		if s.Show != "" {
			result[name] = share
		}
	}
	return result
}

func (r *runner) read(s step) any {
	m := r.members[s.Member]
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		m.lock.Lock()
		enough := len(m.records) >= s.Count || m.failure != nil
		m.lock.Unlock()
		if enough {
			break
		}
	}
	time.Sleep(300 * time.Millisecond)
	m.lock.Lock()
	defer m.lock.Unlock()
	rows := []string{}
	for _, record := range m.records {
		rows = append(rows, fmt.Sprintf("%d:%d:%s", record.Partition, record.Offset, shown(record.Value)))
	}
	m.records = nil
	sort.Strings(rows)
	return rows
}

func (r *runner) memberCommit(s step) any {
	limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return nameOf(r.members[s.Member].client.CommitUncommittedOffsets(limit))
}

func (r *runner) failure(s step) any {
	m := r.members[s.Member]
	if m == nil {
		return unsupported
	}
	for deadline := time.Now().Add(12 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		m.lock.Lock()
		err := m.failure
		m.lock.Unlock()
		if err != nil {
			return failed(err)
		}
	}
	return "NONE"
}

func (r *runner) close(s step) any {
	m := r.members[s.Member]
	if m == nil {
		return unsupported
	}
	delete(r.members, s.Member)
	m.client.Close()
	<-m.ended
	return "NONE"
}

// What is said about groups from outside; retried while the coordinator loads. Version 9 is the last that names topics
// by name.
func (r *runner) coordinated(request kmsg.Request, code func(kmsg.Response) int16) any {
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(300 * time.Millisecond) {
		answer, err := r.exchange(request, 9)
		if err != nil {
			return failed(err)
		}
		loading := code(answer) == kerr.CoordinatorLoadInProgress.Code || code(answer) == kerr.CoordinatorNotAvailable.Code ||
			code(answer) == kerr.NotCoordinator.Code
		if !loading || time.Now().After(deadline) {
			return plain(answer)
		}
		find := kmsg.NewPtrFindCoordinatorRequest()
		find.CoordinatorKeys = []string{"any"}
		r.exchange(find, 4) // The first such request makes the topic.
	}
}

func (r *runner) commit(s step) any {
	request := kmsg.NewPtrOffsetCommitRequest()
	request.Group, request.Generation = s.Group, -1
	places := map[string]int{}
	for _, wanted := range s.Offsets {
		name := as[string](wanted[0])
		place, known := places[name]
		if !known {
			place = len(request.Topics)
			places[name] = place
			topic := kmsg.NewOffsetCommitRequestTopic()
			topic.Topic = name
			request.Topics = append(request.Topics, topic)
		}
		part := kmsg.NewOffsetCommitRequestTopicPartition()
		part.Partition, part.Offset, part.LeaderEpoch = as[int32](wanted[1]), as[int64](wanted[2]), 0
		part.Metadata = text(string(octets(wanted[3])))
		request.Topics[place].Partitions = append(request.Topics[place].Partitions, part)
	}
	return r.coordinated(request, func(answer kmsg.Response) int16 {
		return answer.(*kmsg.OffsetCommitResponse).Topics[0].Partitions[0].ErrorCode
	})
}

func (r *runner) committed(s step) any {
	request := kmsg.NewPtrOffsetFetchRequest()
	group := kmsg.NewOffsetFetchRequestGroup()
	group.Group = s.Group
	group.MemberEpoch = -1
	for _, wanted := range as[[][]jsonRaw](s.Partitions) {
		name := as[string](wanted[0])
		if len(group.Topics) == 0 || group.Topics[len(group.Topics)-1].Topic != name {
			topic := kmsg.NewOffsetFetchRequestGroupTopic()
			topic.Topic = name
			group.Topics = append(group.Topics, topic)
		}
		last := &group.Topics[len(group.Topics)-1]
		last.Partitions = append(last.Partitions, as[int32](wanted[1]))
	}
	request.Groups = append(request.Groups, group)
	return r.coordinated(request, func(answer kmsg.Response) int16 {
		if groups := answer.(*kmsg.OffsetFetchResponse).Groups; len(groups) > 0 {
			for _, topic := range groups[0].Topics { // They come in the order of a hash table.
				slices.SortFunc(topic.Partitions, func(a, b kmsg.OffsetFetchResponseGroupTopicPartition) int {
					return int(a.Partition - b.Partition)
				})
			}
			return groups[0].ErrorCode
		}
		return 0
	})
}

func (r *runner) groups(s step) any {
	answer, err := r.ask(kmsg.NewPtrListGroupsRequest())
	if err != nil {
		return failed(err)
	}
	result := map[string]any{}
	for _, group := range answer.(*kmsg.ListGroupsResponse).Groups {
		for _, name := range s.Of {
			if name == group.Group {
				result[name] = []string{group.ProtocolType, group.GroupState, group.GroupType}
			}
		}
	}
	return result
}

func (r *runner) describeGroups(s step) any {
	request := kmsg.NewPtrDescribeGroupsRequest()
	request.Groups = s.Groups
	request.IncludeAuthorizedOperations = true
	answer, err := r.ask(request)
	if err != nil {
		return failed(err)
	}
	result := map[string]any{}
	for _, group := range answer.(*kmsg.DescribeGroupsResponse).Groups {
		members := map[string]any{}
		for _, member := range group.Members {
			name := member.ClientID
			if member.InstanceID != nil {
				name = *member.InstanceID
			}
			var assignment kmsg.ConsumerMemberAssignment
			shares := []string{}
			if assignment.ReadFrom(member.MemberAssignment) == nil {
				for _, topic := range assignment.Topics {
					for _, number := range topic.Partitions {
						shares = append(shares, fmt.Sprintf("%s-%d", topic.Topic, number))
					}
				}
			}
			sort.Strings(shares)
			members[name] = len(shares)
			if s.Show != "" {
				members[name] = shares
			}
		}
		result[group.Group] = map[string]any{"error": codeName(group.ErrorCode), "state": group.State, "type": group.ProtocolType,
			"protocol": group.Protocol, "members": members, "operations": group.AuthorizedOperations}
	}
	return result
}

func (r *runner) deleteGroups(s step) any {
	request := kmsg.NewPtrDeleteGroupsRequest()
	request.Groups = s.Groups
	return r.show(request)
}

func (r *runner) deleteOffsets(s step) any {
	request := kmsg.NewPtrOffsetDeleteRequest()
	request.Group = s.Group
	for _, wanted := range as[[][]jsonRaw](s.Partitions) {
		topic := kmsg.NewOffsetDeleteRequestTopic()
		topic.Topic = as[string](wanted[0])
		part := kmsg.NewOffsetDeleteRequestTopicPartition()
		part.Partition = as[int32](wanted[1])
		topic.Partitions = append(topic.Partitions, part)
		request.Topics = append(request.Topics, topic)
	}
	return r.show(request)
}

func (r *runner) removeMembers(s step) any {
	request := kmsg.NewPtrLeaveGroupRequest()
	request.Group = s.Group
	for _, name := range s.Instances {
		member := kmsg.NewLeaveGroupRequestMember()
		member.InstanceID = text(name)
		request.Members = append(request.Members, member)
	}
	return r.show(request)
}
