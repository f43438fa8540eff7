#include "host/eval/products.h"

#include "host/eval/network_forward.h"
#include "host/model/cpu_backend.h"

namespace gan::eval {
namespace {

constexpr int kBlock = 256;  // rows of a matrix product: enough for its full speed

class CpuProducts : public Products {
 public:
  void for_each_block(MatrixView a, MatrixView b, const BlockVisitor& visit) const override {
    Matrix products(std::min(kBlock, a.rows), b.rows);
    for (int first = 0; first < a.rows; first += kBlock) {
      const MatrixView block = a.slice(first, kBlock);
      backend_.gemm(products.values.data(), Transpose::no, block.values, Transpose::yes, b.values,
                    block.rows, b.rows, b.columns);
      visit(first, products.view().slice(0, block.rows));
    }
  }

  Matrix forward(const model::NetworkShape& shape, std::span<const float> arena,
                 MatrixView x) const override {
    return network_forward(backend_, shape, arena, x);
  }

 private:
  model::CpuBackend<float> backend_;
};

}  // namespace

std::unique_ptr<Products> cpu_products() {
  return std::make_unique<CpuProducts>();
}

}  // namespace gan::eval
