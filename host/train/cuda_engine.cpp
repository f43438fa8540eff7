#include "host/train/cuda_engine.h"

#include "host/train/fused_engine.h"

namespace gan::train {

std::unique_ptr<Engine> make_cuda_engine(const run::RunSpec& spec, const data::Images& images,
                                         int device) {
  gpu::CudaSettings settings{.precision = spec.precision};
  if (spec.engine == run::EngineKind::plain)
    return std::make_unique<CudaPlainEngine>(spec, images, device, settings);
  if (spec.engine == run::EngineKind::fused) {
    constexpr int kStartsEarly = 90;  // compute capability
    if (gpu::cuda_compute_capability(device) >= kStartsEarly) settings.start = KernelStart::early;
    return std::make_unique<FusedEngine>(spec, images, device, settings);
  }
  if (spec.engine == run::EngineKind::persistent)
    return std::make_unique<PersistentEngine>(spec, images, device, settings);
  settings.branches = gpu::Branches::side;
  if (spec.engine == run::EngineKind::graph_pdl) settings.start = KernelStart::early;
  return std::make_unique<GraphEngine>(spec, images, device, settings);
}

}  // namespace gan::train
