#include "host/train/cuda_engine.h"

#include "host/train/fused_engine.h"

namespace gan {

std::unique_ptr<Engine> make_cuda_engine(const RunSpec& spec, const Images& images, int device) {
  CudaSettings settings{.precision = precision_named(spec.precision)};
  if (spec.engine == "plain")
    return std::make_unique<CudaPlainEngine>(spec, images, device, settings);
  if (spec.engine == "fused") {
    constexpr int kStartsEarly = 90;  // compute capability
    if (cuda_compute_capability(device) >= kStartsEarly) settings.start = KernelStart::early;
    return std::make_unique<FusedEngine>(spec, images, device, settings);
  }
  if (spec.engine == "persistent")
    return std::make_unique<PersistentEngine>(spec, images, device, settings);
  settings.branches = Branches::side;
  if (spec.engine == "graph-pdl") settings.start = KernelStart::early;
  return std::make_unique<GraphEngine>(spec, images, device, settings);
}

}  // namespace gan
