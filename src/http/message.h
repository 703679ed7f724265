// What a handler is given and what it gives back.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/url.h"

namespace millrace::http {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// The first value of that name (small letters), or nothing.
std::string_view find_header(const HeaderList& headers, std::string_view name);

struct Request {
  std::string method;  ///< "GET" also for a HEAD: the server drops the body.
  std::string target;  ///< As it came: path and query.
  std::string path;    ///< Decoded.
  QueryParameters query;
  HeaderList headers;  ///< Names in small letters.
  std::string body;
  /// What the `{name}` parts of the route's pattern stand for, in their order.
  std::vector<std::pair<std::string, std::string>> path_parameters;
  std::string peer;  ///< "127.0.0.1:54321"; "local" for a unix socket.

  [[nodiscard]] std::string_view header(std::string_view name) const {
    return find_header(headers, name);
  }

  /// Of the route's pattern; empty when there is none of that name.
  [[nodiscard]] std::string_view path_parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";  ///< Empty: none is sent.
  std::string body = {};
  HeaderList headers = {};
};

/// {"error": "…"}
Response error_response(int status, std::string_view message);

/// One server-sent event (HTML standard §9.2): each line of the data becomes a `data:` line.
std::string server_sent_event(std::string_view event, std::string_view data);

}  // namespace millrace::http
