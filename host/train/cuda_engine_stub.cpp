// In place of the GPU engines where there is no CUDA toolkit.
#include "host/train/cuda_engine.h"

namespace gan {

std::unique_ptr<Engine> make_cuda_engine(const RunSpec&, const Images&, int) {
  throw UsageError(cuda_devices().why_none);
}

std::string why_no_fused_engine(const RunSpec&) {
  return cuda_devices().why_none;
}

std::size_t fused_block_bytes(const RunSpec&) {
  return 0;
}

}  // namespace gan
