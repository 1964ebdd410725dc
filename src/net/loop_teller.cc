#include "net/loop_teller.h"

namespace sseprof {

void LoopTeller::Turned(Instant now, Nanos busy) {
  sink_->OnBusy(busy - busy_told_);
  busy_told_ = busy;
  if (now < due_) return;
  sink_->OnLag(now - due_);
  // What was due meanwhile was late by no more than this.
  due_ += kLagPeriod * ((now - due_) / kLagPeriod + 1);
}

void LoopTeller::TellTraffic(const CurlTransfer::Traffic& traffic) {
  if (traffic.received > 0) sink_->OnReceived(traffic.received);
  if (traffic.sent > 0) sink_->OnSent(traffic.sent);
}

}  // namespace sseprof
