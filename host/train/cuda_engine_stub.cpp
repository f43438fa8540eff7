// In place of the GPU engines where there is no CUDA toolkit.
#include "host/train/cuda_engine.h"

namespace gan::train {

std::unique_ptr<Engine> make_cuda_engine(const run::RunSpec&, const data::Images&, Exchange&) {
  throw base::UsageError(gpu::cuda_devices().why_none);
}

double cuda_launches_per_step(const run::RunSpec&, const data::Images&) {
  return 0;
}

std::string why_no_fused_engine(const run::RunSpec&) {
  return gpu::cuda_devices().why_none;
}

std::size_t fused_block_bytes(const run::RunSpec&) {
  return 0;
}

}  // namespace gan::train
