// Where the evaluator's matrix products are computed: on the CPU or on a GPU.  What is done with
// their rows, and all sums over them, stays with the caller on the CPU.
#pragma once
#include <functional>
#include <memory>
#include <span>

#include "host/eval/matrix.h"
#include "host/model/network_shape.h"

namespace gan::eval {

// Rows first, first + 1, … of a product.  They are overwritten after the call.
using BlockVisitor = std::function<void(int first, MatrixView block)>;

class Products {
 public:
  virtual ~Products() = default;

  // Calls visit for the rows of a·bᵀ, a block of them at a time, in order, so that 10,000 × 10,000
  // products take some megabytes.  a: (A, N), b: (B, N), neither empty.
  virtual void for_each_block(MatrixView a, MatrixView b, const BlockVisitor& visit) const = 0;

  // network(x) of a network with these parameters.  arena: as `shape` lays it out; x: (n, inputs);
  // returns (n, outputs).
  virtual Matrix forward(const model::NetworkShape& shape, std::span<const float> arena,
                         MatrixView x) const = 0;
};

std::unique_ptr<Products> cpu_products();

// A build without CUDA has none, and throws UsageError.
std::unique_ptr<Products> cuda_products(int gpu);

}  // namespace gan::eval
