#pragma once

namespace sseprof {

/// What the calling thread asks of the system's scheduler, as far as that allows it: a thread keeps
/// what it has where the system says no. What it starts from then on asks for nothing.

/// Short slices (0.1 ms; Linux 6.12 and later): when it wakes it takes the core at once from a
/// thread that has asked for nothing, in place of waiting for the end of that one's slice (some
/// milliseconds). For event loops, which sleep often and are late by all that they wait.
void RunPromptly();

/// The other way round: it takes no core when it wakes, and a smaller share of one that is wanted
/// by others (nice 10, or what it has if that is more). It never starves.
void StayBehind();

}  // namespace sseprof
