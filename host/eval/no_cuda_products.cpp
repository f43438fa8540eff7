// In place of a GPU's products where there is no CUDA toolkit.
#include "host/eval/products.h"
#include "host/model/run_spec.h"

namespace gan {

std::unique_ptr<Products> cuda_products(int) {
  throw UsageError("this program was built without CUDA");
}

}  // namespace gan
