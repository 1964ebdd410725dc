#include "sseprof/run_context.h"

namespace sseprof {

void ClientStats::Merge(const ClientStats& other) {
  client_delay.Merge(other.client_delay);
  clock_rejected += other.clock_rejected;
  stamps_missing += other.stamps_missing;
  connections += other.connections;
  busy += other.busy;
  elapsed += other.elapsed;
}

}  // namespace sseprof
