#include "connector/feed.h"

namespace millrace::connector {

std::string_view to_string(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::kExactly:
      return "exactly";
    case Guarantee::kEffectively:
      return "effectively";
    case Guarantee::kAtLeastOnce:
      return "at_least_once";
  }
  return "at_least_once";
}

}  // namespace millrace::connector
