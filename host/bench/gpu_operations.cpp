#include "host/bench/gpu_operations.h"

#include <cstdio>

#include "host/bench/operations_bench.h"
#include "host/gpu/cuda_backend.h"

namespace gan::bench {

void add_gpu_operations() {
  if (const gpu::CudaDevices gpus = gpu::cuda_devices(); gpus.count == 0) {
    std::fprintf(stderr, "gan_ops_bench: the CPU alone, for %s\n", gpus.why_none.c_str());
    return;
  }
  static OperationsBench<gpu::CudaBackend> fp32("cuda", 0);
  static OperationsBench<gpu::CudaBackend> tf32("cuda_tf32", 0,
                                                gpu::CudaSettings{.precision = Precision::tf32});
  fp32.add_all();
  tf32.add_products();
}

}  // namespace gan::bench
