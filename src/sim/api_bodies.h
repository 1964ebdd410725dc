#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/api_error.h"

namespace sseprof {

/// {"error": {message, type, param, code}}
std::string ErrorBody(const ApiError& error);

/// The answer of /v1/models: the one model, `created_s` in seconds since the epoch.
std::string ModelsBody(std::string_view model, std::int64_t created_s);

}  // namespace sseprof
