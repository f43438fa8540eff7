// One run on several emulated GPUs, each of a process of its own.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "host/gpu/nccl_exchange.h"
#include "host/train/ranked_engine.h"
#include "tests/emulation/emulation.h"
#include "tests/kernels/backends.h"
#include "tests/train/small_run.h"

namespace gan::train {
namespace {

// Of a training state, one after the other.
using Values = std::vector<float>;

Values trained(const run::RunSpec& spec, Exchange& exchange) {
  const auto engine = make_engine(spec, small_images(), exchange);
  for (const int steps : {1, 2, 5, 3}) engine->run(steps);
  Values values;
  for (const io::Tensor& tensor : engine->state())
    values.insert(values.end(), tensor.values.begin(), tensor.values.end());
  return values;
}

// A rank trains, leaves what it has in a file, and ends without the tests' own end.
[[noreturn]] void be_rank(int rank, int ranks, const std::string& id, const run::RunSpec& spec,
                          const std::filesystem::path& file) {
  int code = 1;
  try {
    const auto exchange =
        gpu::make_nccl_exchange({rank, ranks, 0}, id, spec.reduce == run::Reduce::exact);
    const Values values = trained(spec, *exchange);
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(float)));
    code = emulation::take_findings().empty() ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rank %d: %s\n", rank, error.what());
  }
  _exit(code);
}

// What each of the ranks has in the end.
std::vector<Values> trained_on(int ranks, const run::RunSpec& spec) {
  const std::filesystem::path folder = test_folder();
  std::filesystem::create_directories(folder);
  const std::string id = gpu::nccl_id();
  emulation::open_nccl_room(id, ranks);
  const auto file = [&](int rank) { return folder / std::to_string(rank); };
  std::vector<pid_t> processes;
  for (int rank = 0; rank < ranks; ++rank)
    if (const pid_t process = fork(); process == 0)
      be_rank(rank, ranks, id, spec, file(rank));
    else
      processes.push_back(process);
  std::vector<Values> all;
  for (int rank = 0; rank < ranks; ++rank) {
    int status = -1;
    EXPECT_EQ(waitpid(processes[static_cast<std::size_t>(rank)], &status, 0),
              processes[static_cast<std::size_t>(rank)]);
    EXPECT_EQ(status, 0) << "rank " << rank;
    const std::string bytes = bytes_of(file(rank));
    Values values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    all.push_back(std::move(values));
  }
  return all;
}

run::RunSpec spec_of(run::EngineKind engine) {
  run::RunSpec spec = sharded_spec();
  spec.conditional = true;
  spec.data.classes = {"0", "1", "2"};
  spec.device = {run::Device::Kind::cuda, 0};
  spec.engine = engine;
  return spec;
}

TEST(Nccl, AnyNumberOfGpusTrainsToTheBytesOfOne) {
  for (const run::EngineKind engine : {run::EngineKind::plain, run::EngineKind::graph}) {
    const run::RunSpec spec = spec_of(engine);
    const Values expected = trained(spec, alone());
    for (const int ranks : {2, 4})
      for (const Values& values : trained_on(ranks, spec)) {
        ASSERT_EQ(values.size(), expected.size());
        EXPECT_EQ(values, expected) << ranks << " GPUs, " << run::name_of(engine);
      }
  }
}

TEST(Nccl, FastIsNear) {
  run::RunSpec spec = spec_of(run::EngineKind::graph);
  const Values expected = trained(spec, alone());
  spec.reduce = run::Reduce::fast;
  const std::vector<Values> all = trained_on(2, spec);
  EXPECT_EQ(all[0], all[1]);
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(static_cast<double>(all[0].at(i)) - static_cast<double>(expected[i]), 2);
    size += std::pow(static_cast<double>(expected[i]), 2);
  }
  EXPECT_LE(difference, 1e-8 * size);
}

// The emulated machine has one GPU.
TEST(DeviceOfRank, IsThatOfTheLocalRank) {
  constexpr run::Device kAny{}, kGpu{run::Device::Kind::cuda, 0},
      kSecond{run::Device::Kind::cuda, 1};
  const ranks::Rank first{.number = 4, .count = 8, .local = 0},
      second{.number = 5, .count = 8, .local = 1};
  EXPECT_EQ(device_of_rank(kAny, first), kGpu);
  EXPECT_EQ(device_of_rank(kGpu, first), kGpu);
  EXPECT_EQ(device_of_rank(run::kCpu, second), run::kCpu);
  EXPECT_THAT(
      [&] { device_of_rank(kAny, second); },
      testing::ThrowsMessage<base::UsageError>(testing::HasSubstr("local rank 1 has no GPU")));
  EXPECT_THAT([&] { device_of_rank(kSecond, first); },
              testing::ThrowsMessage<base::UsageError>(testing::HasSubstr("--device cuda:1")));
}

}  // namespace
}  // namespace gan::train
