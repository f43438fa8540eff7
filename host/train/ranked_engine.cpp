#include "host/train/ranked_engine.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <exception>
#include <limits>
#include <utility>

#include "host/gpu/cuda_devices.h"
#include "host/gpu/nccl_exchange.h"

namespace gan::train {
namespace {

// A message of rank 0: the steps to take next.  Beside it goes whether any rank is asked to stop.
using Message = std::array<std::int64_t, 2>;

constexpr std::int64_t kEnd = -1;

// Calls steps(), which takes steps of this rank.
template <class Steps>
void take_steps(const ranks::Rank& self, const Steps& steps) {
  try {
    steps();
  } catch (const std::exception& error) {
    throw StepFailed(fmt::format("a step failed on rank {}: {}", self.number, error.what()));
  }
}

}  // namespace

model::Shards RankExchange::own(int shards) const {
  return model::shards_of(ranks_.self().number, ranks_.self().count, shards);
}

template <class Call>
void RankExchange::timed(const Call& call) {
  const auto begin = std::chrono::steady_clock::now();
  call();
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void RankExchange::gather(float* parts, int shards, std::size_t size) {
  timed([&] { ranks_.gather(parts, static_cast<std::size_t>(own(shards).count) * size); });
}

void RankExchange::add(float* values, std::size_t n) {
  timed([&] { ranks_.add(values, n); });
}

run::Device device_of_rank(run::Device asked, const ranks::Rank& self) {
  const int gpus = asked == run::kCpu ? 0 : gpu::cuda_devices().count;
  if (gpus == 0) return asked;
  base::require(asked.number == 0,
                fmt::format("--device {}: with several ranks each takes the GPU of its local rank; "
                            "give --device cuda",
                            run::name_of(asked)));
  base::require(self.local < gpus,
                fmt::format("local rank {} has no GPU: there {} {}; start no more ranks on a "
                            "machine than it has GPUs, or give --device cpu",
                            self.local, gpus == 1 ? "is" : "are", gpus));
  return {run::Device::Kind::cuda, self.local};
}

std::unique_ptr<Exchange> make_exchange(const run::RunSpec& spec, const ranks::Ranks& ranks) {
  if (spec.device == run::kCpu) return std::make_unique<RankExchange>(ranks, spec.reduce);
  const ranks::Rank& self = ranks.self();
  std::string id;
  std::exception_ptr failure;  // for when all ranks have gathered
  if (self.is_first()) try {
      id = gpu::nccl_id();
    } catch (...) {
      failure = std::current_exception();
    }
  id = ranks.gather(id).front();
  if (failure) std::rethrow_exception(failure);
  return gpu::make_nccl_exchange({self.number, self.count, spec.device.number}, id,
                                 spec.reduce == run::Reduce::exact);
}

void require_shareable(const run::RunSpec& spec, const ranks::Ranks& ranks) {
  const int count = ranks.self().count;
  base::require(spec.shards > 1,
                fmt::format("this run has no --shards that {} ranks could share: resume it without "
                            "mpirun",
                            count));
  base::require(spec.shards % count == 0,
                fmt::format("--shards {} cannot be dealt to {} ranks; start a number of ranks that "
                            "divides {}",
                            spec.shards, count, spec.shards));
}

LeadingEngine::LeadingEngine(std::unique_ptr<Engine> engine, const ranks::Ranks& ranks,
                             std::function<void()> stop)
    : engine_(std::move(engine)), ranks_(ranks), stop_(std::move(stop)) {}

LeadingEngine::~LeadingEngine() {
  if (!has_failed_) announce(kEnd);
}

void LeadingEngine::announce(std::int64_t message) const {
  Message all = {message, 0};
  ranks_.take_largest(all);
  if (all[1] != 0) stop_();
}

template <class Steps>
void LeadingEngine::take_announced(std::int64_t count, const Steps& steps) {
  announce(count);
  has_failed_ = true;
  take_steps(ranks_.self(), steps);
  has_failed_ = false;
}

std::string LeadingEngine::device_name() const {
  return fmt::format("{} on each of {} ranks", engine_->device_name(), ranks_.self().count);
}

void LeadingEngine::run(std::int64_t steps) {
  take_announced(steps, [&] { engine_->run(steps); });
}

double LeadingEngine::timed_run(std::int64_t steps) {
  double seconds = 0;
  take_announced(steps, [&] { seconds = engine_->timed_run(steps); });
  return seconds;
}

void follow(Engine& engine, const ranks::Ranks& ranks, const std::atomic<bool>& stop) {
  while (true) {
    Message message = {std::numeric_limits<std::int64_t>::min(), stop ? 1 : 0};
    ranks.take_largest(message);
    if (message[0] == kEnd) return;
    take_steps(ranks.self(), [&] { engine.run(message[0]); });
  }
}

}  // namespace gan::train
