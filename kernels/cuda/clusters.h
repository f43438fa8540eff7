// Kernels to time and to count thread block clusters (host/bench/sync_latency.h).  They need a
// current GPU of compute capability 9.0.
#pragma once
#include <cstddef>

#include "kernels/cuda/stream.h"

namespace gan {

struct Clusters {
  int blocks;          // of a cluster, of kSyncThreads threads each
  std::size_t shared;  // bytes of dynamic shared memory of a block
};

// Returns the most bytes of shared memory that a block can have; a multiprocessor holds one such
// block.
std::size_t most_shared_bytes();

// Returns how many such clusters the GPU can hold at the same time; 0 if it cannot hold even one.
int clusters_that_fit(const Clusters& clusters);

// Launches one kernel of `count` clusters, each of which passes `rounds` barriers of its own and
// two more.  y: (count·blocks).  y[b] becomes the number of the block after b in its cluster, which
// that block wrote before the barriers.  Asynchronous on `stream`.
void cluster_rounds(unsigned* y, const Clusters& clusters, int count, unsigned rounds,
                    CudaStream stream);

}  // namespace gan
