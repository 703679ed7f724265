#include "connect/faker/detail/providers.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/ascii.h"

namespace millrace::connect::faker::detail {
namespace {

// "Name.full_name" → "name.fullname".
std::string normalise(std::string_view name) {
  std::string normal = ascii_lower(name);
  std::erase(normal, '_');
  return normal;
}

std::vector<Provider> gather() {
  std::vector<Provider> all;
  for (const auto part : {people_providers(), place_providers(), value_providers()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

std::span<const Provider> providers() {
  static const std::vector<Provider> kAll = gather();
  return kAll;
}

const Provider* find_provider(std::string_view name) {
  static const std::map<std::string, const Provider*> kIndex = [] {
    std::map<std::string, const Provider*> by_name;
    for (const Provider& provider : providers()) {
      by_name.emplace(normalise(provider.name), &provider);
    }
    return by_name;
  }();
  const auto found = kIndex.find(normalise(name));
  return found == kIndex.end() ? nullptr : found->second;
}

void append_filled(Draw& draw, std::string_view pattern, FillOptions options, std::string& out) {
  for (const char c : pattern) {
    if (c == '#' && options.digits) {
      out.push_back(static_cast<char>('0' + draw.random.below(10)));
    } else if (c == '?' && options.letters) {
      out.push_back(static_cast<char>((options.capitals ? 'A' : 'a') + draw.random.below(26)));
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace millrace::connect::faker::detail
