// The fused step with a kernel for every phase, and what both ways to run it share.
#include <algorithm>

#include "kernels/cuda/check.h"
#include "kernels/cuda/fused_launch.h"

namespace gan {
namespace {

template <Precision kPrecision, class Phase>
__global__ void __launch_bounds__(cuda::kTileThreads, 1)
    phase_kernel(const __grid_constant__ FusedStep step) {
  cuda::await_predecessor();
  cuda::run_phase<kPrecision, Phase>(step, nullptr);
}

__global__ void __launch_bounds__(cuda::kTileThreads, 1)
    noise_kernel(const __grid_constant__ FusedStep step) {
  cuda::await_predecessor();
  cuda::noise_tile(step, step.clock->step, blockIdx.x);
}

template <Precision kPrecision, class... Phase>
void launch_phases(cuda::PhaseList<Phase...>, const FusedStep& step, CudaStream stream) {
  const std::size_t shared = cuda::fused_shared_bytes(step);
  const auto launch = [&](auto* kernel, int tiles) {
    cuda::allow_shared(kernel, shared);
    GAN_CHECK(cuda::launch(kernel, tiles, cuda::kTileThreads, shared, stream, step));
  };
  (launch(phase_kernel<kPrecision, Phase>, Phase::tiles(step)), ...);
}

// Takes pieces of an arena, one after another; without an arena it only counts.
class Pieces {
 public:
  explicit Pieces(void* arena) : arena_(static_cast<unsigned char*>(arena)) {}

  template <class T>
  T* take(std::size_t n) {
    constexpr std::size_t kAlignment = 256;
    void* const piece = arena_ ? arena_ + size_ : nullptr;
    size_ += (n * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    return static_cast<T*>(piece);
  }
  std::size_t size() const { return size_; }

 private:
  unsigned char* arena_;
  std::size_t size_ = 0;
};

FusedScratch take_scratch(const FusedStep& step, Pieces& pieces) {
  const auto rows = [&](int batches, int width) {
    return pieces.take<float>(static_cast<std::size_t>(batches) * step.batch * width);
  };
  const FusedLayer *const g = step.generator.layers, *const d = step.discriminator.layers;
  FusedScratch s;
  s.z = rows(2 * 2, step.latent_width());
  s.g1 = rows(2, g[0].out);
  s.g2 = rows(2, g[1].out);
  s.fake = rows(2, step.pixels());
  s.slabs = rows(cuda::tiles_of(step.pixels(), cuda::kSlab), d[0].out);
  s.fake_slabs = rows(cuda::tiles_of(step.pixels(), cuda::LargeTile::kColumns), d[0].out);
  s.d1 = rows(2, d[0].out);
  s.d2 = rows(2, d[1].out);
  s.dd1 = rows(2, d[0].out);
  s.dd2 = rows(2, d[1].out);
  s.dlogits = rows(2, 1);
  s.dfake = rows(1, step.pixels());
  s.dg1 = rows(1, g[0].out);
  s.dg2 = rows(1, g[1].out);
  s.row_losses =
      pieces.take<float>(std::size_t{3} * 2 * cuda::tiles_of(step.batch, cuda::kTailRows));
  s.late = pieces.take<Clock>(1);
  s.next = pieces.take<Clock>(1);
  s.arrivals = pieces.take<unsigned>(1);
  return s;
}

}  // namespace

std::size_t fused_scratch_bytes(const FusedStep& step) {
  Pieces pieces(nullptr);
  take_scratch(step, pieces);
  return pieces.size();
}

FusedScratch fused_scratch(const FusedStep& step, void* arena) {
  Pieces pieces(arena);
  return take_scratch(step, pieces);
}

void draw_fused_noise(const FusedStep& step, CudaStream stream) {
  GAN_CHECK(
      cuda::launch(noise_kernel, cuda::noise_tiles(step), cuda::kTileThreads, 0, stream, step));
}

void fused_step(const FusedStep& step, Precision precision, CudaStream stream) {
  switch (precision) {
    case Precision::fp32:
      return launch_phases<Precision::fp32>(cuda::FusedPhases{}, step, stream);
    case Precision::tf32:
      return launch_phases<Precision::tf32>(cuda::FusedPhases{}, step, stream);
    case Precision::tf32x3:
      return launch_phases<Precision::tf32x3>(cuda::FusedPhases{}, step, stream);
  }
}

std::size_t fused_block_bytes(const FusedStep& step) {
  return cuda::fused_shared_bytes(step);
}

std::string why_no_fused_step(const FusedStep& step, Precision precision, int device) {
  const auto attribute = [device](cudaDeviceAttr which) {
    int value = 0;
    GAN_CHECK(cudaDeviceGetAttribute(&value, which, device));
    return value;
  };
  const int capability = 10 * attribute(cudaDevAttrComputeCapabilityMajor) +
                         attribute(cudaDevAttrComputeCapabilityMinor);
  if (precision != Precision::fp32 && capability < 80)
    return "TF32 needs a GPU of compute capability 8.0 or later";
  const std::size_t most = attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin);
  if (cuda::fused_shared_bytes(step) > most)
    return "the discriminator's hidden layers are too wide for a multiprocessor's shared memory";
  if (!attribute(cudaDevAttrCooperativeLaunch)) return "the GPU has no cooperative launches";
  return "";
}

}  // namespace gan
