#include "host/eval/products_on.h"

#include "host/train/engine.h"

namespace gan::eval {

std::unique_ptr<Products> products_on(run::Device device) {
  const run::Device resolved = train::resolve_device(device);
  return resolved == run::kCpu ? cpu_products() : cuda_products(resolved.number);
}

}  // namespace gan::eval
