#define OPENSSL_SUPPRESS_DEPRECATED  // See hex_digest().
#include "connect/randomuser/generator.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "connect/randomuser/tables.h"

namespace millrace::connect::randomuser {
namespace {

constexpr std::array<std::string_view, kFields> kFieldNames = {"gender",
                                                               "name",
                                                               "location",
                                                               "email",
                                                               "login",
                                                               "dob",
                                                               "registered",
                                                               "phone",
                                                               "cell",
                                                               "id",
                                                               "picture",
                                                               "nat"};

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kYearMs = 365 * kDayMs + 6 * 3'600'000;

struct Accent {
  char32_t letter;
  std::string_view ascii;
};

// Sorted by letter, small letters only: those of the word lists.
constexpr Accent kAccents[] = {
    {U'ß', "ss"}, {U'à', "a"}, {U'á', "a"}, {U'â', "a"},  {U'ã', "a"},  {U'ä', "a"}, {U'å', "a"},
    {U'æ', "ae"}, {U'ç', "c"}, {U'è', "e"}, {U'é', "e"},  {U'ê', "e"},  {U'ë', "e"}, {U'ì', "i"},
    {U'í', "i"},  {U'î', "i"}, {U'ï', "i"}, {U'ñ', "n"},  {U'ò', "o"},  {U'ó', "o"}, {U'ô', "o"},
    {U'õ', "o"},  {U'ö', "o"}, {U'ø', "o"}, {U'ù', "u"},  {U'ú', "u"},  {U'û', "u"}, {U'ü', "u"},
    {U'ý', "y"},  {U'ā', "a"}, {U'ć', "c"}, {U'č', "c"},  {U'đ', "dj"}, {U'ē', "e"}, {U'ğ', "g"},
    {U'ī', "i"},  {U'ı', "i"}, {U'ō', "o"}, {U'œ', "oe"}, {U'ş', "s"},  {U'š', "s"}, {U'ū', "u"},
    {U'ž', "z"}};

// Small form of the capitals that occur.
char32_t lower_letter(char32_t letter) {
  if ((letter >= U'A' && letter <= U'Z') || (letter >= U'À' && letter <= U'Þ' && letter != U'×')) {
    return letter + 0x20;
  }
  if (letter == U'İ') {
    return U'i';
  }
  if (letter >= 0x100 && letter <= 0x137) {
    return letter | 1U;
  }
  if (letter >= 0x14A && letter <= 0x177) {
    return letter | 1U;
  }
  return letter == U'Ž' ? U'ž' : letter;
}

// Small ASCII letters and digits; everything else is dropped.
std::string ascii_of(const Word& word) {
  if (!word.ascii.empty()) {
    return std::string(word.ascii);
  }
  std::string ascii;
  for (std::size_t at = 0; at < word.text.size();) {
    const char32_t letter = lower_letter(next_code_point(word.text, at));
    if ((letter >= U'a' && letter <= U'z') || (letter >= U'0' && letter <= U'9')) {
      ascii.push_back(static_cast<char>(letter));
      continue;
    }
    const Accent* found = std::ranges::lower_bound(kAccents, letter, {}, &Accent::letter);
    if (found != std::end(kAccents) && found->letter == letter) {
      ascii += found->ascii;
    }
  }
  return ascii;
}

template <class T>
const T& pick(Random& random, const std::vector<T>& from) {
  return from[random.below(from.size())];
}

std::string_view pick(Random& random, std::span<const std::string_view> from) {
  return from[random.below(from.size())];
}

char digit(Random& random, std::uint64_t from = 0) {
  return static_cast<char>('0' + from + random.below(10 - from));
}

char capital(Random& random) {
  constexpr std::string_view kLetters = "ABCEGHJKLMNPRSTVXY";  // Those of Canadian postcodes.
  return kLetters[random.below(kLetters.size())];
}

std::string fill_pattern(Random& random, std::string_view pattern) {
  std::string text;
  for (const char c : pattern) {
    if (c == '#') {
      text.push_back(digit(random));
    } else if (c == '%') {
      text.push_back(digit(random, 1));
    } else if (c == '?') {
      text.push_back(capital(random));
    } else {
      text.push_back(c);
    }
  }
  return text;
}

// "2007-07-09T05:51:59.390Z"
std::string iso_ms(std::int64_t ms) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::int64_t in_day = (time - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                     static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()),
                     in_day / 3'600'000,
                     in_day / 60'000 % 60,
                     in_day / 1000 % 60,
                     in_day % 1000);
}

