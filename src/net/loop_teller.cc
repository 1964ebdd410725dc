#include "net/loop_teller.h"

namespace sseprof {

void LoopTeller::TellRest(Nanos busy) {
  if (!tells()) return;
  news_.delays = {delays_.data(), reads_};
  news_.busy = busy - busy_told_;
  sink_->OnLoop(news_);
  news_ = {};
  busy_told_ = busy;
  reads_ = 0;
}

void LoopTeller::TellAndLook(Instant now, Nanos busy) {
  news_.lag = now - due_;
  TellRest(busy);
  // What was due meanwhile was late by no more than this.
  due_ += kPeriod * ((now - due_) / kPeriod + 1);
}

}  // namespace sseprof
