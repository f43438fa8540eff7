// In place of a GPU's ceilings where there is no CUDA toolkit.
#include <stdexcept>

#include "host/bench/ceilings.h"
#include "host/gpu/cuda_devices.h"

namespace gan::bench {

Ceilings measure_cuda_ceilings(const run::RunSpec&) {
  throw std::runtime_error(gpu::cuda_devices().why_none);
}

}  // namespace gan::bench