// The direct functions: what OpenSSL recommends instead loads its configuration and providers
// first, 2 ms and 1 MB at the start of a program for hashes of 17 bytes.
template <class Context, std::size_t kBytes, class Init, class Update, class Final>
std::string hex_digest(std::string_view text, Init init, Update update, Final final) {
  std::array<unsigned char, kBytes> digest{};
  Context context;
  if (init(&context) != 1 || update(&context, text.data(), text.size()) != 1 ||
      final(digest.data(), &context) != 1) {
    return {};
  }
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string md5_hex(std::string_view text) {
  return hex_digest<MD5_CTX, MD5_DIGEST_LENGTH>(text, MD5_Init, MD5_Update, MD5_Final);
}

std::string sha1_hex(std::string_view text) {
  return hex_digest<SHA_CTX, SHA_DIGEST_LENGTH>(text, SHA1_Init, SHA1_Update, SHA1_Final);
}

std::string sha256_hex(std::string_view text) {
  return hex_digest<SHA256_CTX, SHA256_DIGEST_LENGTH>(
      text, SHA256_Init, SHA256_Update, SHA256_Final);
}

// Draws happen in the order of the keys and do not depend on which of them are written.
template <class Writer>
class UserWriter {
 public:
  UserWriter(Writer& json, Random& random, const UserChoice& choice)
      : json_(json), random_(random), choice_(choice) {}

  void write() {
    choose();
    json_.StartObject();
    write_gender();
    write_name();
    write_location();
    write_email();
    write_login();
    write_date(Field::kDob, 21 * kYearMs, 79 * kYearMs);
    write_date(Field::kRegistered, kDayMs, 20 * kYearMs);
    write_pattern(Field::kPhone, nation_->phone);
    write_pattern(Field::kCell, nation_->cell);
    write_id();
    write_picture();
    if (wants(Field::kNat)) {
      text("nat", nation_->code);
    }
    json_.EndObject();
  }

 private:
  [[nodiscard]] bool wants(Field field) const {
    return ((choice_.fields >> static_cast<unsigned>(field)) & 1U) != 0;
  }

  void key(std::string_view name) {
    json_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }

  void text(std::string_view name, std::string_view value) {
    key(name);
    json_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  void choose() {
    const std::span<const Nationality> all = nationalities();
    const std::vector<std::uint8_t>& chosen = choice_.nationalities;
    nation_ = chosen.empty() ? &all[random_.below(all.size())]
                             : &all[chosen[random_.below(chosen.size())]];
    const Gender drawn = random_.one_in(2) ? Gender::kFemale : Gender::kMale;
    male_ = choice_.gender.value_or(drawn) == Gender::kMale;
    first_ = &pick(random_, male_ ? nation_->men : nation_->women);
    family_ = &pick(random_, nation_->families);
  }

  void write_gender() {
    if (wants(Field::kGender)) {
      text("gender", male_ ? "male" : "female");
    }
  }

  void write_name() {
    constexpr std::array<std::string_view, 3> kTitles = {"Miss", "Mrs", "Ms"};
    const std::string_view title = kTitles[random_.below(kTitles.size())];
    if (!wants(Field::kName)) {
      return;
    }
    key("name");
    json_.StartObject();
    text("title", male_ ? "Mr" : title);
    text("first", first_->text);
    text("last", family_->text);
    json_.EndObject();
  }

  void write_location() {
    const std::int64_t number = random_.between(1, 9999);
    const std::string_view street = pick(random_, nation_->streets);
    const std::string_view city = pick(random_, nation_->cities);
    const std::string_view state = pick(random_, nation_->states);
    Random postcode(random_.next());
    const std::int64_t latitude = random_.between(-900'000, 900'000);
    const std::int64_t longitude = random_.between(-1'800'000, 1'800'000);
    const TimeZoneWords& zone = time_zones()[random_.below(time_zones().size())];
    if (!wants(Field::kLocation)) {
      return;
    }
    key("location");
    json_.StartObject();
    key("street");
    json_.StartObject();
    key("number");
    json_.Int64(number);
    text("name", street);
    json_.EndObject();
    text("city", city);
    text("state", state);
    text("country", nation_->country);
    key("postcode");
    write_postcode(postcode);
    key("coordinates");
    json_.StartObject();
    text("latitude", degrees(latitude));
    text("longitude", degrees(longitude));
    json_.EndObject();
    key("timezone");
    json_.StartObject();
    text("offset", zone.offset);
    text("description", zone.description);
    json_.EndObject();
    json_.EndObject();
  }

  static std::string degrees(std::int64_t ten_thousandths) {
    const std::int64_t size = ten_thousandths < 0 ? -ten_thousandths : ten_thousandths;
    return fmt::format("{}{}.{:04}", ten_thousandths < 0 ? "-" : "", size / 10'000, size % 10'000);
  }

  void write_postcode(Random& random) {
    switch (nation_->postcode) {
      case PostcodeForm::kFiveDigits:
        json_.Int64(random.between(10'000, 99'999));
        return;
      case PostcodeForm::kAustralia:
        json_.Int64(random.between(200, 9'999));
        return;
      case PostcodeForm::kSwitzerland:
        json_.Int64(random.between(1'000, 9'999));
        return;
      case PostcodeForm::kFourTextual:
        string(fmt::format("{:04}", random.between(1, 9'999)));
        return;
      case PostcodeForm::kNetherlands:
        string(fill_pattern(random, "%### ??"));
        return;
      case PostcodeForm::kUnitedKingdom:
        string(fill_pattern(random, random.one_in(2) ? "??%? #??" : "?%# #??"));
        return;
      case PostcodeForm::kCanada:
        string(fill_pattern(random, "?#? #?#"));
        return;
    }
  }

  void string(std::string_view value) {
    json_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  void write_email() {
    if (wants(Field::kEmail)) {
      text("email", fmt::format("{}.{}@example.com", ascii_of(*first_), ascii_of(*family_)));
    }
  }

  void write_login() {
    const std::uint64_t high = random_.next();
    const std::uint64_t low = random_.next();
    const std::string_view adjective = pick(random_, adjectives());
    const std::string_view animal = pick(random_, animals());
    const std::int64_t number = random_.between(100, 999);
    const std::string_view password = pick(random_, passwords());
    const std::uint64_t salt_bits = random_.next();
    if (!wants(Field::kLogin)) {
      return;
    }
    constexpr std::string_view kSalt =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    std::string salt;
    for (unsigned i = 0; i < 8; ++i) {
      salt.push_back(kSalt[(salt_bits >> (6 * i)) & 63U]);
    }
    const std::string salted = std::string(password) + salt;
    key("login");
    json_.StartObject();
    text("uuid", Uuid::from_bits(high, low).to_string());
    text("username", fmt::format("{}{}{}", adjective, animal, number));
    text("password", password);
    text("salt", salt);
    text("md5", md5_hex(salted));
    text("sha1", sha1_hex(salted));
    text("sha256", sha256_hex(salted));
    json_.EndObject();
  }

  void write_date(Field field, std::int64_t least_ms, std::int64_t most_ms) {
    const std::int64_t ago = random_.between(least_ms, most_ms);
    if (!wants(field)) {
      return;
    }
    key(kFieldNames[static_cast<std::size_t>(field)]);
    json_.StartObject();
    text("date", iso_ms(kToday * 1000 - ago));
    key("age");
    json_.Int64(ago / kYearMs);
    json_.EndObject();
  }

  void write_pattern(Field field, std::string_view pattern) {
    Random random(random_.next());
    if (wants(field)) {
      text(kFieldNames[static_cast<std::size_t>(field)], fill_pattern(random, pattern));
    }
  }

  void write_id() {
    Random random(random_.next());
    if (!wants(Field::kId)) {
      return;
    }
    key("id");
    json_.StartObject();
    text("name", nation_->id_name);
    if (nation_->id_name.empty()) {
      key("value");
      json_.Null();
    } else {
      text("value", fill_pattern(random, nation_->id_pattern));
    }
    json_.EndObject();
  }

  void write_picture() {
    const std::uint64_t number = random_.below(male_ ? 100 : 97);
    if (!wants(Field::kPicture)) {
      return;
    }
    const std::string_view folder = male_ ? "men" : "women";
    constexpr std::string_view kForm = "https://randomuser.me/api/portraits/{}{}/{}.jpg";
    key("picture");
    json_.StartObject();
    text("large", fmt::format(kForm, "", folder, number));
    text("medium", fmt::format(kForm, "med/", folder, number));
    text("thumbnail", fmt::format(kForm, "thumb/", folder, number));
    json_.EndObject();
  }

  Writer& json_;
  Random& random_;
  const UserChoice& choice_;
  const Nationality* nation_ = nullptr;
  const Word* first_ = nullptr;
  const Word* family_ = nullptr;
  bool male_ = false;
};

Random random_of(std::string_view seed, std::uint64_t page, std::uint64_t index) {
  std::array<char, 16> place{};
  store_le(place.data(), page);
  store_le(place.data() + 8, index);
  return Random(xxh64({place.data(), place.size()}, xxh64(seed)));
}

template <class Writer>
void write_answer(Writer& json, const UserChoice& choice, const Generator::Page& page) {
  json.StartObject();
  json.Key("results");
  json.StartArray();
  for (std::uint32_t i = 0; i < page.results; ++i) {
    Random random = random_of(choice.seed, page.page, i);
    UserWriter<Writer>(json, random, choice).write();
  }
  json.EndArray();
  if (page.info) {
    json.Key("info");
    json.StartObject();
    json.Key("seed");
    json.String(choice.seed.data(), static_cast<rapidjson::SizeType>(choice.seed.size()));
    json.Key("results");
    json.Uint(page.results);
    json.Key("page");
    json.Uint64(page.page);
    json.Key("version");
    json.String("1.4");
    json.EndObject();
  }
  json.EndObject();
}

bool same_code(std::string_view code, std::string_view wrote) {
  return code.size() == wrote.size() &&
         std::ranges::equal(code, wrote, [](char upper, char letter) {
           return upper == letter || upper + ('a' - 'A') == letter;
         });
}

}  // namespace

std::optional<Field> find_field(std::string_view name) {
  const auto* found = std::ranges::find(kFieldNames, name);
  if (found == kFieldNames.end()) {
    return std::nullopt;
  }
  return static_cast<Field>(found - kFieldNames.begin());
}

std::string_view field_name(Field field) {
  return kFieldNames[static_cast<std::size_t>(field)];
}

std::vector<std::uint8_t> parse_nationalities(std::string_view codes,
                                              std::vector<std::string>* unknown) {
  std::vector<std::uint8_t> chosen;
  while (!codes.empty()) {
    const std::size_t comma = std::min(codes.find(','), codes.size());
    std::string_view code = codes.substr(0, comma);
    codes.remove_prefix(std::min(comma + 1, codes.size()));
    code.remove_prefix(std::min(code.find_first_not_of(' '), code.size()));
    code = code.substr(0, code.find_last_not_of(' ') + 1);
    const auto all = nationalities();
    const auto found =
        std::ranges::find_if(all, [&](const Nationality& n) { return same_code(n.code, code); });
    if (found == all.end()) {
      if (unknown != nullptr && !code.empty()) {
        unknown->emplace_back(code);
      }
      continue;
    }
    const auto index = static_cast<std::uint8_t>(found - all.begin());
    if (std::ranges::find(chosen, index) == chosen.end()) {
      chosen.push_back(index);
    }
  }
  return chosen;
}

Generator::Generator(UserChoice choice) : choice_(std::move(choice)) {}

void Generator::append_user(std::uint64_t page, std::uint64_t index, std::string& out) const {
  static thread_local rapidjson::StringBuffer buffer;
  buffer.Clear();
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  Random random = random_of(choice_.seed, page, index);
  UserWriter(json, random, choice_).write();
  out.append(buffer.GetString(), buffer.GetSize());
}

std::string Generator::answer(const Page& page) const {
  rapidjson::StringBuffer buffer;
  if (page.layout == Layout::kPretty) {
    rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
    json.SetIndent(' ', 2);
    write_answer(json, choice_, page);
  } else {
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    write_answer(json, choice_, page);
  }
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace millrace::connect::randomuser
