#include "http/message.h"

#include <algorithm>

#include "base/json_text.h"

namespace millrace::http {

std::string_view find_header(const HeaderList& headers, std::string_view name) {
  const auto found =
      std::ranges::find_if(headers, [&](const auto& header) { return header.first == name; });
  return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

std::string_view Request::path_parameter(std::string_view name) const {
  return find_header(path_parameters, name);
}

Response error_response(int status, std::string_view message) {
  Response response{.status = status, .body = "{\"error\":"};
  append_json_string(response.body, message);
  response.body.push_back('}');
  return response;
}

std::string server_sent_event(std::string_view event, std::string_view data) {
  std::string text;
  if (!event.empty()) {
    text.append("event: ").append(event).append("\n");
  }
  while (true) {
    const std::size_t end = std::min(data.find('\n'), data.size());
    text.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == data.size()) {
      break;
    }
    data.remove_prefix(end + 1);
  }
  return text + "\n";
}

}  // namespace millrace::http
