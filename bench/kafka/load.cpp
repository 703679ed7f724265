// One client load on a Kafka broker, by librdkafka; prints one line of JSON.
//
//   load produce HOST:PORT TOPIC [--partitions N] [--count N] [--size BYTES] [--rate PER_SECOND] [--set KEY=VALUE]…
//   load consume HOST:PORT TOPIC [--partitions N] [--count N] [--set KEY=VALUE]…
//
// `produce` waits for every acknowledgement. With a rate, latency counts from when a record was due, not from when it could
// be sent, so that a broker that stands still is not flattered.
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Load {
  std::string address;
  std::string topic;
  int partitions = 1;
  int64_t count = 100000;
  size_t size = 100;
  double rate = 0;
  std::vector<std::pair<std::string, std::string>> settings;
};

[[noreturn]] void die(const std::string& text) {
  std::fprintf(stderr, "load: %s\n", text.c_str());
  std::exit(1);
}

double since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

rd_kafka_t* open(const Load& load, rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  char problem[512];
  auto set = [&](const std::string& name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), problem, sizeof problem) != RD_KAFKA_CONF_OK) {
      die(problem);
    }
  };
  set("bootstrap.servers", load.address);
  set("broker.address.family", "v4");
  for (const auto& [name, value] : load.settings) {
    set(name, value);
  }
  rd_kafka_t* handle = rd_kafka_new(type, conf, problem, sizeof problem);
  if (handle == nullptr) {
    die(problem);
  }
  return handle;
}

// What the delivery reports write: one slot a record, written once.
struct Sent {
  Clock::time_point began;
  std::vector<double> due;
  std::vector<float> latency;
  std::atomic<int64_t> acknowledged{0};
  std::atomic<int64_t> failed{0};
};

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& sent = *static_cast<Sent*>(opaque);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    sent.failed.fetch_add(1);
    return;
  }
  if (!sent.due.empty()) {
    auto index = reinterpret_cast<size_t>(message->_private) - 1;
    sent.latency[index] = static_cast<float>(since(sent.began) - sent.due[index]);
  }
  sent.acknowledged.fetch_add(1);
}

double percentile(const std::vector<float>& sorted, double part) {
  return sorted.empty() ? 0 : sorted[static_cast<size_t>(part * static_cast<double>(sorted.size() - 1))];
}

int produce(const Load& load) {
  Sent sent;
  if (load.rate > 0) {
    sent.due.resize(static_cast<size_t>(load.count));
    sent.latency.resize(static_cast<size_t>(load.count));
  }
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_conf_set_opaque(conf, &sent);
  rd_kafka_t* producer = open(load, RD_KAFKA_PRODUCER, conf);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, load.topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  rd_kafka_metadata(producer, 0, topic, &metadata, 10000);  // Not a part of what is measured.
  if (metadata != nullptr) {
    rd_kafka_metadata_destroy(metadata);
  }
  // Values that compress about as well as JSON does.
  std::vector<std::string> values(64);
  unsigned seed = 1;
  for (auto& value : values) {
    while (value.size() < load.size) {
      value += "{\"name\":\"user-" + std::to_string(rand_r(&seed) % 1000) + "\",\"id\":" + std::to_string(rand_r(&seed)) + "},";
    }
    value.resize(load.size);
  }
  std::atomic<bool> ending{false};
  std::thread poller([&] {
    while (!ending) {
      rd_kafka_poll(producer, 100);
    }
  });
  double cpu = cpu_seconds();
  sent.began = Clock::now();
  for (int64_t i = 0; i < load.count; ++i) {
    if (load.rate > 0) {
      double due = static_cast<double>(i) / load.rate;
      sent.due[static_cast<size_t>(i)] = due;
      double early = due - since(sent.began);
      if (early > 0) {
        std::this_thread::sleep_for(std::chrono::duration<double>(early));
      }
    }
    const std::string& value = values[static_cast<size_t>(i) % values.size()];
    while (rd_kafka_produce(topic, static_cast<int32_t>(i % load.partitions), 0, const_cast<char*>(value.data()), value.size(), nullptr, 0,
                            reinterpret_cast<void*>(i + 1)) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        die(rd_kafka_err2str(rd_kafka_last_error()));
      }
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
  while (sent.acknowledged + sent.failed < load.count && since(sent.began) < 600) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  double wall = since(sent.began);
  cpu = cpu_seconds() - cpu;
  ending = true;
  poller.join();
  std::sort(sent.latency.begin(), sent.latency.end());
  std::printf("{\"count\": %ld, \"failed\": %ld, \"wall\": %.4f, \"cpu\": %.4f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f, \"max_ms\": %.3f}\n",
              static_cast<long>(sent.acknowledged), static_cast<long>(load.count - sent.acknowledged), wall, cpu,
              percentile(sent.latency, 0.5) * 1e3, percentile(sent.latency, 0.99) * 1e3, percentile(sent.latency, 0.999) * 1e3,
              percentile(sent.latency, 1) * 1e3);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
  return sent.acknowledged == load.count ? 0 : 1;
}

int consume(const Load& load) {
  Load with_group = load;
  with_group.settings.insert(with_group.settings.begin(), {{"group.id", "load"}, {"enable.auto.commit", "false"}, {"auto.offset.reset", "error"}});
  rd_kafka_t* consumer = open(with_group, RD_KAFKA_CONSUMER, rd_kafka_conf_new());
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(consumer);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(load.partitions);
  for (int partition = 0; partition < load.partitions; ++partition) {
    rd_kafka_topic_partition_list_add(list, load.topic.c_str(), partition)->offset = 0;
  }
  double cpu = cpu_seconds();
  auto began = Clock::now();
  rd_kafka_assign(consumer, list);
  int64_t count = 0;
  int64_t bytes = 0;
  std::vector<rd_kafka_message_t*> messages(10000);
  while (count < load.count && since(began) < 600) {
    ssize_t got = rd_kafka_consume_batch_queue(queue, 200, messages.data(), messages.size());
    for (ssize_t i = 0; i < got; ++i) {
      rd_kafka_message_t* message = messages[static_cast<size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++count;
        bytes += static_cast<int64_t>(message->len);
      }
      rd_kafka_message_destroy(message);
    }
  }
  double wall = since(began);
  cpu = cpu_seconds() - cpu;
  std::printf("{\"count\": %ld, \"bytes\": %ld, \"wall\": %.4f, \"cpu\": %.4f}\n", static_cast<long>(count), static_cast<long>(bytes), wall, cpu);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  return count == load.count ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) {
    die("usage: load produce|consume HOST:PORT TOPIC [--partitions N] [--count N] [--size N] [--rate N] [--set KEY=VALUE]…");
  }
  Load load{.address = words[2], .topic = words[3], .settings = {}};
  for (int i = 4; i + 1 < count; i += 2) {
    std::string name = words[i];
    std::string value = words[i + 1];
    if (name == "--partitions") {
      load.partitions = std::stoi(value);
    } else if (name == "--count") {
      load.count = std::stoll(value);
    } else if (name == "--size") {
      load.size = std::stoul(value);
    } else if (name == "--rate") {
      load.rate = std::stod(value);
    } else if (name == "--set" && value.find('=') != std::string::npos) {
      load.settings.emplace_back(value.substr(0, value.find('=')), value.substr(value.find('=') + 1));
    } else {
      die("unknown option " + name);
    }
  }
  return std::string(words[1]) == "produce" ? produce(load) : consume(load);
}
