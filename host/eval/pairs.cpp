#include "host/eval/pairs.h"

#include <future>
#include <numeric>
#include <vector>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector.h"

namespace gan::eval {
namespace {

// Calls body(i, t) for i in [0, n): thread t has i = t, t + T, …
template <class Body>
void on_all_threads(int n, Body body) {
  const int threads = cpu_threads();
  std::vector<std::future<void>> others;  // they are waited for, whatever happens
  const auto work = [&](int t) {
    for (int i = t; i < n; i += threads) body(i, t);
  };
  for (int t = 1; t < std::min(threads, n); ++t)
    others.push_back(std::async(std::launch::async, work, t));
  work(0);
  for (std::future<void>& other : others) other.get();
}

// Calls visit(i, products, t) on thread t for every row of a·bᵀ.
template <class Visit>
void for_each_row(const Products& products, MatrixView a, MatrixView b, Visit visit) {
  products.for_each_block(a, b, [&](int first, MatrixView block) {
    on_all_threads(block.rows, [&](int i, int thread) { visit(first + i, block.row(i), thread); });
  });
}

std::vector<float> squared_norms(MatrixView m) {
  std::vector<float> norms(static_cast<std::size_t>(m.rows));
  for (int i = 0; i < m.rows; ++i)
    norms[static_cast<std::size_t>(i)] =
        static_cast<float>(std::inner_product(m.row(i), m.row(i) + m.columns, m.row(i), 0.0));
  return norms;
}

// d²ⱼ out of the products.
GAN_VECTORISED void to_distances(float* d2, const float* products, const float* b_norms,
                                 float a_norm, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) {
    const float distance = a_norm + b_norms[j] - 2 * products[j];
    d2[j] = distance > 0 ? distance : 0;
  }
}

}  // namespace

void for_each_row_of_products(const Products& products, MatrixView a, MatrixView b,
                              const ProductsVisitor& visit) {
  const auto n = static_cast<std::size_t>(b.rows);
  for_each_row(products, a, b, [&](int i, const float* row, int) { visit(i, {row, n}); });
}

void for_each_row_of_distances(const Products& products, MatrixView a, MatrixView b,
                               const DistancesVisitor& visit) {
  const std::vector<float> a_norms = squared_norms(a), b_norms = squared_norms(b);
  const auto n = static_cast<std::size_t>(b.rows);
  Matrix distances(cpu_threads(), b.rows);
  for_each_row(products, a, b, [&](int i, const float* row, int thread) {
    float* const d2 = distances.row(thread);
    to_distances(d2, row, b_norms.data(), a_norms[static_cast<std::size_t>(i)], n);
    visit(i, {d2, n});
  });
}

}  // namespace gan::eval
