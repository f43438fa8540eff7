// Clusters, on a GPU that has them.
#include "kernels/cuda/clusters.h"

#include <algorithm>

#include "tests/kernels/arrays.h"
#include "tests/kernels/backends.h"

namespace gan {
namespace {

class ClustersTest : public BackendTest {
 protected:
  void SetUp() override {
    BackendTest::SetUp();
    if (!IsSkipped() && gpu::cuda_compute_capability(0) < 90)
      GTEST_SKIP() << "clusters need compute capability 9.0";
  }
};

TEST_F(ClustersTest, ABlockSeesWhatItsNeighbourWroteInFrontOfTheBarriers) {
  for (const unsigned blocks : {1u, 4u, 8u}) {
    const Clusters clusters{static_cast<int>(blocks), most_shared_bytes()};
    const int count = std::min(3, clusters_that_fit(clusters));
    ASSERT_GT(count, 0);
    const Output<gpu::CudaBackend, unsigned> y(backend(), blocks * static_cast<unsigned>(count));
    cluster_rounds(y.get(), clusters, count, 5, backend().stream);
    std::vector<unsigned> expected;
    for (unsigned i = 0; i < blocks * static_cast<unsigned>(count); ++i)
      expected.push_back(i / blocks * blocks + (i + 1) % blocks);
    EXPECT_EQ(y.read(), expected);
  }
}

TEST_F(ClustersTest, SmallerClustersAndBlocksFitMoreOften) {
  const auto count = [](int blocks, std::size_t shared) {
    return clusters_that_fit({blocks, shared});
  };
  EXPECT_GE(count(4, most_shared_bytes()), count(8, most_shared_bytes()));
  EXPECT_GE(count(4, 1024), count(4, most_shared_bytes()));
}

}  // namespace
}  // namespace gan
