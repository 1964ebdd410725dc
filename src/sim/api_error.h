#pragma once

#include <stdexcept>
#include <string>

namespace sseprof {

/// A request that the API refuses; what() is the message for the client.
class ApiError : public std::runtime_error {
 public:
  ApiError(int http_status, const std::string& message)
      : std::runtime_error(message), status_(http_status) {}

  int status() const { return status_; }
  /// vLLM's name for the kind of error, by its status.
  const char* type() const {
    switch (status_) {
      case kNotFound:
        return "NotFoundError";
      case kMethodNotAllowed:
        return "MethodNotAllowedError";
      default:
        return "BadRequestError";
    }
  }

  static constexpr int kBadRequest = 400;
  static constexpr int kNotFound = 404;
  static constexpr int kMethodNotAllowed = 405;

 private:
  int status_;
};

}  // namespace sseprof
