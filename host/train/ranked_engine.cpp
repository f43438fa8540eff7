#include "host/train/ranked_engine.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <limits>
#include <utility>

namespace gan::train {
namespace {

// A message of rank 0: the steps to take next.  Beside it goes whether any rank is asked to stop.
using Message = std::array<std::int64_t, 2>;

constexpr std::int64_t kEnd = -1;

}  // namespace

model::Shards RankExchange::own(int shards) const {
  const ranks::Rank& self = ranks_.self();
  const int each = shards / self.count;
  return {self.number * each, each};
}

template <class Call>
void RankExchange::count(double bytes, const Call& call) const {
  const auto begin = std::chrono::steady_clock::now();
  call();
  work_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  work_.bytes += bytes;
}

void RankExchange::gather(float* parts, int shards, std::size_t size) const {
  const std::size_t mine = static_cast<std::size_t>(own(shards).count) * size;
  const int others = ranks_.self().count - 1;
  count(others * static_cast<double>(mine * sizeof(float)), [&] { ranks_.gather(parts, mine); });
}

// A ring brings each rank twice the values of the others' shares.
void RankExchange::add(float* values, std::size_t n) const {
  const double ranks = ranks_.self().count;
  count(2 * (ranks - 1) / ranks * static_cast<double>(n * sizeof(float)),
        [&] { ranks_.add(values, n); });
}

void require_shareable(const run::RunSpec& spec, const ranks::Ranks& ranks) {
  const int count = ranks.self().count;
  base::require(spec.device == run::kCpu,
                "several ranks train one run on CPUs only; give --device cpu");
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
  announce(kEnd);
}

void LeadingEngine::announce(std::int64_t message) const {
  Message all = {message, 0};
  ranks_.take_largest(all);
  if (all[1] != 0) stop_();
}

std::string LeadingEngine::device_name() const {
  return fmt::format("{} on each of {} ranks", engine_->device_name(), ranks_.self().count);
}

void LeadingEngine::run(std::int64_t steps) {
  announce(steps);
  engine_->run(steps);
}

double LeadingEngine::timed_run(std::int64_t steps) {
  announce(steps);
  return engine_->timed_run(steps);
}

void follow(Engine& engine, const ranks::Ranks& ranks, const std::atomic<bool>& stop) {
  while (true) {
    Message message = {std::numeric_limits<std::int64_t>::min(), stop ? 1 : 0};
    ranks.take_largest(message);
    if (message[0] == kEnd) return;
    engine.run(message[0]);
  }
}

}  // namespace gan::train
