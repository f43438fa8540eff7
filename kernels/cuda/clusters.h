// Thread block clusters, to be timed and counted (host/bench/sync_latency.h): for a current GPU of
// compute capability 9.0.  Nothing here can be emulated.
#pragma once
#include <cstddef>

#include "kernels/cuda/stream.h"

namespace gan {

struct Clusters {
  int blocks;          // of a cluster, of kSyncThreads threads each
  std::size_t shared;  // bytes of dynamic shared memory of a block
};

// The most shared memory that a block can have: there is one such block on a multiprocessor.
std::size_t most_shared_bytes();

// How many such clusters the GPU can hold at the same time; 0 if it cannot hold even one.
int clusters_that_fit(const Clusters& clusters);

// One kernel of `count` clusters, each of which passes `rounds` barriers of its own.  y:
// (count·blocks); y[b] becomes the number of the block after b in its cluster, which that block
// wrote before the barriers.  Asynchronous on `stream`.
void cluster_rounds(unsigned* y, const Clusters& clusters, int count, unsigned rounds,
                    CudaStream stream);

}  // namespace gan
