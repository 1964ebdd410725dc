#include "cli/server_info.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/exit_status.h"
#include "net/http_get.h"
#include "sseprof/error.h"
#include "wire/json.h"

namespace sseprof {
namespace {

constexpr std::string_view kLlamaCpp = "llama.cpp";

}  // namespace

std::vector<std::string> ModelIds(std::string_view body) {
  std::vector<std::string> ids;
  try {
    const JsonDocument document = JsonDocument::Parse(body);
    const JsonView data = document.root()["data"];
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (const auto id = data.At(i)["id"].AsString()) ids.emplace_back(*id);
    }
  } catch (const JsonError&) {
    return {};
  }
  return ids;
}

std::string FindModel(const ServerAccess& access) {
  const std::string shown = access.secrets.Hide(HideUrlSecrets(access.endpoint.models));
  const HttpReply reply = HttpGet(access.curl, access.endpoint.models);
  if (reply.status == 0) {
    throw CommandFailure(kExitNoAnswer, fmt::format("no answer from {}: {}", shown,
                                                    access.secrets.Hide(reply.error)));
  }
  if (reply.status == 401 || reply.status == 403) {
    throw UsageError(
        fmt::format("{} wants an API key (HTTP {}): set OPENAI_API_KEY, or give "
                    "--api-key-env or --api-key-file",
                    shown, reply.status));
  }
  const std::vector<std::string> ids = ModelIds(reply.body);
  if (reply.status != 200 || ids.empty()) {
    throw UsageError(
        fmt::format("--model is missing, and {} does not list any (HTTP {}): give "
                    "--model NAME",
                    shown, reply.status));
  }
  if (ids.size() > 1) {
    throw UsageError(fmt::format("--model is missing, and the server has several: give one of {}",
                                 access.secrets.Hide(fmt::format("{}", fmt::join(ids, ", ")))));
  }
  return ids.front();
}

ServerInfo ReadServerInfo(int status, std::string_view version_body,
                          std::string_view server_header) {
  ServerInfo info;
  // llama.cpp names itself here. What a web server or gateway in front says is not of interest.
  if (server_header.starts_with(kLlamaCpp)) info.kind = kLlamaCpp;
  if (status != 200) return info;
  try {
    const JsonDocument document = JsonDocument::Parse(version_body);
    const auto version = document.root()["version"].AsString();
    if (!version) return info;
    // Of the servers that don't name themselves, vLLM has this page.
    if (info.kind.empty()) info.kind = "vllm";
    info.version = *version;
  } catch (const JsonError&) {
    return info;
  }
  return info;
}

ServerInfo AskServerInfo(const ServerAccess& access) {
  const HttpReply reply = HttpGet(access.curl, access.endpoint.version);
  if (reply.status == 0) return {};
  ServerInfo info = ReadServerInfo(reply.status, reply.body, reply.server);
  info.kind = access.secrets.Hide(info.kind);
  info.version = access.secrets.Hide(info.version);
  return info;
}

}  // namespace sseprof
