// The web interface on a server of ours: `millrace randomuser --port P`.
#pragma once

#include "connect/randomuser/api.h"
#include "http/router.h"

namespace millrace::connect::randomuser {

/// Adds GET /api, /api/ and /api/{version}/. REQUIRES: `api` outlives the server
void add_routes(millrace::http::Router& router, Api& api);

}  // namespace millrace::connect::randomuser
