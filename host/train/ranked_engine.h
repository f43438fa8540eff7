// One training run on several ranks: rank 0 leads, with the folder and all output; the others take
// the same steps.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>

#include "host/ranks/ranks.h"
#include "host/train/engine.h"

namespace gan::train {

// The parts of a step, over MPI.
class RankExchange final : public Exchange {
 public:
  RankExchange(const ranks::Ranks& ranks, run::Reduce reduce) : ranks_(ranks), reduce_(reduce) {}

  model::Shards own(int shards) const override;
  bool is_exact() const override { return reduce_ == run::Reduce::exact; }
  void gather(float* parts, int shards, std::size_t size) override;
  void add(float* values, std::size_t n) override;
  std::optional<double> take_seconds() override { return std::exchange(seconds_, 0); }

 private:
  template <class Call>
  void timed(const Call& call);

  const ranks::Ranks& ranks_;
  run::Reduce reduce_;
  double seconds_ = 0;
};

// Shards of a run that several ranks begin and that names none: for 1, 2, 4 or 8 ranks.
inline constexpr int kSharedShards = 8;

// The device of this rank, for a run on `asked`: on a machine with GPUs, that of its local rank.
// Throws UsageError when there are more ranks than GPUs.
run::Device device_of_rank(run::Device asked, const ranks::Rank& self);

// How the ranks exchange the parts of this run, which is resolved: over NCCL between GPUs, else
// over MPI.  All of them must call it.  Throws UsageError, and std::runtime_error when NCCL fails.
std::unique_ptr<Exchange> make_exchange(const run::RunSpec& spec, const ranks::Ranks& ranks);

// Throws UsageError when the ranks cannot share this run, which is resolved.
void require_shareable(const run::RunSpec& spec, const ranks::Ranks& ranks);

// A step failed on one rank, so the others wait for it in vain: the program must end them all.
class StepFailed : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The engine of rank 0, which tells the others of its steps before it takes them.
class LeadingEngine final : public Engine {
 public:
  // Calls stop() when another rank is asked to stop.
  LeadingEngine(std::unique_ptr<Engine> engine, const ranks::Ranks& ranks,
                std::function<void()> stop);
  // Tells the others to end, unless a step failed.
  ~LeadingEngine() override;

  std::string device_name() const override;
  // Throws StepFailed.
  void run(std::int64_t steps) override;
  std::int64_t step() const override { return engine_->step(); }
  std::int64_t stride() const override { return engine_->stride(); }
  void request_losses() override { engine_->request_losses(); }
  bool losses_arrived() const override { return engine_->losses_arrived(); }
  std::vector<StepLosses<float>> take_losses() override { return engine_->take_losses(); }
  std::vector<float> generate(std::span<const float> z, run::GeneratorWeights weights,
                              std::span<const std::uint8_t> classes) override {
    return engine_->generate(z, weights, classes);
  }
  void profile(run::StepRange steps) override { engine_->profile(steps); }
  double timed_run(std::int64_t steps) override;
  std::vector<io::Tensor> state() override { return engine_->state(); }
  void restore(const io::TensorFile& state, std::int64_t step) override {
    engine_->restore(state, step);
  }

 private:
  void announce(std::int64_t message) const;
  template <class Steps>
  void take_announced(std::int64_t count, const Steps& steps);

  std::unique_ptr<Engine> engine_;
  const ranks::Ranks& ranks_;
  std::function<void()> stop_;
  bool has_failed_ = false;
};

// Takes the steps that rank 0 announces, until it ends.  `stop`: this rank is asked to stop, which
// it tells rank 0.  Throws StepFailed.
void follow(Engine& engine, const ranks::Ranks& ranks, const std::atomic<bool>& stop);

}  // namespace gan::train
