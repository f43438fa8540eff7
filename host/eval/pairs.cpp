#include "host/eval/pairs.h"

#include <numeric>
#include <thread>
#include <vector>

#include "kernels/cpu/ops.h"
#include "kernels/cpu/vector.h"

namespace gan {
namespace {

constexpr int kBlock = 256;  // rows of a matrix product: enough for its full speed

// Calls body(i) for i in [0, n), thread t with i = t, t + T, …
template <class Body>
void on_all_threads(int n, Body body) {
  const int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::vector<std::jthread> others;
  const auto work = [&](int first) {
    for (int i = first; i < n; i += threads) body(i);
  };
  for (int t = 1; t < std::min(threads, n); ++t) others.emplace_back(work, t);
  work(0);
}

std::vector<float> squared_norms(MatrixView m) {
  std::vector<float> norms(static_cast<std::size_t>(m.rows));
  for (int i = 0; i < m.rows; ++i)
    norms[static_cast<std::size_t>(i)] =
        static_cast<float>(std::inner_product(m.row(i), m.row(i) + m.columns, m.row(i), 0.0));
  return norms;
}

// d²ⱼ out of the products in its place.
GAN_VECTORISED void to_distances(float* values, const float* b_norms, float a_norm, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) {
    const float d2 = a_norm + b_norms[j] - 2 * values[j];
    values[j] = d2 > 0 ? d2 : 0;
  }
}

}  // namespace

void for_each_row_of_products(MatrixView a, MatrixView b, const RowVisitor& visit) {
  Matrix products(std::min(kBlock, a.rows), b.rows);
  for (int first = 0; first < a.rows; first += kBlock) {
    const MatrixView block = a.slice(first, kBlock);
    CpuOps<float>().gemm(products.values.data(), Transpose::no, block.values, Transpose::yes,
                         b.values, block.rows, b.rows, b.columns);
    on_all_threads(block.rows, [&](int i) {
      visit(first + i, {products.row(i), static_cast<std::size_t>(b.rows)});
    });
  }
}

void for_each_row_of_distances(MatrixView a, MatrixView b, const RowVisitor& visit) {
  const std::vector<float> a_norms = squared_norms(a), b_norms = squared_norms(b);
  for_each_row_of_products(a, b, [&](int i, std::span<float> values) {
    to_distances(values.data(), b_norms.data(), a_norms[static_cast<std::size_t>(i)],
                 values.size());
    visit(i, values);
  });
}

}  // namespace gan
