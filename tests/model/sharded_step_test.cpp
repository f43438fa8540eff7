// Batches in shards: the same bytes for any number of ranks, and the gradients that the shards
// have.
#include "host/model/sharded_step.h"

#include <gtest/gtest.h>

#include <barrier>
#include <cstring>
#include <thread>

#include "host/model/cpu_backend.h"
#include "tests/model/training.h"

namespace gan::model {
namespace {

using Backend = CpuBackend<float>;

// Ranks that are threads of this program.
class Team {
 public:
  Team(int ranks, bool is_exact) : ranks_(ranks), is_exact_(is_exact), meeting_(ranks) {}

  // Calls work(exchange) as every rank.
  template <class Work>
  void carry_out(const Work& work) {
    std::vector<std::thread> threads;
    threads.reserve(static_cast<std::size_t>(ranks_));
    for (int rank = 0; rank < ranks_; ++rank)
      threads.emplace_back([this, rank, &work] {
        Member member(*this, rank);
        work(member);
      });
    for (std::thread& thread : threads) thread.join();
  }

 private:
  class Member final : public Exchange<float> {
   public:
    Member(Team& team, int rank) : team_(team), rank_(rank) {}
    Shards own(int shards) const override { return shards_of(rank_, team_.ranks_, shards); }
    bool is_exact() const override { return team_.is_exact_; }
    void gather(float* parts, int shards, std::size_t size) override {
      const std::size_t row = static_cast<std::size_t>(own(shards).count) * size;
      const auto bytes = [&](int rank) { return static_cast<std::size_t>(rank) * row; };
      team_.share(rank_, {parts + bytes(rank_), row}, [&](int other, const auto& values) {
        std::copy(values.begin(), values.end(), parts + bytes(other));
      });
    }
    void add(float* values, std::size_t n) override {
      std::vector<float> sum(n);
      team_.share(rank_, {values, n}, [&](int, const auto& of_other) {
        for (std::size_t i = 0; i < n; ++i) sum[i] += of_other[i];
      });
      std::copy(sum.begin(), sum.end(), values);
    }

   private:
    Team& team_;
    int rank_;
  };

  // take(rank, values) sees the values of every rank.
  template <class Take>
  void share(int rank, std::span<const float> mine, const Take& take) {
    {
      const std::lock_guard lock(mutex_);
      shared_.resize(static_cast<std::size_t>(ranks_));
      shared_[static_cast<std::size_t>(rank)].assign(mine.begin(), mine.end());
    }
    meeting_.arrive_and_wait();
    for (int other = 0; other < ranks_; ++other)
      take(other, shared_[static_cast<std::size_t>(other)]);
    meeting_.arrive_and_wait();
  }

