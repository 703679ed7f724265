// The words that values are made of; English, put together by chance.
#pragma once

#include <span>
#include <string_view>

namespace millrace::connect::faker::detail {

enum class WordList : unsigned char {
  kFemaleNames,
  kMaleNames,
  kFamilyNames,
  kNamePrefixes,
  kNameSuffixes,
  kCities,
  kStates,
  kStateCodes,
  kCountries,
  kCountryCodes,
  kStreetSuffixes,
  kTimeZones,
  kDomainSuffixes,
  kMailProviders,
  kUserAgents,
  kLatin,
  kCompanySuffixes,
  kIndustries,
  kBuzzwords,
  kCatchAdjectives,
  kCatchNouns,
  kProfessions,
  kProductAdjectives,
  kMaterials,
  kProducts,
  kDepartments,
  kColors,
  kJobLevels,
  kJobFields,
  kJobPositions,
  kCurrencyCodes,
  kCurrencyNames,
};

std::span<const std::string_view> words(WordList list);

}  // namespace millrace::connect::faker::detail
