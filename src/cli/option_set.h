#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/option_value.h"
#include "sseprof/time.h"

namespace sseprof {

/// The options of one command: parsed from the command line, then, for those not given there, from
/// its section of the --config file. A value that can't be is refused with one line that names
/// option (or file and line), value and what it must be.
///
/// An option is specified by its name and what stands for its value: "--base-url URL". The variable
/// given with it holds the default, takes the value, and must live as long as Parse is called.
class OptionSet {
 public:
  /// @param command  its name: also the section of config files
  OptionSet(const std::string& command, const std::string& description);
  ~OptionSet();
  OptionSet(const OptionSet&) = delete;
  OptionSet& operator=(const OptionSet&) = delete;

  /// Options added from here on stand under this title in --help.
  void Group(const std::string& title);

  void Positional(const std::string& spec, std::string& value, const std::string& help);
  /// One or more.
  void Positionals(const std::string& spec, std::vector<std::string>& values,
                   const std::string& help);
  void Text(const std::string& spec, std::string& value, const std::string& help);
  void Flag(const std::string& spec, bool& value, const std::string& help);
  /// May be given several times, each with one value.
  void List(const std::string& spec, std::vector<std::string>& values, const std::string& help);

  using Limits = ValueLimits;
  void Number(const std::string& spec, double& value, Limits limits, const std::string& help);
  void Number(const std::string& spec, std::optional<double>& value, Limits limits,
              const std::string& help);
  /// The same for integers of any type, or such that may be absent.
  template <std::integral T>
  void Number(const std::string& spec, T& value, Limits limits, const std::string& help) {
    AddInteger(spec, limits, {std::to_string(value), help},
               [&value](std::int64_t number) { value = static_cast<T>(number); });
  }
  template <std::integral T>
  void Number(const std::string& spec, std::optional<T>& value, Limits limits,
              const std::string& help) {
    AddInteger(spec, limits, {"", help},
               [&value](std::int64_t number) { value = static_cast<T>(number); });
  }

  using Zero = ZeroDuration;
  /// "500ms", "10s", "2m", or seconds.
  void Duration(const std::string& spec, Nanos& value, const std::string& help);
  void Duration(const std::string& spec, std::optional<Nanos>& value, const std::string& help,
                Zero zero = Zero::kRefused);

  template <class T>
  void Choice(const std::string& spec, T& value,
              std::initializer_list<std::pair<std::string, T>> choices, const std::string& help) {
    std::vector<std::string> names;
    std::vector<T> values;
    std::string fallback;
    for (const auto& choice : choices) {
      names.push_back(choice.first);
      values.push_back(choice.second);
      if (choice.second == value) fallback = choice.first;
    }
    AddChoice(spec, names, {fallback, help},
              [&value, values](std::size_t chosen) { value = values[chosen]; });
  }

  enum class Parsed {
    kGo,    ///< the command is to be carried out
    kDone,  ///< --help, --version or --print-config: printed on stdout, nothing more to do
  };
  /// Once only. `complete` is called when all values are there, to refuse what contradicts itself
  /// and to Imply what follows. @throws UsageError, and whatever `complete` throws
  Parsed Parse(const std::vector<std::string>& args, const std::function<void()>& complete = {});

  /// Says what holds for an option that was not given and has no fixed default.
  void Imply(std::string_view name, const std::string& value);

  /// What holds now, as (name without dashes, value) in the order of --help. Options without a
  /// value are left out. Several values of one option follow one another.
  std::vector<std::pair<std::string, std::string>> Effective() const;

 private:
  using Setter = std::function<void(const std::string&)>;
  struct Texts {
    std::string fallback, help;
  };
  struct Option;
  struct State;
  Option& Add(const std::string& spec, const Texts& texts, Setter set);
  void AddInteger(const std::string& spec, Limits limits, const Texts& texts,
                  std::function<void(std::int64_t)> set);
  void AddChoice(const std::string& spec, const std::vector<std::string>& names, const Texts& texts,
                 std::function<void(std::size_t)> set);
  void ApplyConfig(const std::string& path);
  void PrintConfig() const;

  std::unique_ptr<State> state_;
};

}  // namespace sseprof
