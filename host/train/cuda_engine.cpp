#include "host/train/cuda_engine.h"

#include "host/model/cuda_backend.h"
#include "host/train/graph_engine.h"
#include "host/train/plain_engine.h"

namespace gan {
namespace {

class CudaPlainEngine : public PlainEngine<CudaBackend> {
 public:
  using PlainEngine::PlainEngine;
  std::string device_name() const override { return backend().device_name(); }
};

}  // namespace

std::unique_ptr<Engine> make_cuda_engine(const RunSpec& spec, const Images& images, int device) {
  const Precision precision = precision_named(spec.precision);
  if (spec.engine == "plain")
    return std::make_unique<CudaPlainEngine>(spec, images, device, precision);
  return std::make_unique<GraphEngine>(spec, images, device, precision);
}

}  // namespace gan
