#include "host/train/cuda_engine.h"

#include "host/train/fused_engine.h"

namespace gan {

std::unique_ptr<Engine> make_cuda_engine(const RunSpec& spec, const Images& images, int device) {
  const Precision precision = precision_named(spec.precision);
  if (spec.engine == "plain")
    return std::make_unique<CudaPlainEngine>(spec, images, device, precision);
  if (spec.engine == "fused") return std::make_unique<FusedEngine>(spec, images, device, precision);
  if (spec.engine == "persistent")
    return std::make_unique<PersistentEngine>(spec, images, device, precision);
  return std::make_unique<GraphEngine>(spec, images, device, precision, Branches::side);
}

}  // namespace gan
