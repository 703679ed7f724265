// Names, telephones, the internet, companies, jobs, goods.
#include <fmt/format.h>

#include "base/ascii.h"
#include "base/uuid.h"
#include "config/option_table.h"
#include "connect/faker/detail/providers.h"
#include "connect/faker/detail/words.h"

namespace millrace::connect::faker::detail {
namespace {

using Append = void (*)(Draw&, std::string&);

// A provider without arguments.
template <Append kAppend>
Maker plain(Arguments /*none*/, std::string& /*problem*/) {
  return kAppend;
}

template <WordList kList>
void word(Draw& draw, std::string& out) {
  out.append(pick(draw, words(kList)));
}

void first_name(Draw& draw, std::string& out) {
  out.append(
      pick(draw, words(draw.random.one_in(2) ? WordList::kFemaleNames : WordList::kMaleNames)));
}

void family_name(Draw& draw, std::string& out) {
  word<WordList::kFamilyNames>(draw, out);
}

void short_name(Draw& draw, std::string& out) {
  first_name(draw, out);
  out.push_back(' ');
  family_name(draw, out);
}

void full_name(Draw& draw, std::string& out) {
  const std::uint64_t form = draw.random.below(10);
  if (form == 0) {
    word<WordList::kNamePrefixes>(draw, out);
    out.push_back(' ');
  }
  short_name(draw, out);
  if (form == 1) {
    out.push_back(' ');
    word<WordList::kNameSuffixes>(draw, out);
  }
}

void name_with_middle(Draw& draw, std::string& out) {
  first_name(draw, out);
  out.push_back(' ');
  short_name(draw, out);
}

void append_small(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (is_ascii_letter(c)) {
      out.push_back(ascii_lower(c));
    }
  }
}

void user_name(Draw& draw, std::string& out) {
  std::string name;
  first_name(draw, name);
  append_small(name, out);
  out.push_back('.');
  append_small(pick(draw, words(WordList::kFamilyNames)), out);
}

void job_title(Draw& draw, std::string& out) {
  word<WordList::kJobLevels>(draw, out);
  out.push_back(' ');
  word<WordList::kJobFields>(draw, out);
  out.push_back(' ');
  word<WordList::kJobPositions>(draw, out);
}

void phone(Draw& draw, std::string& out) {
  constexpr std::string_view kForms[] = {
      "###-###-####", "(###) ###-####", "1-###-###-####", "###.###.####"};
  append_filled(draw, pick(draw, kForms), {.letters = false}, out);
}

void cell_phone(Draw& draw, std::string& out) {
  append_filled(draw, "###-###-####", {.letters = false}, out);
}

void mail(Draw& draw, std::string& out) {
  user_name(draw, out);
  out.push_back('@');
  word<WordList::kMailProviders>(draw, out);
}

void domain_word(Draw& draw, std::string& out) {
  append_small(pick(draw, words(WordList::kFamilyNames)), out);
}

void domain(Draw& draw, std::string& out) {
  domain_word(draw, out);
  out.push_back('.');
  word<WordList::kDomainSuffixes>(draw, out);
}

void address_of_page(Draw& draw, std::string& out) {
  out.append("www.");
  domain(draw, out);
}

void slug(Draw& draw, std::string& out) {
  word<WordList::kLatin>(draw, out);
  out.push_back('_');
  word<WordList::kLatin>(draw, out);
}

void ip_v4(Draw& draw, std::string& out) {
  out.append(fmt::format("{}.{}.{}.{}",
                         draw.random.between(2, 254),
                         draw.random.below(256),
                         draw.random.below(256),
                         draw.random.between(1, 254)));
}

void private_ip_v4(Draw& draw, std::string& out) {
  out.append(fmt::format(
      "10.{}.{}.{}", draw.random.below(256), draw.random.below(256), draw.random.between(1, 254)));
}

void public_ip_v4(Draw& draw, std::string& out) {
  out.append(fmt::format("{}.{}.{}.{}",
                         draw.random.between(11, 99),
                         draw.random.below(256),
                         draw.random.below(256),
                         draw.random.between(1, 254)));
}

void ip_v6(Draw& draw, std::string& out) {
  for (int i = 0; i < 8; ++i) {
    out.append(fmt::format("{}{:x}", i == 0 ? "" : ":", draw.random.below(65'536)));
  }
}

void mac(Draw& draw, std::string& out) {
  for (int i = 0; i < 6; ++i) {
    out.append(fmt::format("{}{:02x}", i == 0 ? "" : ":", draw.random.below(256)));
  }
}

void uuid(Draw& draw, std::string& out) {
  const std::uint64_t high = draw.random.next();
  out.append(Uuid::from_bits(high, draw.random.next()).to_string());
}

Maker password(Arguments arguments, std::string& problem) {
  const auto least = arguments.empty() ? 8 : config::parse_int(arguments[0]).value_or(-1);
  const auto most = arguments.size() < 2 ? least + 8 : config::parse_int(arguments[1]).value_or(-1);
  if (least < 1 || most < least || most > 1'000) {
    problem = "a password has 1 to 1000 characters";
    return nullptr;
  }
  return [least, most](Draw& draw, std::string& out) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (std::int64_t left = draw.random.between(least, most); left > 0; --left) {
      out.push_back(kLetters[draw.random.below(kLetters.size())]);
    }
  };
}

void company(Draw& draw, std::string& out) {
  if (draw.random.one_in(3)) {
    family_name(draw, out);
    out.append(", ");
    family_name(draw, out);
    out.append(" and ");
    family_name(draw, out);
    return;
  }
  family_name(draw, out);
  out.push_back(' ');
  word<WordList::kCompanySuffixes>(draw, out);
}

void catch_phrase(Draw& draw, std::string& out) {
  word<WordList::kCatchAdjectives>(draw, out);
  out.push_back(' ');
  word<WordList::kBuzzwords>(draw, out);
  out.push_back(' ');
  word<WordList::kCatchNouns>(draw, out);
}

void product(Draw& draw, std::string& out) {
  word<WordList::kProductAdjectives>(draw, out);
  out.push_back(' ');
  word<WordList::kMaterials>(draw, out);
  out.push_back(' ');
  word<WordList::kProducts>(draw, out);
}

Maker price(Arguments arguments, std::string& problem) {
  const double low = arguments.empty() ? 0 : config::parse_double(arguments[0]).value_or(-1);
  const double high =
      arguments.size() < 2 ? std::max(low, 100.0) : config::parse_double(arguments[1]).value_or(-1);
  if (low < 0 || high < low || high > 1e12) {
    problem = "a price lies between two numbers from 0 on";
    return nullptr;
  }
  const auto cents = [](double price) {
    return static_cast<std::int64_t>(price * 100 + 0.5);
  };
  return [low = cents(low), high = cents(high)](Draw& draw, std::string& out) {
    const std::int64_t chosen = draw.random.between(low, high);
    out.append(fmt::format("{}.{:02}", chosen / 100, chosen % 100));
  };
}

void credit_card(Draw& draw, std::string& out) {
  append_filled(draw, "4###-####-####-####", {.letters = false}, out);
}

void social_security(Draw& draw, std::string& out) {
  out.append(fmt::format("{:03}-{:02}-{:04}",
                         draw.random.between(1, 665),
                         draw.random.between(1, 99),
                         draw.random.between(1, 9'999)));
}

constexpr Provider kProviders[] = {
    {.name = "Name.fullName", .make = plain<full_name>},
    {.name = "Name.name", .make = plain<full_name>},
    {.name = "Name.nameWithMiddle", .make = plain<name_with_middle>},
    {.name = "Name.firstName", .make = plain<first_name>},
    {.name = "Name.femaleFirstName", .make = plain<word<WordList::kFemaleNames>>},
    {.name = "Name.maleFirstName", .make = plain<word<WordList::kMaleNames>>},
    {.name = "Name.lastName", .make = plain<family_name>},
    {.name = "Name.prefix", .make = plain<word<WordList::kNamePrefixes>>},
    {.name = "Name.suffix", .make = plain<word<WordList::kNameSuffixes>>},
    {.name = "Name.title", .make = plain<job_title>},
    {.name = "Name.username", .make = plain<user_name>},
    {.name = "PhoneNumber.phoneNumber", .make = plain<phone>},
    {.name = "PhoneNumber.cellPhone", .make = plain<cell_phone>},
    {.name = "Internet.emailAddress", .make = plain<mail>},
    {.name = "Internet.safeEmailAddress", .make = plain<mail>},
    {.name = "Internet.domainName", .make = plain<domain>},
    {.name = "Internet.domainWord", .make = plain<domain_word>},
    {.name = "Internet.domainSuffix", .make = plain<word<WordList::kDomainSuffixes>>},
    {.name = "Internet.url", .make = plain<address_of_page>},
    {.name = "Internet.slug", .make = plain<slug>},
    {.name = "Internet.ipV4Address", .make = plain<ip_v4>},
    {.name = "Internet.privateIpV4Address", .make = plain<private_ip_v4>},
    {.name = "Internet.publicIpV4Address", .make = plain<public_ip_v4>},
    {.name = "Internet.ipV6Address", .make = plain<ip_v6>},
    {.name = "Internet.macAddress", .make = plain<mac>},
    {.name = "Internet.uuid", .make = plain<uuid>},
    {.name = "Internet.password", .arguments_max = 2, .make = password},
    {.name = "Internet.userAgentAny", .make = plain<word<WordList::kUserAgents>>},
    {.name = "IdNumber.valid", .make = plain<social_security>},
    {.name = "IdNumber.ssnValid", .make = plain<social_security>},
    {.name = "Company.name", .make = plain<company>},
    {.name = "Company.suffix", .make = plain<word<WordList::kCompanySuffixes>>},
    {.name = "Company.industry", .make = plain<word<WordList::kIndustries>>},
    {.name = "Company.profession", .make = plain<word<WordList::kProfessions>>},
    {.name = "Company.buzzword", .make = plain<word<WordList::kBuzzwords>>},
    {.name = "Company.catchPhrase", .make = plain<catch_phrase>},
    {.name = "Commerce.productName", .make = plain<product>},
    {.name = "Commerce.material", .make = plain<word<WordList::kMaterials>>},
    {.name = "Commerce.department", .make = plain<word<WordList::kDepartments>>},
    {.name = "Commerce.color", .make = plain<word<WordList::kColors>>},
    {.name = "Commerce.price", .arguments_max = 2, .kind = ValueKind::kNumber, .make = price},
    {.name = "Color.name", .make = plain<word<WordList::kColors>>},
    {.name = "Finance.creditCard", .make = plain<credit_card>},
    {.name = "Currency.code", .make = plain<word<WordList::kCurrencyCodes>>},
    {.name = "Currency.name", .make = plain<word<WordList::kCurrencyNames>>},
    {.name = "Job.title", .make = plain<job_title>},
    {.name = "Job.field", .make = plain<word<WordList::kJobFields>>},
    {.name = "Job.position", .make = plain<word<WordList::kJobPositions>>},
    {.name = "Job.seniority", .make = plain<word<WordList::kJobLevels>>},
};

}  // namespace

std::span<const Provider> people_providers() {
  return kProviders;
}

}  // namespace millrace::connect::faker::detail
