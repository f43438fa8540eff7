#include "host/bench/ceilings.h"
#include "host/gpu/cuda_backend.h"

namespace gan::bench {

Ceilings measure_cuda_ceilings(const run::RunSpec& spec) {
  return measure_ceilings(gpu::CudaBackend(spec.device.number, {.precision = spec.precision}));
}

}  // namespace gan::bench
