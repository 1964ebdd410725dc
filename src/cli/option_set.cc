#include "cli/option_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>

#include "cli/config_file.h"
#include "cli/option_value.h"
#include "cli/output.h"
#include "cli/secrets.h"
#include "sseprof/duration.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

constexpr std::string_view kSections[] = {"run",       "compare", "probe", "report",
                                          "selfcheck", "sim",     "suite"};

/// CLI11 puts two empty lines between groups.
std::string HelpText(const CLI::App& app) {
  std::string text = app.help();
  for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n", at)) {
    text.erase(at, 1);
  }
  return text;
}

}  // namespace

struct OptionSet::Option {
  enum class Kind { kValue, kFlag, kList };
  std::string name;  ///< with its dashes
  Kind kind = Kind::kValue;
  std::string fallback;
  std::vector<std::string> given;
  bool on_command_line = false;
  Setter set;

  std::string_view key() const { return std::string_view(name).substr(2); }

  void Take(const std::string& text) {
    if (kind != Kind::kList && !given.empty()) throw UsageError("is given more than once");
    set(text);
    given.push_back(text);
  }
};

struct OptionSet::State {
  std::string command, group, config_path;
  CLI::App app;
  std::deque<Option> options;  // a deque: callbacks hold on to its elements
};

OptionSet::OptionSet(const std::string& command, const std::string& description)
    : state_(std::make_unique<State>()) {
  state_->command = command;
  state_->app.name("sseprof " + command);
  state_->app.description(description);
  state_->app.set_help_flag();
  state_->app.get_formatter()->column_width(34);
}

OptionSet::~OptionSet() = default;

void OptionSet::Group(const std::string& title) { state_->group = title; }

OptionSet::Option& OptionSet::Add(const std::string& spec, const Texts& texts, Setter set) {
  const auto blank = spec.find(' ');
  Option& option = state_->options.emplace_back();
  option.name = spec.substr(0, blank);
  option.fallback = texts.fallback;
  option.set = std::move(set);
  const auto take = [&option](const std::vector<std::string>& values) {
    option.on_command_line = true;
    for (const std::string& value : values) {
      try {
        option.Take(value);
      } catch (const UsageError& error) {
        throw UsageError(fmt::format("{}: {}", option.name, error.what()));
      }
    }
    return true;
  };
  std::string shown = blank == std::string::npos ? "" : spec.substr(blank + 1);
  if (!texts.fallback.empty()) shown += fmt::format(" [{}]", texts.fallback);
  state_->app.add_option(option.name, take, texts.help)
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->option_text(shown)
      ->group(state_->group);
  return option;
}

void OptionSet::Positional(const std::string& spec, std::string& value, const std::string& help) {
  state_->app.add_option(spec, value, help)->required()->option_text(" ");
}

void OptionSet::Positionals(const std::string& spec, std::vector<std::string>& values,
                            const std::string& help) {
  state_->app.add_option(spec, values, help)->required()->option_text("..");
}

void OptionSet::Text(const std::string& spec, std::string& value, const std::string& help) {
  Add(spec, {value, help}, [&value](const std::string& text) {
    if (text.empty()) throw UsageError("is empty: give it a value or leave it out");
    value = text;
  });
}

void OptionSet::Flag(const std::string& spec, bool& value, const std::string& help) {
  Option& option = state_->options.emplace_back();
  option.name = spec;
  option.kind = Option::Kind::kFlag;
  option.fallback = "false";
  option.set = [&value](const std::string& text) {
    if (text != "true" && text != "false") RefuseValue(text, "true or false");
    value = text == "true";
  };
  const auto take = [&option](std::int64_t times) {
    option.on_command_line = true;
    option.Take(times > 0 ? "true" : "false");
  };
  state_->app.add_flag_function(spec, take, help)->group(state_->group);
}

void OptionSet::List(const std::string& spec, std::vector<std::string>& values,
                     const std::string& help) {
  Add(spec, {"", help}, [&values](const std::string& text) { values.push_back(text); }).kind =
      Option::Kind::kList;
}

void OptionSet::Number(const std::string& spec, double& value, Limits limits,
                       const std::string& help) {
  Add(spec, {fmt::format("{}", value), help},
      [&value, limits](const std::string& text) { value = ReadReal(text, limits); });
}

void OptionSet::Number(const std::string& spec, std::optional<double>& value, Limits limits,
                       const std::string& help) {
  Add(spec, {"", help},
      [&value, limits](const std::string& text) { value = ReadReal(text, limits); });
}

