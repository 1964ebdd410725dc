#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/connection_options.h"
#include "suite/guarded_process.h"
#include "suite/plan.h"

namespace sseprof {

/// The server of a variant, while it is up: started by us, or running already.
class SuiteServer {
 public:
  /// @param access  how to reach it. @param log  file for what it prints
  SuiteServer(const PlanVariant& variant, ServerAccess access, std::string log);

  /// Starts it, waits until it is ready, and sees that it serves the model that was asked for.
  /// @param stopped  asked all the time: true gives up
  /// @return why it can't be used, with advice; empty: it can
  std::string BringUp(const std::function<bool()>& stopped);

  /// Why it is gone, if it has ended by itself; empty: it is up, or not ours.
  std::string WhyGone();

  /// Gently, then hard; nothing of it is left then.
  void TakeDown();

 private:
  bool IsReady() const;
  std::string WaitUntilReady(const std::function<bool()>& stopped);
  std::string CheckModel() const;
  std::string Explained(const std::string& what) const;

  const PlanVariant& variant_;
  ServerAccess access_;
  std::string log_;
  std::uintmax_t log_begin_ = 0;  ///< where this server's part of the log begins
  std::unique_ptr<GuardedProcess> process_;
};

}  // namespace sseprof
