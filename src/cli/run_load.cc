#include "cli/run_load.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "net/thread_urgency.h"

namespace sseprof {

int StreamsOfLoop(int streams, int loops, int index) {
  return streams / loops + (index < streams % loops ? 1 : 0);
}

RunLoad::RunLoad(LoadPlan& plan, const CurlOptions& curl, int loops,
                 const std::function<Sinks(int)>& sinks)
    : plan_(plan) {
  for (int i = 0; i < loops; ++i) {
    const int streams = StreamsOfLoop(plan.options().concurrency, loops, i);
    const Sinks heard_by = sinks ? sinks(i) : Sinks();
    live_.push_back(heard_by.requests);
    transports_.push_back(std::make_unique<CurlTransport>(curl, streams, heard_by.loop));
  }
}

void RunLoad::Run(RecordSink& finished) {
  const int loops = static_cast<int>(transports_.size());
  std::mutex mutex;
  std::exception_ptr failure;
  const auto run_loop = [&](int index) {
    RunPromptly();
    try {
      const auto number = static_cast<std::size_t>(index);
      const int streams = StreamsOfLoop(plan_.options().concurrency, loops, index);
      Runner(plan_, streams, *transports_[number], finished, live_[number]).Run();
      transports_[number]->TellRest();
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      OnStop();
    }
  };
  std::vector<std::thread> threads;
  try {
    for (int i = 1; i < loops; ++i) threads.emplace_back(run_loop, i);
  } catch (const std::system_error&) {
    const std::lock_guard lock(mutex);
    if (!failure) failure = std::current_exception();
    OnStop();
  }
  run_loop(0);
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

void RunLoad::OnStop() noexcept {
  plan_.Stop();
  for (const auto& transport : transports_) transport->Wake();
}

ClientStats RunLoad::Stats() const {
  ClientStats sum;
  for (const auto& transport : transports_) sum.Merge(transport->Stats());
  return sum;
}

TimestampKind RunLoad::timestamps() const {
  const bool all_kernel = std::all_of(
      transports_.begin(), transports_.end(),
      [](const auto& transport) { return transport->timestamps() == TimestampKind::kKernel; });
  return all_kernel ? TimestampKind::kKernel : TimestampKind::kUser;
}

bool RunLoad::left_loopback() const {
  return std::any_of(transports_.begin(), transports_.end(),
                     [](const auto& transport) { return transport->left_loopback(); });
}

}  // namespace sseprof
