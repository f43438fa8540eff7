#include "host/cli/products_on.h"

#include "host/train/engine.h"

namespace gan {

std::unique_ptr<Products> products_on(const std::string& device) {
  const std::string resolved = resolve_device(device);
  return resolved == "cpu" ? cpu_products() : cuda_products(gpu_number(resolved));
}

}  // namespace gan