void OptionSet::AddInteger(const std::string& spec, Limits limits, const Texts& texts,
                           std::function<void(std::int64_t)> set) {
  Add(spec, texts,
      [limits, set = std::move(set)](const std::string& text) { set(ReadInteger(text, limits)); });
}

void OptionSet::AddChoice(const std::string& spec, const std::vector<std::string>& names,
                          const Texts& texts, std::function<void(std::size_t)> set) {
  Add(spec, texts, [names, set = std::move(set)](const std::string& text) {
    const auto chosen = std::find(names.begin(), names.end(), text);
    if (chosen == names.end()) RefuseValue(text, fmt::format("one of {}", fmt::join(names, ", ")));
    set(static_cast<std::size_t>(chosen - names.begin()));
  });
}

void OptionSet::Duration(const std::string& spec, Nanos& value, const std::string& help) {
  Add(spec, {DurationText(value), help},
      [&value](const std::string& text) { value = ReadDuration(text, Zero::kRefused); });
}

void OptionSet::Duration(const std::string& spec, std::optional<Nanos>& value,
                         const std::string& help, Zero zero) {
  Add(spec, {"", help},
      [&value, zero](const std::string& text) { value = ReadDuration(text, zero); });
}

OptionSet::Parsed OptionSet::Parse(const std::vector<std::string>& args,
                                   const std::function<void()>& complete) {
  CLI::App& app = state_->app;
  bool print_config = false;
  app.add_option(
         "--config", state_->config_path,
         fmt::format("Take what is not given here from the [{}] section of FILE", state_->command))
      ->option_text("FILE")
      ->group("Other");
  app.add_flag("--print-config", print_config,
               "Print all options as they would hold, in the form of a config file")
      ->group("Other");
  app.set_help_flag("-h,--help", "Print this")->group("Other");
  app.set_version_flag("--version", "sseprof " SSEPROF_VERSION, "Print the version")
      ->group("Other");
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::CallForHelp&) {
    WriteStdout(HelpText(app));
    return Parsed::kDone;
  } catch (const CLI::CallForVersion& version) {
    WriteStdout(fmt::format("{}\n", version.what()));
    return Parsed::kDone;
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{} (see: sseprof {} --help)", error.what(), state_->command));
  }
  if (!state_->config_path.empty()) ApplyConfig(state_->config_path);
  if (complete) complete();
  if (!print_config) return Parsed::kGo;
  PrintConfig();
  return Parsed::kDone;
}

void OptionSet::Imply(std::string_view name, const std::string& value) {
  for (Option& option : state_->options) {
    if (option.name == name) option.fallback = value;
  }
}

void OptionSet::ApplyConfig(const std::string& path) {
  for (const ConfigEntry& entry : ReadConfigFile(path)) {
    const auto refuse = [&](std::string_view why) {
      throw UsageError(fmt::format("{}:{}: {}", path, entry.line, why));
    };
    if (std::find(std::begin(kSections), std::end(kSections), entry.section) ==
        std::end(kSections)) {
      refuse(fmt::format("[{}] is no command: use one of {}", entry.section,
                         fmt::join(kSections, ", ")));
    }
    if (entry.section != state_->command) continue;
    const auto option =
        std::find_if(state_->options.begin(), state_->options.end(),
                     [&](const Option& candidate) { return candidate.key() == entry.key; });
    if (option == state_->options.end()) {
      refuse(fmt::format("'{}' is no option of {} (see: sseprof {} --help)", entry.key,
                         state_->command, state_->command));
    }
    if (option->on_command_line) continue;
    try {
      option->Take(entry.value);
    } catch (const UsageError& error) {
      refuse(fmt::format("{}: {}", entry.key, error.what()));
    }
  }
}

std::vector<std::pair<std::string, std::string>> OptionSet::Effective() const {
  std::vector<std::pair<std::string, std::string>> effective;
  for (const Option& option : state_->options) {
    for (const std::string& value : option.given) effective.emplace_back(option.key(), value);
    if (option.given.empty() && !option.fallback.empty()) {
      effective.emplace_back(option.key(), option.fallback);
    }
  }
  return effective;
}

void OptionSet::PrintConfig() const {
  std::string text = fmt::format("[{}]\n", state_->command);
  for (const auto& [key, value] : Effective()) {
    // A prompt is no secret here: it goes to whoever typed it.
    const std::string shown = key == "prompt" ? value : HideOptionValue("--" + key, value);
    // What can't be used again must not look as if it could.
    text += (shown == value ? "" : "# ") + ConfigLine(key, shown);
  }
  WriteStdout(text);
}

}  // namespace sseprof
