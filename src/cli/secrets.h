#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sseprof {

/// What stands in the place of a secret.
inline constexpr std::string_view kHidden = "***";

/// The URL with its user information and the values of its query replaced by ***.
std::string HideUrlSecrets(const std::string& url);

/// A "Name: value" header with its value replaced by ***.
std::string HideHeaderValue(const std::string& header);

/// An option's value ("--header" ..) as it may be stored; a prompt is never stored.
std::string HideOptionValue(std::string_view option, const std::string& value);

/// A secret that stands in a file of its own, without the blanks and line ends behind it.
/// @throws UsageError that begins with the option's name if there is none
std::string ReadSecretFile(std::string_view option, const std::string& path);

/// The texts that must not leave the program. Immutable after set-up, so safe to read from any
/// thread.
class Secrets {
 public:
  /// Texts shorter than 4 bytes are no secrets: hiding them would blank out ordinary words.
  void Add(const std::string& secret);

  /// Adds the value of a header that carries credentials, by its name.
  void AddHeader(const std::string& header);

  /// Adds the password in a URL, and the values in its query that carry credentials, by their
  /// names.
  void AddUrl(std::string_view url);

  /// The text with every known secret replaced by ***; at its end also the beginning of one, since
  /// a text may have been cut there.
  std::string Hide(std::string text) const;

 private:
  std::vector<std::string> secrets_;
};

/// The command line as it may be stored: values of --header and --prompt, and the secrets in URLs
/// and anywhere else, replaced.
std::vector<std::string> HideInCommand(const std::vector<std::string>& args,
                                       const Secrets& secrets);

}  // namespace sseprof
