#include "sseprof/slo.h"

namespace sseprof {
namespace {

bool Within(std::optional<Nanos> value, std::optional<Nanos> limit) {
  return !value || !limit || *value <= *limit;
}

}  // namespace

bool Slo::MetBy(const RequestRecord& record) const {
  std::optional<Nanos> per_token;
  if (tpot) {
    if (const auto value = Tpot(record)) per_token = value->span();
  }
  return record.good() && Within(Ttft(record), ttft) && Within(per_token, tpot) &&
         Within(Latency(record), latency);
}

}  // namespace sseprof
