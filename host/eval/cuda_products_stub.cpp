// In place of a GPU's products where there is no CUDA toolkit.
#include "host/base/errors.h"
#include "host/eval/products.h"
#include "host/gpu/cuda_devices.h"

namespace gan::eval {

std::unique_ptr<Products> cuda_products(int) {
  throw base::UsageError(gpu::cuda_devices().why_none);
}

}  // namespace gan::eval
