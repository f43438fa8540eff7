// The operations of kernels/ops.h on a GPU: our own kernels, cuBLAS for the matrix products,
// cuRAND's Philox for the random bits.  Everything is enqueued on `stream` and nothing is
// synchronised; a failed launch throws.
#pragma once
#include "kernels/cuda/stream.h"
#include "kernels/ops.h"

struct cublasContext;  // cublasHandle_t points to it

namespace gan {

struct CudaOps {
  using Real = float;

  CudaStream stream;
  cublasContext* blas;  // its maker binds it to `stream`, with a workspace of its own

  void gemm(float* c, Transpose op_a, const float* a, Transpose op_b, const float* b, int M, int N,
            int K, Into into = Into::replace) const;

  void bias_add(float* y, const float* b, int B, int N) const;
  void bias_relu(float* y, const float* b, int B, int N, float slope) const;
  void bias_sigmoid(float* y, const float* b, int B, int N) const;
  void bias_gradient(float* db, const float* dy, int B, int N) const;

  void add_embedding(float* y, const float* e, const std::uint8_t* classes, int B, int N) const;
  void embedding_gradient(float* de, const float* dy, const std::uint8_t* classes, int B, int N,
                          int count) const;

  void bias_maxout(float* y, float* z, const float* b, int B, int N, int pieces) const;
  void maxout_gradient(float* dz, const float* dy, const float* z, int B, int N, int pieces) const;
  void maxout_select(float* y, const float* x, const float* z, int B, int N, int pieces) const;

  void relu_gradient(float* dx, const float* dy, const float* y, std::size_t n, float slope) const;
  void sigmoid_gradient(float* dx, const float* dy, const float* y, std::size_t n) const;

  void dropout(float* y, const float* x, std::size_t n, float rate, RandomSource source,
               const Clock* clock, std::size_t first) const;

  void bce(float* loss, float* mean_p, float* p, const float* z, BceTarget<float> against,
           int B) const;
  void bce_gradient(float* dz, const float* p, BceTarget<float> against, int B) const;
  void pair_bce(float* loss, float* mean_p, float* p, const float* a, const float* b, int B) const;
  void pair_bce_gradient(float* da, float* db, const float* p, int B) const;

  void score(float* loss, float* mean_z, const float* z, ScoreTarget<float> against, int B) const;
  void score_gradient(float* dz, const float* z, ScoreTarget<float> against, int B) const;

  void interpolate(float* x, const float* a, const float* b, int B, int N, RandomSource source,
                   const Clock* clock) const;
  void penalty_scale(float* s, double weight, std::size_t n, const Clock* clock) const;
  void penalise_norms(float* dx, float* e, double weight, int B, int N, const Clock* clock) const;

  void fill(float* x, float value, std::size_t n) const;
  void clip(float* x, float bound, std::size_t n) const;
  void dot(float* y, const float* a, const float* b, float factor, int B) const;
  void sum_parts(float* y, const float* x, float factor, std::size_t n, int parts,
                 std::size_t stride) const;

  void adam(float* w, float* m, float* v, const float* g, std::size_t n, AdamSettings settings,
            const Clock* clock, float* average = nullptr) const;
  void sgd(float* w, float* v, const float* g, std::size_t n, double rate, const Clock* clock,
           float* average = nullptr) const;

  void ema(float* a, const float* w, std::size_t n, const Clock* clock) const;

  void gather(float* x, ImageSet set, const Clock* clock, int B, int batch) const;
  void gather_labels(std::uint8_t* labels, ImageSet set, const Clock* clock, int B, int batch,
                     int copies) const;

  void normal(float* z, std::size_t n, RandomSource source, const Clock* clock) const;
  void uniform_noise(float* z, std::size_t n, float bound, RandomSource source,
                     const Clock* clock) const;
  void uniform(float* w, std::size_t n, float bound, RandomSource source, std::uint64_t step) const;
  std::size_t permutation_storage(int n) const;
  void permutation(std::uint32_t* order, void* storage, int n, RandomSource source,
                   std::uint64_t step) const;

  void finish_step(StepLosses<float>* ring, int ring_size, const StepLosses<float>* losses,
                   Clock* clock, ClockSettings settings) const;
  void advance(Clock* clock, ClockSettings settings) const;
};

static_assert(Operations<CudaOps>);

}  // namespace gan