  int ranks_;
  bool is_exact_;
  std::barrier<> meeting_;
  std::mutex mutex_;
  std::vector<std::vector<float>> shared_;
};

// With dropout, classes, pairs and both networks' turns; epochs end with a batch of 5 rows.
TrainingSetup setup_of(int shards) {
  TrainingSetup setup = small_setup();
  setup.classes = 3;
  setup.settings.shards = shards;
  setup.settings.loss = GanLoss::relativistic;
  setup.settings.dropout = 0.3;
  setup.settings.r1 = 0.5;
  setup.settings.d_steps = 2;
  return setup;
}

using State = std::vector<std::vector<float>>;

State state_of(const Backend& ops, const Gan<Backend>& gan) {
  State state;
  for (const auto* network : {&gan.generator, &gan.discriminator})
    for (const auto* arena : {&network->parameters, &network->moment1, &network->moment2})
      state.push_back(downloaded(ops, arena->get(), network->shape.arena));
  state.push_back(downloaded(ops, gan.average.get(), gan.generator.shape.arena));
  const auto ring = downloaded(ops, &gan.ring.get()->loss_real, 4 * 7);
  state.push_back(ring);
  return state;
}

// Of every rank after some steps.
std::vector<State> states(const TrainingSetup& setup, int ranks, bool is_exact = true) {
  std::vector<State> all;
  std::mutex mutex;
  Team(ranks, is_exact).carry_out([&](Exchange<float>& exchange) {
    const Backend ops;
    Training<Backend> training(ops, setup);
    for (int step = 0; step < 7; ++step) training.step(exchange);
    const std::lock_guard lock(mutex);
    all.push_back(state_of(ops, training.gan));
  });
  return all;
}

TEST(ShardedStep, GivesTheSameBytesForAnyNumberOfRanks) {
  for (const bool at_once : {false, true}) {
    TrainingSetup setup = setup_of(8);
    setup.settings.simultaneous = at_once;
    const Backend ops;
    Training<Backend> alone(ops, setup);
    alone.steps(7);
    const State expected = state_of(ops, alone.gan);
    for (const int ranks : {1, 2, 4, 8})
      for (const State& state : states(setup, ranks)) EXPECT_EQ(state, expected) << ranks;
  }
}

TEST(ShardedStep, AddsFastWithinRounding) {
  const TrainingSetup setup = setup_of(8);
  const State expected = states(setup, 1).front();
  for (const int ranks : {1, 2, 4}) {
    const std::vector<State> all = states(setup, ranks, false);
    for (const State& state : all) {
      EXPECT_EQ(state, all.front());
      for (std::size_t i = 0; i < state.size(); ++i)
        EXPECT_LE(distance(state[i], expected[i]), 1e-4 * norm(expected[i])) << i;
    }
  }
}

TEST(ShardedStep, DependsOnTheNumberOfShards) {
  EXPECT_NE(states(setup_of(2), 1), states(setup_of(4), 1));
}

TEST(ShardedStep, CutsABatchIntoRowsThatDifferByOneAtMost) {
  for (const int shards : {1, 2, 3, 8})
    for (const int count : {1, 5, 8, 96, 127, 128}) {
      int next = 0;
      for (int shard = 0; shard < shards; ++shard) {
        const StepRows rows = rows_of_shard(shard, shards, count, false);
        EXPECT_EQ(rows.first, next);
        EXPECT_GE(rows.count, count / shards);
        EXPECT_LE(rows.count, (count + shards - 1) / shards);
        EXPECT_EQ(rows.for_generator.first, 2 * rows.count);
        next += rows.count;
      }
      EXPECT_EQ(next, count);
    }
}

// Every real image of a batch is in one shard, and no two shards draw the same noise.
TEST(ShardedStep, DealsTheBatchAndDrawsNoiseOfItsOwn) {
  TrainingSetup setup = small_setup();
  const Backend ops;
  Training<Backend> whole(ops, setup);
  whole.step();
  const std::size_t row = static_cast<std::size_t>(setup.pixels);
  const auto expected = downloaded(ops, whole.gan.images.get(), 8 * row);
  setup.settings.shards = 3;
  Training<Backend> training(ops, setup);
  std::vector<float> images, latents;
  std::vector<std::uint32_t> order(21);
  std::vector<std::uint8_t> pixels = formula_images(setup.all_pixels());
  for (std::uint32_t i = 0; i < 21; ++i) order[i] = (5 * i + 3) % 21;
  for (int shard = 0; shard < 3; ++shard) {
    const StepRows rows = rows_of_shard(shard, 3, 8, false);
    draw_batch(ops, training.gan, {pixels.data(), order.data(), 21, setup.pixels}, rows,
               {0, 2 * rows.count});
    const auto real =
        downloaded(ops, training.gan.images.get(), static_cast<std::size_t>(rows.count) * row);
    images.insert(images.end(), real.begin(), real.end());
    const auto z = downloaded(ops, training.gan.z.get(), 20);
    latents.insert(latents.end(), z.begin(), z.end());
  }
  EXPECT_EQ(images, expected);
  std::ranges::sort(latents);
  EXPECT_EQ(std::ranges::adjacent_find(latents), latents.end());
}

}  // namespace
}  // namespace gan::model
