#include "host/eval/network_forward.h"
#include "host/eval/products.h"
#include "host/gpu/cuda_backend.h"

namespace gan::eval {
namespace {

constexpr int kBlock = 256;  // rows: their way to the host takes longer than the product

class CudaProducts : public Products {
 public:
  explicit CudaProducts(int gpu) : backend_(gpu) {}

  // The GPU computes and copies a block while the CPU is at the one before.
  void for_each_block(MatrixView a, MatrixView b, const BlockVisitor& visit) const override {
    const auto left = uploaded(a), right = uploaded(b);
    Block blocks[] = {Block(backend_, b.rows), Block(backend_, b.rows)};
    Block* before = nullptr;
    for (int first = 0, turn = 0; first < a.rows; first += kBlock, turn = 1 - turn) {
      Block& block = blocks[turn];
      block.first = first;
      block.rows = std::min(kBlock, a.rows - first);
      backend_.gemm(block.products.get(), Transpose::no,
                    model::rows_from(left.get(), first, a.columns), Transpose::yes, right.get(),
                    block.rows, b.rows, b.columns);
      block.download.start(block.products.get());
      if (before != nullptr) visit_block(*before, b.rows, visit);
      before = &block;
    }
    visit_block(*before, b.rows, visit);
  }

  Matrix forward(const model::NetworkShape& shape, std::span<const float> arena,
                 MatrixView x) const override {
    return network_forward(backend_, shape, arena, x);
  }

 private:
  using Array = gpu::CudaBackend::Array<float>;

  // Some rows of a product on their way to the host.
  struct Block {
    Block(const gpu::CudaBackend& backend, int columns)
        : products(model::zeroed<gpu::CudaBackend, float>(backend, size(columns))),
          download(backend, size(columns)) {}

    static std::size_t size(int columns) {
      return static_cast<std::size_t>(kBlock) * static_cast<std::size_t>(columns);
    }

    Array products;  // (kBlock, columns)
    gpu::CudaBackend::AsyncDownload<float> download;
    int first = 0, rows = 0;
  };

  static void visit_block(const Block& block, int columns, const BlockVisitor& visit) {
    visit(block.first, {block.download.wait().data(), block.rows, columns});
  }

  Array uploaded(MatrixView m) const {
    Array array = backend_.allocate<float>(m.size());
    backend_.upload(array.get(), m.values, m.size());
    return array;
  }

  gpu::CudaBackend backend_;
};

}  // namespace

std::unique_ptr<Products> cuda_products(int gpu) {
  return std::make_unique<CudaProducts>(gpu);
}

}  // namespace gan::eval
