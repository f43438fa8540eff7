// The runtime's counterpart: what it refuses, what it does, and that it counts.
#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/cuda/sort.h"
#include "tests/emulation/device_array.h"
#include "tests/emulation/emulation.h"
#include "tests/emulation/runtime/stream.h"
#include "tests/emulation/shuffle_kernel.h"

namespace gan::emulation {
namespace {

class Stream {
 public:
  Stream() { EXPECT_EQ(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), cudaSuccess); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { cudaStreamDestroy(stream_); }
  cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

TEST(Runtime, MemoryStartsAsNaN) {
  const DeviceArray<float> x(3);
  for (const float value : x.values()) EXPECT_TRUE(std::isnan(value));
}

TEST(Runtime, RefusesMoreMemoryThanTheDeviceHas) {
  std::size_t free = 0, total = 0;
  cudaMemGetInfo(&free, &total);
  void* address = nullptr;
  EXPECT_EQ(cudaMalloc(&address, free + 1), cudaErrorMemoryAllocation);
  EXPECT_EQ(address, nullptr);
  EXPECT_EQ(cudaGetLastError(), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST(Runtime, RefusesToFreeWhatIsNoAllocation) {
  const DeviceArray<float> x(2);
  EXPECT_EQ(cudaFree(x.get() + 1), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFree(nullptr), cudaSuccess);
}

TEST(Runtime, RefusesCopiesInTheWrongDirectionOrPastTheEnd) {
  const DeviceArray<float> x(std::vector<float>{1, 2}), y(2);
  float host[4] = {};
  const auto copy = [](void* to, const void* from, std::size_t n, cudaMemcpyKind kind) {
    return cudaMemcpyAsync(to, from, n * sizeof(float), kind, nullptr);
  };
  EXPECT_EQ(copy(host, x.get(), 3, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  EXPECT_EQ(copy(x.get(), host, 3, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(host, x.get(), 2, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(x.get(), y.get(), 2, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemsetAsync(x.get(), 0, 12, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(copy(y.get(), x.get(), 2, cudaMemcpyDefault), cudaSuccess);
  EXPECT_EQ(y.values(), (std::vector<float>{1, 2}));
}

TEST(Runtime, RefusesLaunchesTheHardwareWouldRefuse) {
  const Launch good{1, 32, 0, LaunchKind::ordinary, {}, [](const void*) {}, nullptr, 0};
  EXPECT_EQ(submit_launch(good, nullptr, nullptr), cudaSuccess);
  Launch launch = good;
  launch.grid = 0;
  EXPECT_EQ(submit_launch(launch, nullptr, nullptr), cudaErrorInvalidConfiguration);
  launch = good;
  launch.block = dim3(32, 33);
  EXPECT_EQ(submit_launch(launch, nullptr, nullptr), cudaErrorInvalidConfiguration);
  launch = good;
  launch.grid.y = 65536;
  EXPECT_EQ(submit_launch(launch, nullptr, nullptr), cudaErrorInvalidConfiguration);
}

TEST(Runtime, MoreSharedMemoryMustBeAskedFor) {
  const char kernel = 0;  // only its address counts
  const Launch launch{1, 32, 64 << 10, LaunchKind::ordinary, {}, [](const void*) {}, nullptr, 0};
  const auto allow = [&](int bytes) {
    return cudaFuncSetAttribute(static_cast<const void*>(&kernel),
                                cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  };
  EXPECT_EQ(submit_launch(launch, &kernel, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(allow(228 << 10), cudaErrorInvalidValue);
  EXPECT_EQ(allow(64 << 10), cudaSuccess);
  EXPECT_EQ(submit_launch(launch, &kernel, nullptr), cudaSuccess);
}

TEST(Runtime, CountsWhatTheHostAskedFor) {
  const Counters before = counters();
  {
    const Stream stream;
    const DeviceArray<int> y(32);
    int host[32];
    launch_shuffle(y.get(), Shuffle::from, 0, 32);
    cudaMemcpyAsync(host, y.get(), sizeof host, cudaMemcpyDeviceToHost, stream.get());
    cudaMemsetAsync(y.get(), 0, 4, stream.get());
    cudaStreamSynchronize(stream.get());
  }
  const Counters& after = counters();
  EXPECT_EQ(after.allocations - before.allocations, 1u);
  EXPECT_EQ(after.frees - before.frees, 1u);
  EXPECT_EQ(after.launches - before.launches, 1u);
  EXPECT_EQ(after.memsets - before.memsets, 1u);
  EXPECT_EQ(after.synchronisations - before.synchronisations, 1u);
  EXPECT_EQ(after.to_host.count - before.to_host.count, 1u);
  EXPECT_EQ(after.to_host.bytes - before.to_host.bytes, 128u);
  EXPECT_EQ(after.to_device.count - before.to_device.count, 0u);
}

TEST(Runtime, ACapturedGraphDoesNothingUntilItIsLaunched) {
  const Stream stream;
  const DeviceArray<unsigned> x(std::vector<unsigned>{7});
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  ASSERT_EQ(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal), cudaSuccess);
  EXPECT_EQ(cudaMemsetAsync(x.get(), 0, 4, stream.get()), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(stream.get()), cudaErrorStreamCaptureUnsupported);
  ASSERT_EQ(cudaStreamEndCapture(stream.get(), &graph), cudaSuccess);
  ASSERT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
  EXPECT_EQ(x.values().front(), 7u);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(cudaGraphLaunch(executable, stream.get()), cudaSuccess);
    EXPECT_EQ(x.values().front(), 0u);
    const unsigned one = 1;
    cudaMemcpy(x.get(), &one, sizeof one, cudaMemcpyHostToDevice);
  }
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
}

// Sets bytes of x in a graph of two branches: byte 0 in front of the fork, byte 1 on the side, byte
// 2 beside it, all again behind the join.
class Branches : public testing::Test {
 protected:
  void SetUp() override { cudaEventCreateWithFlags(&event_, cudaEventDisableTiming); }
  void begin() {
    EXPECT_EQ(cudaStreamBeginCapture(main_.get(), cudaStreamCaptureModeThreadLocal), cudaSuccess);
  }
  void set(const Stream& stream, std::size_t first, int value, std::size_t count = 1) {
    EXPECT_EQ(cudaMemsetAsync(x_.get() + first, value, count, stream.get()), cudaSuccess);
  }
  void wait(const Stream& waiting, const Stream& awaited) {
    EXPECT_EQ(cudaEventRecord(event_, awaited.get()), cudaSuccess);
    EXPECT_EQ(cudaStreamWaitEvent(waiting.get(), event_, 0), cudaSuccess);
  }
  cudaError_t end() { return cudaStreamEndCapture(main_.get(), &graph_); }
  // What x holds after a launch, in this order of the nodes.
  std::vector<char> carried_out(Order order) {
    const Schedule before = schedule();
    set_schedule({order, 3});
    cudaGraphExec_t executable = nullptr;
    EXPECT_EQ(cudaGraphInstantiate(&executable, graph_, 0), cudaSuccess);
    EXPECT_EQ(cudaGraphLaunch(executable, main_.get()), cudaSuccess);
    cudaGraphExecDestroy(executable);
    set_schedule(before);
    return x_.values();
  }
  void TearDown() override {
    if (graph_ != nullptr) cudaGraphDestroy(graph_);
    cudaEventDestroy(event_);
  }

  const Stream main_, side_;
  const DeviceArray<char> x_{3};
  cudaEvent_t event_ = nullptr;
  cudaGraph_t graph_ = nullptr;
};

TEST_F(Branches, AreJoinedInEveryOrder) {
  begin();
  set(main_, 0, 1, 3);
  wait(side_, main_);
  set(side_, 1, 2);
  set(main_, 2, 3);
  wait(main_, side_);
  set(main_, 1, 4);
  ASSERT_EQ(end(), cudaSuccess);
  std::size_t nodes = 0;
  EXPECT_EQ(cudaGraphGetNodes(graph_, nullptr, &nodes), cudaSuccess);
  EXPECT_EQ(nodes, 4u);
  const Counters before = counters();
  for (const Order order : {Order::forward, Order::reverse, Order::random})
    EXPECT_EQ(carried_out(order), (std::vector<char>{1, 4, 3}));
  EXPECT_EQ(counters().graph_launches - before.graph_launches, 3u);
  EXPECT_EQ(counters().graph_nodes - before.graph_nodes, 12u);
  EXPECT_EQ(counters().graph_depths - before.graph_depths, 9u);
}

// What should come last comes first in one of the orders.
TEST_F(Branches, ShowInTheResultsWhatDoesNotWait) {
  begin();
  wait(side_, main_);
  set(side_, 1, 2);
  set(main_, 0, 4, 3);
  wait(main_, side_);
  ASSERT_EQ(end(), cudaSuccess);
  EXPECT_EQ(carried_out(Order::forward), (std::vector<char>{4, 4, 4}));
  EXPECT_EQ(carried_out(Order::reverse), (std::vector<char>{4, 2, 4}));
}

TEST_F(Branches, MustBeJoinedBeforeTheEnd) {
  begin();
  set(main_, 0, 1);
  wait(side_, main_);
  set(side_, 1, 2);
  EXPECT_EQ(end(), cudaErrorStreamCaptureUnjoined);
  EXPECT_EQ(graph_, nullptr);
  set(side_, 1, 5);  // is not recorded any more
  EXPECT_EQ(x_.values()[1], 5);
}

TEST_F(Branches, DoNotWaitForWhatIsNotRecorded) {
  EXPECT_EQ(cudaEventRecord(event_, side_.get()), cudaSuccess);
  begin();
  EXPECT_EQ(cudaStreamWaitEvent(main_.get(), event_, 0), cudaErrorStreamCaptureIsolation);
  EXPECT_EQ(cudaStreamEndCapture(side_.get(), &graph_), cudaErrorIllegalState);
  wait(side_, main_);
  EXPECT_EQ(cudaStreamEndCapture(side_.get(), &graph_), cudaErrorStreamCaptureUnmatched);
  EXPECT_EQ(end(), cudaSuccess);
  EXPECT_EQ(cudaStreamWaitEvent(side_.get(), event_, 0), cudaErrorCapturedEvent);
}

TEST(Runtime, SortsPairsStably) {
  const std::vector<std::uint64_t> keys = {5, 1ull << 40, 5, 0};
  const DeviceArray<std::uint64_t> keys_in(keys), keys_out(4);
  const DeviceArray<std::uint32_t> values_in(std::vector<std::uint32_t>{10, 11, 12, 13}),
      values_out(4);
  const std::size_t bytes = cuda::sort_pairs_storage(4);
  const DeviceArray<char> storage(bytes);
  cuda::sort_pairs(storage.get(), bytes, keys_in.get(), keys_out.get(), values_in.get(),
                   values_out.get(), 4, nullptr);
  EXPECT_EQ(keys_out.values(), (std::vector<std::uint64_t>{0, 5, 5, 1ull << 40}));
  EXPECT_EQ(values_out.values(), (std::vector<std::uint32_t>{13, 10, 12, 11}));
}

TEST(Runtime, ASortPastTheEndIsFound) {
  const DeviceArray<std::uint64_t> keys(3);
  const DeviceArray<std::uint32_t> values(4);
  const DeviceArray<char> storage(cuda::sort_pairs_storage(4));
  cuda::sort_pairs(storage.get(), cuda::sort_pairs_storage(4), keys.get(), keys.get(), values.get(),
                   values.get(), 4, nullptr);
  EXPECT_EQ(take_findings(),
            std::vector<std::string>{"sort_pairs: keys_in reaches outside of device memory"});
}

}  // namespace
}  // namespace gan::emulation
