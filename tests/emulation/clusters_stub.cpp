// In place of kernels/cuda/clusters.cu: the emulated GPU has no clusters.
#include "kernels/cuda/clusters.h"

#include <stdexcept>

namespace gan {

std::size_t most_shared_bytes() {
  return 0;
}

int clusters_that_fit(const Clusters&) {
  return 0;
}

void cluster_rounds(unsigned*, const Clusters&, int, unsigned, CudaStream) {
  throw std::logic_error("a launch of clusters, none of which fits");
}

}  // namespace gan
