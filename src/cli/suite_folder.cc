#include "cli/suite_folder.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "cli/run_facts.h"
#include "net/clock.h"
#include "out/output_file.h"
#include "out/record_file.h"
#include "sseprof/error.h"
#include "sseprof/wall_time.h"
#include "suite/guarded_process.h"
#include "wire/json.h"

namespace sseprof {
namespace {

namespace fs = std::filesystem;

bool HoldsRuns(const std::string& path) {
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(path, problem)) {
    if (entry.path().extension() == ".jsonl") return true;
  }
  return false;
}

/// What a short command prints; nothing if it can't be started or does not end.
std::optional<std::string> OutputOf(const std::vector<std::string>& command,
                                    const std::string& file) {
  try {
    GuardedProcess process({.argv = command, .log = file});
    const auto end = process.WaitForEnd(std::chrono::seconds{10});
    if (!end || *end != 0) return std::nullopt;
  } catch (const UsageError&) {
    return std::nullopt;
  }
  std::ifstream in(file);
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

SuiteFolder::SuiteFolder(std::string path, Runs runs) : path_(std::move(path)) {
  std::error_code problem;
  fs::create_directories(path_, problem);
  if (problem) {
    throw UsageError(fmt::format("cannot make the folder '{}': {}; give another --out", path_,
                                 problem.message()));
  }
  if (runs == Runs::kNone && HoldsRuns(path_)) {
    throw UsageError(fmt::format(
        "'{}' holds runs already: give --resume to go on with them, or another --out", path_));
  }
  CheckOutputPath(File("plan.json"));
}

std::string SuiteFolder::File(const std::string& name) const {
  return (fs::path(path_) / name).string();
}

std::string SuiteFolder::ServerLog(const PlanVariant& variant) const {
  return File(variant.name + ".server.log");
}

std::string SuiteFolder::Records(const PlanVariant& variant, int run) const {
  return File(fmt::format("{}.{}.jsonl", variant.name, run));
}

std::string SuiteFolder::Summary(const PlanVariant& variant, int run) const {
  return File(fmt::format("{}.{}.json", variant.name, run));
}

std::string SuiteFolder::Text(const PlanVariant& variant, int run) const {
  return File(fmt::format("{}.{}.txt", variant.name, run));
}

bool SuiteFolder::IsDone(const PlanVariant& variant, int run) const {
  const std::string path = Records(variant, run);
  if (!fs::exists(path)) return false;
  try {
    RecordReader reader(path);
    while (reader.Next()) {
    }
    return reader.end() && !reader.end()->interrupted_at;
  } catch (const UsageError&) {
    return false;
  }
}

void SuiteFolder::SetAside(const PlanVariant& variant, int run) const {
  for (const std::string& path :
       {Records(variant, run), Summary(variant, run), Text(variant, run)}) {
    const fs::path from(path);
    const fs::path to = fs::path(from).replace_extension(".failed" + from.extension().string());
    std::error_code not_there;
    fs::rename(from, to, not_there);
  }
}

void WriteSurroundings(const SuiteFolder& folder, std::string_view plan_text) {
  WriteFile(folder.File("plan.json"), plan_text);
  const std::string scratch = folder.File("nvidia-smi.txt");
  const auto gpus =
      OutputOf({"nvidia-smi", "--query-gpu=name,driver_version,memory.total,mig.mode.current",
                "--format=csv,noheader"},
               scratch);
  std::error_code ignored;
  fs::remove(scratch, ignored);

  JsonWriter json(JsonWriter::Style::kPretty);
  json.BeginObject().Member("written_at", std::string_view(Rfc3339(RealNow())));
  json.Member("sseprof_version", SSEPROF_VERSION).Key("host").BeginObject();
  for (const auto& [name, value] : HostFacts()) json.Member(name, std::string_view(value));
  json.EndObject().Key("nvidia_smi");
  gpus ? json.String(*gpus) : json.Null();
  json.EndObject();
  WriteFile(folder.File("environment.json"), std::string(json.text()) + "\n");
}

}  // namespace sseprof
