// The kernels that are timed for what a synchronisation costs do hand over: every word that a block
// loads is the one that its neighbour wrote in the same round.
#include "kernels/cuda/sync_latency.h"

#include <algorithm>

#include "tests/kernels/arrays.h"
#include "tests/kernels/backends.h"

namespace gan {
namespace {

using Words = std::vector<unsigned>;
constexpr unsigned kThreads = kSyncThreads;

unsigned word(unsigned round, unsigned block, unsigned i) {
  return 1000003 * round + 8192 * block + i;
}

class SyncLatencyKernels : public BackendTest {
 protected:
  struct Left {
    Words sums, payloads, flags;
  };

  static Left run(const BarrierRounds& what) {
    const std::size_t blocks = static_cast<std::size_t>(what.blocks);
    const Output<gpu::CudaBackend, unsigned> sums(backend(), blocks * kThreads);
    const Output<gpu::CudaBackend, unsigned> payloads(
        backend(), 2 * blocks * what.payload_bytes / 4, Start::aligned);
    const Output<gpu::CudaBackend, unsigned> flags(backend(), Words(sync_flags(what.blocks)));
    barrier_rounds({sums.get(), payloads.get(), flags.get()}, what, backend().stream);
    return {sums.read(), payloads.read(), flags.read()};
  }

  static Words expected_sums(const BarrierRounds& what) {
    const unsigned blocks = static_cast<unsigned>(what.blocks);
    const unsigned words = static_cast<unsigned>(what.payload_bytes / 4);
    Words sums(std::size_t{blocks} * kThreads);
    for (unsigned block = 0; block < blocks; ++block)
      for (unsigned thread = 0; thread < kThreads; ++thread)
        for (unsigned r = 0; r < what.rounds; ++r)
          sums[block * kThreads + thread] +=
              word(r, (block + 1) % blocks, (r * kThreads + thread) % words);
    return sums;
  }

  // Of the last even and the last odd round.
  static void expect_last_payloads(const Words& payloads, const BarrierRounds& what) {
    const std::size_t words = what.payload_bytes / 4, half = payloads.size() / 2;
    std::size_t wrong = 0;
    for (unsigned r = what.rounds - 2; r < what.rounds; ++r)
      for (std::size_t i = 0; i < half; ++i)
        wrong += payloads[r % 2 * half + i] !=
                 word(r, static_cast<unsigned>(i / words), static_cast<unsigned>(i % words));
    EXPECT_EQ(wrong, 0u);
  }
};

// So many rounds that every word of a payload is looked at, and blocks that make no whole groups.
TEST_F(SyncLatencyKernels, ABlockLoadsWhatItsNeighbourWroteInTheSameRound) {
  for (const BarrierKind kind :
       {BarrierKind::cooperative_groups, BarrierKind::counter, BarrierKind::two_levels})
    for (const int blocks : {1, 3, 26}) {
      SCOPED_TRACE(testing::Message() << "barrier " << static_cast<int>(kind) << ", " << blocks);
      const BarrierRounds what{.barrier = kind,
                               .payload = Payload::written_and_loaded,
                               .blocks = blocks,
                               .rounds = blocks > 3 ? 3u : 9u};
      const Left left = run(what);
      EXPECT_EQ(left.sums, expected_sums(what));
      expect_last_payloads(left.payloads, what);
    }
}

TEST_F(SyncLatencyKernels, LargePayloadsAreLoadedWhole) {
  const BarrierRounds what{.payload = Payload::written_and_loaded,
                           .payload_bytes = kLargePayload,
                           .blocks = 2,
                           .rounds = 33};
  const Left left = run(what);
  EXPECT_EQ(left.sums, expected_sums(what));
  expect_last_payloads(left.payloads, what);
}

TEST_F(SyncLatencyKernels, PayloadsAreWrittenWithoutBeingLoaded) {
  for (const std::size_t bytes : {kSmallPayload, kLargePayload}) {
    const BarrierRounds what{
        .payload = Payload::written, .payload_bytes = bytes, .blocks = 2, .rounds = 3};
    const Left left = run(what);
    EXPECT_EQ(left.sums, Words(left.sums.size()));
    expect_last_payloads(left.payloads, what);
  }
}

// By what has arrived at the counters; groups are of 12, 12 and 2 blocks.
TEST_F(SyncLatencyKernels, ABareBarrierIsPassedOnceARound) {
  const std::pair<BarrierKind, Words> cases[] = {
      {BarrierKind::cooperative_groups, {}},
      {BarrierKind::counter, {5 * 26}},
      {BarrierKind::two_levels, {5 * 3, 5 * 12, 5 * 12, 5 * 2}}};
  for (const auto& [kind, expected] : cases) {
    const Left left = run({.barrier = kind, .blocks = 26, .rounds = 5});
    EXPECT_EQ(left.sums, Words(left.sums.size()));
    EXPECT_TRUE(std::ranges::all_of(left.payloads, [](unsigned w) { return w == ~0u; }));
    Words arrived;
    std::ranges::copy_if(left.flags, std::back_inserter(arrived), [](unsigned w) { return w > 0; });
    EXPECT_EQ(arrived, expected);
  }
}

TEST_F(SyncLatencyKernels, AFlagGoesToAndFro) {
  for (const int partner : {1, 3}) {
    const Output<gpu::CudaBackend, unsigned> flag(backend(), Words(1));
    flag_rounds(flag.get(), 4, partner, 50, backend().stream);
    EXPECT_EQ(flag.read(), Words({100}));
  }
}

TEST_F(SyncLatencyKernels, TheEmptyKernelCanBeLaunched) {
  empty_kernel(multiprocessors(), backend().stream);
  EXPECT_GT(multiprocessors(), 0);
}

}  // namespace
}  // namespace gan
