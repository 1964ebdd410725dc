#include "suite/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "sseprof/duration.h"
#include "suite/plan_fields.h"

namespace sseprof {
namespace {

constexpr std::string_view kNameLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
constexpr std::int64_t kMostRepeats = 1000;
// Options of runs that a plan has keys of its own for, or that follow from it.
constexpr std::string_view kOfTheSuite[] = {
    "base-url", "model",        "out",          "records",   "repeat",
    "config",   "repeat-pause", "print-config", "save-vllm", "save-aiperf"};

/// It becomes part of file names.
std::string ReadName(const PlanField& field) {
  std::string name = field.Text();
  if (name.find_first_not_of(kNameLetters) != std::string::npos || name[0] == '.') {
    field.Refuse("becomes part of file names: use letters, digits, '-', '_' and '.'");
  }
  return name;
}

Nanos ReadDuration(const PlanField& field, Nanos otherwise) {
  if (!field.exists()) return otherwise;
  const auto span = ParseDuration(field.view().AsString().value_or(field.view().Text()));
  if (!span) field.Refuse("must be a duration, like 10 (seconds), \"500ms\", \"10s\" or \"2m\"");
  return *span;
}

/// The value of an option as on a command line; "true" and "false" stand for flags.
std::string OptionValue(const PlanField& field) {
  if (const auto text = field.view().AsString()) return std::string(*text);
  if (field.view().IsObject()) return field.view().Text();  // a JSON value, as of extra-body
  if (!field.exists() || field.view().IsArray()) field.Refuse("must be a text, a number or true");
  return field.view().Text();
}

/// Options of a run by their names, each with its values.
using Options = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// {"concurrency": 16, "label": ["a=1", "b=2"]}
Options ReadOptions(const PlanField& field) {
  Options options;
  if (!field.exists()) return options;
  for (const auto& [name, value] : field.Members()) {
    if (name.starts_with("-")) value.Refuse("options stand without their dashes");
    if (std::find(std::begin(kOfTheSuite), std::end(kOfTheSuite), name) != std::end(kOfTheSuite)) {
      value.Refuse("is decided by the suite: leave it out");
    }
    options.emplace_back(name, std::vector<std::string>());
    const std::vector<PlanField> values =
        value.view().IsArray() ? value.List() : std::vector<PlanField>{value};
    for (const PlanField& one : values) options.back().second.push_back(OptionValue(one));
  }
  return options;
}

/// As on a command line. A variant's own options stand in for those of all variants.
std::vector<std::string> Arguments(const Options& of_all, const Options& own) {
  std::vector<std::string> arguments;
  const auto add = [&arguments](const auto& option) {
    for (const std::string& value : option.second) {
      if (value == "false") continue;
      arguments.push_back("--" + option.first);
      if (value != "true") arguments.push_back(value);
    }
  };
  for (const auto& option : of_all) {
    const auto is_it = [&option](const auto& other) { return other.first == option.first; };
    if (std::none_of(own.begin(), own.end(), is_it)) add(option);
  }
  for (const auto& option : own) add(option);
  return arguments;
}

PlanServer ReadServer(const PlanField& field) {
  field.Only({"command", "environment", "folder", "ready", "ready_within", "stop_within"});
  PlanServer server;
  server.command = field["command"].Texts();
  if (const PlanField environment = field["environment"]; environment.exists()) {
    server.environment = environment.TextMembers();
  }
  server.folder = field["folder"].TextOr("");
  server.ready = field["ready"].TextOr(server.ready);
  if (!server.ready.starts_with('/')) field["ready"].Refuse("must be a path, like /health");
  server.ready_within = ReadDuration(field["ready_within"], server.ready_within);
  server.stop_within = ReadDuration(field["stop_within"], server.stop_within);
  return server;
}

PlanVariant ReadVariant(const PlanField& field, const Options& of_all) {
  field.Only({"name", "base_url", "model", "server", "load"});
  PlanVariant variant;
  variant.name = ReadName(field["name"]);
  variant.base_url = field["base_url"].Text();
  variant.model = field["model"].TextOr("");
  if (const PlanField server = field["server"]; server.exists()) {
    variant.server = ReadServer(server);
  }
  variant.options = Arguments(of_all, ReadOptions(field["load"]));
  return variant;
}

PlanOrder ReadOrder(const PlanField& field) {
  const std::string order = field.TextOr("auto");
  if (order == "auto") return PlanOrder::kAuto;
  if (order == "interleaved") return PlanOrder::kInterleaved;
  if (order == "blocks") return PlanOrder::kBlocks;
  field.Refuse("must be auto, interleaved or blocks");
}

void CheckNamesDiffer(const std::vector<PlanField>& fields) {
  std::set<std::string> seen;
  for (const PlanField& field : fields) {
    if (!seen.insert(field["name"].Text()).second) {
      field["name"].Refuse("another variant has this name");
    }
  }
}

Plan ReadPlan(const PlanField& root) {
  root.Only({"sseprof_plan", "name", "load", "repeats", "order", "pause", "variants"});
  if (root["sseprof_plan"].view().AsInt() != 1) {
    root["sseprof_plan"].Refuse("must be 1: the version of this format");
  }
  Plan plan;
  plan.name = ReadName(root["name"]);
  plan.repeats = static_cast<int>(root["repeats"].IntOr(1, 1, kMostRepeats));
  plan.order = ReadOrder(root["order"]);
  plan.pause = ReadDuration(root["pause"], plan.pause);
  const Options load = ReadOptions(root["load"]);
  const std::vector<PlanField> variants = root["variants"].List();
  for (const PlanField& variant : variants) plan.variants.push_back(ReadVariant(variant, load));
  CheckNamesDiffer(variants);
  return plan;
}

}  // namespace

Plan ParsePlan(std::string_view text, const std::string& path) {
  try {
    const JsonDocument document = JsonDocument::Parse(text, JsonDocument::Dialect::kWithComments);
    const PlanText where = {.text = text, .path = path};
    return ReadPlan(PlanField(document.root(), where));
  } catch (const JsonError& error) {
    throw UsageError(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace sseprof
