#include "host/cli/products_on.h"

#include "host/train/engine.h"

namespace gan::cli {

std::unique_ptr<eval::Products> products_on(run::Device device) {
  const run::Device resolved = train::resolve_device(device);
  return resolved == run::kCpu ? eval::cpu_products() : eval::cuda_products(resolved.number);
}

}  // namespace gan::cli
