#pragma once

#include "selfcheck/selfcheck.h"

namespace sseprof {

/// The code of the one problem that no other load would make go away.
inline constexpr char kMachineBusy[] = "machine_busy";

/// What the runs of a self-check say of this machine. Problems, in the order of what causes what:
///   failed            requests failed
///   no_kernel_stamps  the kernel gave no time stamps though they were asked for
///   machine_busy      other programs had more than 25 % of a core that we needed, or the host
///                     took more than 5 % of one away
///   server_preempted  fewer than 90 % of the sends can be judged
///   server_late       p99 of the gaps as sent is above 1.5 times the gap that was set
///   clock_rejected    more than 0.1 % of the kernel's stamps could not be true
///   client_limited    the client's own verdict, with its reason
///   inaccurate        error p99 above settings.max_error_us, or fewer than 99.9 % of the arrivals
///                     have the truth within what is stated of them
///   too_few           fewer than 100 judged events: no p99
/// The first three are looked for in all runs, the others only in those with kernel stamps, which
/// is how `run` measures; what user-space stamps get wrong is a note (user_late), and so are single
/// rejected stamps (clock_rejected) and a core that both sides share (one_core).
/// Of several runs with the same problem the worst one is named.
SelfcheckVerdict JudgeSelfcheck(const SelfcheckSettings& settings, const CorePlan& cores,
                                const std::vector<SelfcheckRun>& runs);

/// The probe that a report is, for a search.
LimitProbe MakeProbe(const SelfcheckReport& report);

/// What a search says of this machine, `at_limit` being the verdict at the largest load that was ok
/// or, where none was, at the smallest. A busy machine that ended the search is a problem: the
/// limit is then not the machine's own.
SelfcheckVerdict JudgeLimit(const SelfcheckLimit& limit, const SelfcheckVerdict& at_limit);

/// "step, kernel stamps"
std::string RunName(const SelfcheckRun& run);

}  // namespace sseprof
