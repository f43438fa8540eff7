#include "kernels/cuda/clusters.h"

#include "kernels/cuda/check.h"
#include "kernels/cuda/cluster_barrier.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/sync_latency.h"

namespace gan {
namespace {

__global__ void __launch_bounds__(kSyncThreads, 1)
    cluster_kernel(unsigned* y, unsigned blocks, unsigned rounds) {
  cuda::await_predecessor();
  const unsigned block = blockIdx.x, rank = block % blocks,
                 next = block - rank + (rank + 1) % blocks;
  if (threadIdx.x == 0) y[block] = block;
  for (unsigned r = 0; r < rounds; ++r) cuda::cluster_wait();
  const unsigned seen = y[next];
  cuda::cluster_wait();
  if (threadIdx.x == 0) y[block] = seen;
}

// The configuration of a launch of `count` clusters.  Making it sets the kernel's attributes, too.
class ClusterLaunch {
 public:
  ClusterLaunch(const Clusters& clusters, int count, cudaStream_t stream) {
    // Not every GPU can do clusters of more than 8 blocks (CUDA Programming Guide, "Thread Block
    // Clusters").
    GAN_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(cluster_kernel),
                                   cudaFuncAttributeNonPortableClusterSizeAllowed, 1));
    cuda::allow_shared(cluster_kernel, clusters.shared);
    cluster_.id = cudaLaunchAttributeClusterDimension;
    cluster_.val.clusterDim.x = static_cast<unsigned>(clusters.blocks);
    cluster_.val.clusterDim.y = cluster_.val.clusterDim.z = 1;
    config_.gridDim = static_cast<unsigned>(clusters.blocks * count);
    config_.blockDim = kSyncThreads;
    config_.dynamicSmemBytes = clusters.shared;
    config_.stream = stream;
    config_.attrs = &cluster_;
    config_.numAttrs = 1;
  }
  ClusterLaunch(const ClusterLaunch&) = delete;
  ClusterLaunch& operator=(const ClusterLaunch&) = delete;

  const cudaLaunchConfig_t* config() const { return &config_; }

 private:
  cudaLaunchAttribute cluster_{};
  cudaLaunchConfig_t config_{};
};

}  // namespace

std::size_t most_shared_bytes() {
  return static_cast<std::size_t>(cuda::device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin));
}

int clusters_that_fit(const Clusters& clusters) {
  int count = 0;
  const cudaError_t code = cudaOccupancyMaxActiveClusters(
      &count, cluster_kernel, ClusterLaunch(clusters, 1, nullptr).config());
  if (code == cudaErrorInvalidClusterSize) {
    (void)cudaGetLastError();  // an answer, not a failure of what comes next
    return 0;
  }
  GAN_CHECK(code);
  return count;
}

void cluster_rounds(unsigned* y, const Clusters& clusters, int count, unsigned rounds,
                    CudaStream stream) {
  const ClusterLaunch launch(clusters, count, stream);
  GAN_CHECK(cudaLaunchKernelEx(launch.config(), cluster_kernel, y,
                               static_cast<unsigned>(clusters.blocks), rounds));
}

}  // namespace gan
