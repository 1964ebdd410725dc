#pragma once

#include <string_view>

namespace sseprof {

/// The page with its script, style and policy in place; {{title}}, {{text}} and {{data}} stand for
/// what is still to come, each once and in this order. Made at build time by embed.cmake.
extern const std::string_view kPageTemplate;

}  // namespace sseprof
