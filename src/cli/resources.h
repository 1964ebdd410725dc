#pragma once

namespace sseprof {

/// Makes room for so many streams, dealt to so many event loops, before a load starts: open files,
/// and memory that is cheap to get at. @throws UsageError if the system does not allow the files
void MakeRoomFor(int streams, int loops);

}  // namespace sseprof
