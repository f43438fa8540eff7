// The operations of kernels/ops.h on a CPU: CpuOps<double> is the reference that tests trust,
// CpuOps<float> trains.
#pragma once
#include "kernels/ops.h"

namespace gan {

template <class T>
struct CpuOps {
  using Real = T;

  void gemm(T* c, Transpose op_a, const T* a, Transpose op_b, const T* b, int M, int N, int K,
            Into into = Into::replace) const;

  void bias_add(T* y, const T* b, int B, int N) const;
  void bias_relu(T* y, const T* b, int B, int N, T slope) const;
  void bias_sigmoid(T* y, const T* b, int B, int N) const;
  void bias_gradient(T* db, const T* dy, int B, int N) const;

  void add_embedding(T* y, const T* e, const std::uint8_t* classes, int B, int N) const;
  void embedding_gradient(T* de, const T* dy, const std::uint8_t* classes, int B, int N,
                          int count) const;

  void bias_maxout(T* y, T* z, const T* b, int B, int N, int pieces) const;
  void maxout_gradient(T* dz, const T* dy, const T* z, int B, int N, int pieces) const;
  void maxout_select(T* y, const T* x, const T* z, int B, int N, int pieces) const;

  void relu_gradient(T* dx, const T* dy, const T* y, std::size_t n, T slope) const;
  void sigmoid_gradient(T* dx, const T* dy, const T* y, std::size_t n) const;

  void dropout(T* y, const T* x, std::size_t n, T rate, RandomSource source, const Clock* clock,
               std::size_t first) const;

  void bce(T* loss, T* mean_p, T* p, const T* z, BceTarget<T> against, int B) const;
  void bce_gradient(T* dz, const T* p, BceTarget<T> against, int B) const;
  void pair_bce(T* loss, T* mean_p, T* p, const T* a, const T* b, int B) const;
  void pair_bce_gradient(T* da, T* db, const T* p, int B) const;

  void score(T* loss, T* mean_z, const T* z, ScoreTarget<T> against, int B) const;
  void score_gradient(T* dz, const T* z, ScoreTarget<T> against, int B) const;

  void interpolate(T* x, const T* a, const T* b, int B, int N, RandomSource source,
                   const Clock* clock) const;
  void penalty_scale(T* s, double weight, std::size_t n, const Clock* clock) const;
  void penalise_norms(T* dx, T* e, double weight, int B, int N, const Clock* clock) const;

  void fill(T* x, T value, std::size_t n) const;
  void clip(T* x, T bound, std::size_t n) const;
  void dot(T* y, const T* a, const T* b, T factor, int B) const;
  void sum_parts(T* y, const T* x, T factor, std::size_t n, int parts, std::size_t stride) const;

  void softmax_cross_entropy(T* loss, T* p, const T* z, const std::uint8_t* t, int B, int N) const;
  void softmax_cross_entropy_gradient(T* dz, const T* p, const std::uint8_t* t, int B, int N) const;

  void adam(T* w, T* m, T* v, const T* g, std::size_t n, AdamSettings settings, const Clock* clock,
            T* average = nullptr) const;
  void sgd(T* w, T* v, const T* g, std::size_t n, double rate, const Clock* clock,
           T* average = nullptr) const;

  void ema(T* a, const T* w, std::size_t n, const Clock* clock) const;

  void gather(T* x, ImageSet set, const Clock* clock, int B, int batch) const;
  void gather_labels(std::uint8_t* labels, ImageSet set, const Clock* clock, int B, int batch,
                     int copies) const;

  void normal(T* z, std::size_t n, RandomSource source, const Clock* clock) const;
  void uniform_noise(T* z, std::size_t n, T bound, RandomSource source, const Clock* clock) const;
  void uniform(T* w, std::size_t n, T bound, RandomSource source, std::uint64_t step) const;
  std::size_t permutation_storage(int n) const;
  void permutation(std::uint32_t* order, void* storage, int n, RandomSource source,
                   std::uint64_t step) const;

  void finish_step(StepLosses<T>* ring, int ring_size, const StepLosses<T>* losses, Clock* clock,
                   ClockSettings settings) const;
  void advance(Clock* clock, ClockSettings settings) const;
};

}  // namespace gan
