#include "cli/compare_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "cli/exit_status.h"
#include "out/output_file.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

constexpr std::string_view kByModel = "model";
constexpr std::string_view kByFile = "file";
constexpr const char* kUsualLabel = "variant";

std::optional<std::string> LabelOf(const RunData& run, const std::string& label) {
  const auto& labels = run.summary.context.labels;
  const auto found = labels.find(label);
  return found == labels.end() ? std::nullopt : std::optional(found->second);
}

/// How many values a label has; 0 if some run lacks it.
std::size_t ValuesOf(const std::vector<RunData>& runs, const std::string& label) {
  std::set<std::string> values;
  for (const RunData& run : runs) {
    const auto value = LabelOf(run, label);
    if (!value) return 0;
    values.insert(*value);
  }
  return values.size();
}

bool ModelsDiffer(const std::vector<RunData>& runs) {
  return std::any_of(runs.begin(), runs.end(), [&runs](const RunData& run) {
    return run.summary.context.model != runs[0].summary.context.model;
  });
}

std::string WhatTellsApart(const std::vector<RunData>& runs) {
  if (ValuesOf(runs, kUsualLabel) > 1) return kUsualLabel;
  std::vector<std::string> telling;
  for (const auto& [label, value] : runs[0].summary.context.labels) {
    if (ValuesOf(runs, label) > 1) telling.push_back(label);
  }
  if (telling.size() == 1) return telling[0];
  return std::string(ModelsDiffer(runs) ? kByModel : kByFile);
}

std::string NameOf(const RunData& run, const std::string& by) {
  if (by == kByFile) return run.path;
  if (by == kByModel) return run.summary.context.model;
  const auto value = LabelOf(run, by);
  if (!value) {
    throw UsageError(fmt::format(
        "--by: '{}' has no label '{}': run it with --label {}=.., or give --by model or file",
        run.path, by, by));
  }
  return *value;
}

/// The records of a run and its summary are not two runs.
void CheckRunsDiffer(const Variant& variant) {
  std::map<std::string, std::string> path_of;
  for (const RunData& run : variant.runs) {
    const std::string& id = run.summary.context.run_id;
    const auto [seen, is_new] = path_of.emplace(id, run.path);
    if (is_new || id.empty()) continue;
    throw UsageError(fmt::format("'{}' and '{}' are of one run, {}: a run is no repeat of itself",
                                 seen->second, run.path, id));
  }
}

void CheckFilesDiffer(const std::vector<std::string>& files) {
  std::set<std::string> seen;
  for (const std::string& file : files) {
    if (!seen.insert(file).second) {
      throw UsageError(fmt::format("'{}' is given twice: a run is no repeat of itself", file));
    }
  }
}

}  // namespace

void CompareCommandOptions::Define(OptionSet& options) {
  options.Positionals("FILES", files,
                      "Record files or summary JSONs, also of the replaced script; several of one "
                      "variant are its repeats");
  options.Group("Comparison");
  options.Text("--by NAME", by,
               "What tells variants apart: a label's name, model or file; without it the label "
               "variant, else the one that differs, else the model, else the file");
  options.Text("--baseline NAME", baseline,
               "Variant (or one of its files) that the others are held against; without it the "
               "first");
  options.Number("--margin PERCENT", margin_percent, {0.01, 100},
                 "A difference below it counts as none");
  options.Number("--run-noise PERCENT", run_noise_percent, {0, 100},
                 "Spread from run to run to assume where each variant has a single run");
  options.List("--missing NAME[=REASON]", missing,
               "Show a variant that there is no run of as N/A, and why (repeatable)");
  options.Flag("--strict", strict, "Exit with 1 where there is a reason not to compare");
  options.Group("Output");
  options.Text("--out FILE", out,
               "Write the comparison as JSON; - is stdout, in place of the text");
  options.Text("--markdown FILE", markdown,
               "Write it as Markdown; - is stdout, in place of the text");
  options.Text("--html FILE", html, "Write a page with plots: one file, for any browser");
}

void CompareCommandOptions::Check() const {
  CheckFilesDiffer(files);
  static_cast<void>(Missing());
  if (out == "-" && markdown == "-") {
    throw UsageError("--out and --markdown both name stdout: give one of them a file");
  }
  if (html == "-") throw UsageError("--html: a page goes into a file, not to stdout");
  for (const std::string* path : {&out, &markdown, &html}) {
    if (!path->empty() && *path != "-") CheckOutputPath(*path);
    if (std::any_of(files.begin(), files.end(),
                    [path](const std::string& run) { return NameSameFile(run, *path); })) {
      throw UsageError(fmt::format("'{}' would be overwritten: it is one of the runs", *path));
    }
  }
  if (NameSameFile(out, markdown)) {
    throw UsageError("--out and --markdown name the same file: give two");
  }
  if (NameSameFile(html, out) || NameSameFile(html, markdown)) {
    throw UsageError("--html names the same file as another output: give it its own");
  }
}

std::vector<MissingVariant> CompareCommandOptions::Missing() const {
  std::vector<MissingVariant> parsed;
  for (const std::string& text : missing) {
    const auto equals = text.find('=');
    MissingVariant variant = {.name = text.substr(0, equals)};
    if (variant.name.empty()) {
      throw UsageError(fmt::format("--missing: '{}' is not of the form NAME=REASON", text));
    }
    if (equals != std::string::npos) variant.reason = text.substr(equals + 1);
    parsed.push_back(std::move(variant));
  }
  return parsed;
}

std::vector<Variant> GroupRuns(std::vector<RunData> runs, const std::string& by) {
  const std::string telling = by.empty() ? WhatTellsApart(runs) : by;
  std::vector<Variant> variants;
  for (RunData& run : runs) {
    const std::string name = NameOf(run, telling);
    auto variant = std::find_if(variants.begin(), variants.end(),
                                [&name](const Variant& known) { return known.name == name; });
    if (variant == variants.end()) variant = variants.insert(variant, {.name = name});
    variant->runs.push_back(std::move(run));
  }
  if (variants.size() < 2) {
    throw UsageError(
        fmt::format("all runs are of one variant, '{}' (by {}): give runs of two, or "
                    "--by the label that tells them apart, or --by file",
                    variants[0].name, telling));
  }
  for (const Variant& variant : variants) CheckRunsDiffer(variant);
  return variants;
}

void CheckMissing(const std::vector<MissingVariant>& missing,
                  const std::vector<Variant>& variants) {
  for (const Variant& variant : variants) {
    const auto is_it = [&](const MissingVariant& other) { return other.name == variant.name; };
    if (std::any_of(missing.begin(), missing.end(), is_it)) {
      throw UsageError(fmt::format("--missing: there are runs of '{}'", variant.name));
    }
  }
}

std::size_t FindBaseline(const std::vector<Variant>& variants, const std::string& name) {
  if (name.empty()) return 0;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (variants[i].name == name) return i;
    names.push_back(variants[i].name);
  }
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const auto& runs = variants[i].runs;
    const auto is_it = [&name](const RunData& run) { return run.path == name; };
    if (std::any_of(runs.begin(), runs.end(), is_it)) return i;
  }
  throw UsageError(
      fmt::format("--baseline: '{}' is neither a variant nor one of the files: give "
                  "one of {}",
                  name, fmt::join(names, ", ")));
}

int ExitStatusOf(const Comparison& comparison) {
  switch (Overall(comparison)) {
    case Verdict::kWorse:
      return kExitWorse;
    case Verdict::kUndecided:
      return kExitUndecided;
    default:
      return kExitGood;
  }
}

}  // namespace sseprof
