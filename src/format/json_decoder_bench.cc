// How fast JSON becomes columns, beside a bare loop of simdjson On-Demand that reads the same
// fields in order and keeps nothing.
#include "format/json_decoder.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "base/assert.h"
#include "base/random.h"
#include "data/batch.h"
#include "format/detail/test_fields.h"
#include "format/json_writer.h"

namespace {

using millrace::Random;
using millrace::data::Block;
using millrace::data::BlockPtr;
using millrace::data::Schema;
using millrace::data::TypeKind;
using millrace::format::JsonDecoder;
using millrace::format::JsonOptions;
using millrace::format::JsonRows;
using millrace::format::detail::field;

constexpr std::size_t kRecords = 4096;

std::string word(Random& random, std::size_t least, std::size_t most) {
  std::string text(least + random.below(most - least + 1), ' ');
  for (char& c : text) {
    c = static_cast<char>('a' + random.below(26));
  }
  return text;
}

std::string digits(Random& random, std::size_t count) {
  std::string text(count, '0');
  for (char& c : text) {
    c = static_cast<char>('0' + random.below(10));
  }
  return text;
}

// As Python's json.dumps writes the users of the golden record.
std::string user(Random& random) {
  std::string json = "{\"id\": \"" + digits(random, 8) + "-0000-4000-8000-" + digits(random, 12);
  const auto add = [&](std::string_view name, const std::string& value) {
    json += "\", \"";
    json += name;
    json += "\": \"";
    json += value;
  };
  const std::string first = word(random, 3, 9);
  const std::string last = word(random, 4, 10);
  add("first_name", first);
  add("last_name", last);
  add("gender", random.one_in(2) ? "male" : "female");
  add("address",
      digits(random, 4) + " " + word(random, 5, 12) + " Street, " + word(random, 5, 12) + ", " +
          word(random, 5, 12) + ", United States");
  add("post_code", digits(random, 5));
  add("email", first + "." + last + "@example.com");
  add("username", word(random, 10, 18));
  add("dob", "19" + digits(random, 2) + "-03-08T15:13:16.688Z");
  add("registered_date", "2007-07-09T05:51:59.390Z");
  add("phone", "(" + digits(random, 3) + ") " + digits(random, 3) + "-" + digits(random, 4));
  add("picture", "https://randomuser.me/api/portraits/med/men/" + digits(random, 2) + ".jpg");
  return json + "\"}";
}

std::string bid(Random& random) {
  return "{\"auction\":" + std::to_string(random.below(100'000)) +
         ",\"bidder\":" + std::to_string(random.below(1'000'000)) +
         ",\"price\":" + std::to_string(random.below(10'000'000)) + ",\"channel\":\"" +
         word(random, 5, 12) + "\",\"url\":\"https://www.nexmark.com/" + word(random, 5, 9) +
         "/item.htm?query=1\",\"dateTime\":" +
         std::to_string(1'700'000'000'000 + random.below(1U << 30U)) + ",\"extra\":\"" +
         word(random, 40, 79) + "\"}";
}

const std::vector<std::string_view> kUserFields{"id",
                                                "first_name",
                                                "last_name",
                                                "gender",
                                                "address",
                                                "post_code",
                                                "email",
                                                "username",
                                                "dob",
                                                "registered_date",
                                                "phone",
                                                "picture"};

Schema user_schema() {
  Schema schema;
  for (const std::string_view name : kUserFields) {
    schema.fields.push_back(field(std::string(name), TypeKind::kString));
  }
  return schema;
}

Schema bid_schema() {
  return {{field("auction", TypeKind::kBigInt),
           field("bidder", TypeKind::kBigInt),
           field("price", TypeKind::kBigInt),
           field("dateTime", TypeKind::kBigInt)}};
}

struct Records {
  std::vector<BlockPtr> blocks;
  std::vector<std::string_view> views;
  std::size_t bytes = 0;

  template <class Make>
  explicit Records(const Make& make) {
    Random random(1);
    std::string all;
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (std::size_t i = 0; i < kRecords; ++i) {
      const std::string record = make(random);
      places.emplace_back(all.size(), record.size());
      all += record;
    }
    bytes = all.size();
    blocks.push_back(std::make_shared<const Block>(all));
    for (const auto& [at, size] : places) {
      views.push_back(blocks[0]->view().substr(at, size));
    }
  }
};

void report(benchmark::State& state, const Records& records) {
  const auto rounds = static_cast<std::int64_t>(state.iterations());
  state.SetItemsProcessed(rounds * static_cast<std::int64_t>(kRecords));
  state.SetBytesProcessed(rounds * static_cast<std::int64_t>(records.bytes));
  state.counters["bytes_per_item"] =
      static_cast<double>(records.bytes) / static_cast<double>(kRecords);
}

void decode(benchmark::State& state, const Records& records, const Schema& schema) {
  JsonDecoder decoder = MUST(JsonDecoder::create(schema, JsonOptions()));
  for (auto _ : state) {
    const JsonRows rows = decoder.decode(records.views, records.blocks);
    MR_ASSERT(rows.slow == 0, "{} records went the slow way", rows.slow);
    benchmark::DoNotOptimize(rows.columns.data());
  }
  report(state, records);
}

template <class Read>
void read_bare(benchmark::State& state, const Records& records, const Read& read) {
  simdjson::ondemand::parser parser;
  for (auto _ : state) {
    std::uint64_t sum = 0;
    for (const std::string_view record : records.views) {
      simdjson::ondemand::document document;
      const auto error =
          parser.iterate(record.data(), record.size(), record.size() + Block::kSlack).get(document);
      MR_ASSERT(error == simdjson::SUCCESS);
      sum += read(document);
    }
    benchmark::DoNotOptimize(sum);
  }
  report(state, records);
}

void users_to_12_columns(benchmark::State& state) {
  decode(state, Records(user), user_schema());
}

void users_bare_on_demand(benchmark::State& state) {
  read_bare(state, Records(user), [](simdjson::ondemand::document& document) {
    std::uint64_t sum = 0;
    simdjson::ondemand::object object = document.get_object();
    for (const std::string_view name : kUserFields) {
      std::string_view value;
      MR_ASSERT(object.find_field(name).get_string().get(value) == simdjson::SUCCESS);
      sum += value.size();
    }
    return sum;
  });
}

void bids_to_4_columns(benchmark::State& state) {
  decode(state, Records(bid), bid_schema());
}

void bids_bare_on_demand(benchmark::State& state) {
  read_bare(state, Records(bid), [](simdjson::ondemand::document& document) {
    std::uint64_t sum = 0;
    simdjson::ondemand::object object = document.get_object();
    for (const std::string_view name : {"auction", "bidder", "price", "dateTime"}) {
      std::int64_t value = 0;
      MR_ASSERT(object.find_field(name).get_int64().get(value) == simdjson::SUCCESS);
      sum += static_cast<std::uint64_t>(value);
    }
    return sum;
  });
}

void users_to_json(benchmark::State& state) {
  const Records records(user);
  const Schema schema = user_schema();
  JsonDecoder decoder = MUST(JsonDecoder::create(schema, JsonOptions()));
  const JsonRows rows = decoder.decode(records.views, records.blocks);
  const millrace::format::JsonWriter writer(schema);
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (std::size_t row = 0; row < kRecords; ++row) {
      writer.append_row(out, rows.columns, row);
    }
    benchmark::DoNotOptimize(out.data());
  }
  report(state, records);
}

}  // namespace

BENCHMARK(users_to_12_columns);
BENCHMARK(users_bare_on_demand);
BENCHMARK(bids_to_4_columns);
BENCHMARK(bids_bare_on_demand);
BENCHMARK(users_to_json);
