#include "host/cli/products_on.h"

#include "host/train/engine.h"

namespace gan::cli {

std::unique_ptr<eval::Products> products_on(const std::string& device) {
  const std::string resolved = train::resolve_device(device);
  return resolved == "cpu" ? eval::cpu_products()
                           : eval::cuda_products(train::gpu_number(resolved));
}

}  // namespace gan::cli
