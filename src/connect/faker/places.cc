// Addresses and the like.
#include <fmt/format.h>

#include "connect/faker/detail/providers.h"
#include "connect/faker/detail/words.h"

namespace millrace::connect::faker::detail {
namespace {

using Append = void (*)(Draw&, std::string&);

template <Append kAppend>
Maker placed(Arguments /*none*/, std::string& /*problem*/) {
  return kAppend;
}

template <WordList kList>
void one_of(Draw& draw, std::string& out) {
  out.append(pick(draw, words(kList)));
}

void building_number(Draw& draw, std::string& out) {
  out.append(std::to_string(draw.random.between(1, 9'999)));
}

void street_name(Draw& draw, std::string& out) {
  one_of<WordList::kFamilyNames>(draw, out);
  out.push_back(' ');
  one_of<WordList::kStreetSuffixes>(draw, out);
}

void street_address(Draw& draw, std::string& out) {
  building_number(draw, out);
  out.push_back(' ');
  street_name(draw, out);
}

void secondary_address(Draw& draw, std::string& out) {
  out.append(draw.random.one_in(2) ? "Apt. " : "Suite ");
  append_filled(draw, "###", {.letters = false}, out);
}

void zip_code(Draw& draw, std::string& out) {
  append_filled(draw, "#####", {.letters = false}, out);
}

void full_address(Draw& draw, std::string& out) {
  street_address(draw, out);
  out.append(", ");
  one_of<WordList::kCities>(draw, out);
  out.append(", ");
  one_of<WordList::kStateCodes>(draw, out);
  out.push_back(' ');
  zip_code(draw, out);
}

void degrees(Draw& draw, std::int64_t limit, std::string& out) {
  constexpr std::int64_t kMillionth = 1'000'000;
  const std::int64_t drawn = draw.random.between(-limit * kMillionth, limit * kMillionth);
  const std::int64_t size = drawn < 0 ? -drawn : drawn;
  out.append(fmt::format("{}{}.{:06}", drawn < 0 ? "-" : "", size / kMillionth, size % kMillionth));
}

void latitude(Draw& draw, std::string& out) {
  degrees(draw, 90, out);
}

void longitude(Draw& draw, std::string& out) {
  degrees(draw, 180, out);
}

constexpr Provider kPlaceProviders[] = {
    {.name = "Address.fullAddress", .make = placed<full_address>},
    {.name = "Address.streetAddress", .make = placed<street_address>},
    {.name = "Address.streetName", .make = placed<street_name>},
    {.name = "Address.streetSuffix", .make = placed<one_of<WordList::kStreetSuffixes>>},
    {.name = "Address.buildingNumber", .make = placed<building_number>},
    {.name = "Address.streetAddressNumber", .make = placed<building_number>},
    {.name = "Address.secondaryAddress", .make = placed<secondary_address>},
    {.name = "Address.city", .make = placed<one_of<WordList::kCities>>},
    {.name = "Address.cityName", .make = placed<one_of<WordList::kCities>>},
    {.name = "Address.state", .make = placed<one_of<WordList::kStates>>},
    {.name = "Address.stateAbbr", .make = placed<one_of<WordList::kStateCodes>>},
    {.name = "Address.zipCode", .make = placed<zip_code>},
    {.name = "Address.country", .make = placed<one_of<WordList::kCountries>>},
    {.name = "Address.countryCode", .make = placed<one_of<WordList::kCountryCodes>>},
    {.name = "Address.latitude", .kind = ValueKind::kNumber, .make = placed<latitude>},
    {.name = "Address.longitude", .kind = ValueKind::kNumber, .make = placed<longitude>},
    {.name = "Address.timeZone", .make = placed<one_of<WordList::kTimeZones>>},
    {.name = "Country.name", .make = placed<one_of<WordList::kCountries>>},
    {.name = "Country.countryCode2", .make = placed<one_of<WordList::kCountryCodes>>},
};

}  // namespace

std::span<const Provider> place_providers() {
  return kPlaceProviders;
}

}  // namespace millrace::connect::faker::detail
