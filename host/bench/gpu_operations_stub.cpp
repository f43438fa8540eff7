// In place of the GPU's operations where there is no CUDA toolkit.
#include <cstdio>

#include "host/bench/gpu_operations.h"

namespace gan::bench {

void add_gpu_operations() {
  std::fprintf(stderr, "gan_ops_bench: the CPU alone, for this program was built without CUDA\n");
}

}  // namespace gan::bench
