// The fused step as one kernel for each phase; its scratch memory; and which GPUs can run it.
#include "kernels/cuda/fused_launch.h"

namespace gan {
namespace {

// Two blocks to a multiprocessor, with half of the registers each, so that a kernel that starts
// early finds room beside the one in front.  Phases whose lanes hold more than 16 sums need all
// registers.
template <class Phase>
constexpr int kBlocksAtOnce = Phase::kSums <= 16 ? 2 : 1;

template <class Mode, class Phase>
__global__ void __launch_bounds__(cuda::kTileThreads, kBlocksAtOnce<Phase>)
    phase_kernel(const __grid_constant__ FusedStep step) {
  cuda::run_phase<Mode, Phase>(step, [] { cuda::await_predecessor(); });
}

template <class Mode>
__global__ void __launch_bounds__(cuda::kTileThreads, 1)
    prepare_kernel(const __grid_constant__ FusedStep step) {
  cuda::await_predecessor();
  cuda::noise_tile<Mode>(step, step.clock->step, blockIdx.x);
  const int thread = blockIdx.x * cuda::kTileThreads + threadIdx.x;
  if (thread == 0) cuda::place_batch(step, step.clock->step);
  if constexpr (Mode::kPrecision == Precision::tf32)
    for (const FusedNetwork* network : {&step.generator, &step.discriminator})
      for (const FusedLayer& layer : network->layers)
        for (int i = thread; i < layer.out * layer.in; i += gridDim.x * cuda::kTileThreads)
          layer.operand[i] = cuda::to_tf32(layer.weight.value[i]);
}

// Launches the phases of `steps` steps.  The first launch waits for all work before it; the others
// start early if the stream says so.
template <class Mode, class First, class... Phase>
void launch_phases(cuda::PhaseList<First, Phase...>, const FusedStep& step, int steps,
                   CudaStream stream) {
  const auto launch = [&](auto* kernel, int tiles, int warp_values, KernelStart start) {
    const FusedStep sized = cuda::with_product_memory(step, warp_values);
    const std::size_t shared = cuda::fused_shared_bytes(sized);
    cuda::allow_shared(kernel, shared);
    GAN_CHECK(cuda::launch(kernel, tiles, cuda::kTileThreads, shared,
                           CudaStream{stream.handle, start}, sized));
  };
  for (int i = 0; i < steps; ++i) {
    launch(phase_kernel<Mode, First>, First::tiles(step), First::kWarpValues,
           i == 0 ? KernelStart::after_predecessor : stream.start);
    (launch(phase_kernel<Mode, Phase>, Phase::tiles(step), Phase::kWarpValues, stream.start), ...);
  }
}

// Takes arrays from an arena, one after another.  Without an arena it only counts their bytes.
class ScratchAllocator {
 public:
  explicit ScratchAllocator(void* arena) : arena_(static_cast<unsigned char*>(arena)) {}

  template <class T>
  T* take(std::size_t n) {
    constexpr std::size_t kAlignment = 256;
    void* const piece = arena_ ? arena_ + size_ : nullptr;
    size_ += cuda::rounded_up(n * sizeof(T), kAlignment);
    return static_cast<T*>(piece);
  }
  std::size_t size() const { return size_; }

 private:
  unsigned char* arena_;
  std::size_t size_ = 0;
};

void place_scratch(FusedStep& step, Precision precision, ScratchAllocator& allocator) {
  const auto rows = [&](int batches, int width) {
    return allocator.take<float>(static_cast<std::size_t>(batches) * step.batch * width);
  };
  for (FusedNetwork* network : {&step.generator, &step.discriminator})
    for (FusedLayer& layer : network->layers)
      layer.operand = precision == Precision::tf32
                          ? allocator.take<float>(static_cast<std::size_t>(layer.out) * layer.in)
                          : layer.weight.value;
  const FusedLayer *const g = step.generator.layers, *const d = step.discriminator.layers;
  FusedScratch& s = step.scratch;
  s.z = rows(2 * 2, step.latent_width());
  s.g1 = rows(2, g[0].out);
  s.g2 = rows(2, g[1].out);
  s.images = rows(3, step.pixels());
  s.slopes = rows(1, step.pixels());
  s.splits = rows(cuda::tiles_of(step.pixels(), cuda::kSplitDepth), d[0].out);
  s.fake_splits = rows(cuda::tiles_of(step.pixels(), cuda::LargeTile::kColumns), d[0].out);
  s.d1 = rows(2, d[0].out);
  s.d2 = rows(2, d[1].out);
  s.dd1 = rows(2, d[0].out);
  s.dd2 = rows(2, d[1].out);
  s.dlogits = rows(2, 1);
  s.dfake = rows(1, step.pixels());
  s.dg1 = rows(1, g[0].out);
  s.dg2 = rows(1, g[1].out);
  s.row_losses =
      allocator.take<float>(std::size_t{3} * 2 * cuda::tiles_of(step.batch, cuda::kTailRows));
  s.late = allocator.take<Clock>(1);
  s.next = allocator.take<Clock>(1);
  s.place = allocator.take<BatchPlace>(1);
  s.adam = allocator.take<cuda::AdamFactors>(2);
  s.arrivals = allocator.take<unsigned>(1);
}

}  // namespace

std::size_t fused_scratch_bytes(const FusedStep& step, Precision precision) {
  FusedStep unplaced = step;
  ScratchAllocator allocator(nullptr);
  place_scratch(unplaced, precision, allocator);
  return allocator.size();
}

void place_fused_scratch(FusedStep& step, Precision precision, void* arena) {
  ScratchAllocator allocator(arena);
  place_scratch(step, precision, allocator);
}

void prepare_fused_steps(const FusedStep& step, Precision precision, CudaStream stream) {
  cuda::choose_arithmetic(step, precision, [&]<class Mode>(Mode) {
    GAN_CHECK(cuda::launch(prepare_kernel<Mode>, cuda::noise_tiles(step), cuda::kTileThreads, 0,
                           stream, step));
  });
}

void fused_steps(const FusedStep& step, Precision precision, int steps, CudaStream stream) {
  cuda::choose_arithmetic(step, precision, [&]<class Mode>(Mode) {
    launch_phases<Mode>(cuda::FusedPhases{}, step, steps, stream);
  });
}

std::size_t fused_block_bytes(const FusedStep& step) {
  FusedStep least = step;
  least.warp_values = cuda::kWarpShared<cuda::LargeTile>;
  return cuda::fused_shared_bytes(least);
}

std::string why_no_fused_step(const FusedStep& step, int device) {
  constexpr int kNeeded = 8;
  if (cuda::device_attribute(cudaDevAttrComputeCapabilityMajor, device) < kNeeded)
    return "it needs a GPU of compute capability 8.0 or later";
  const std::size_t most = cuda::device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
  if (fused_block_bytes(step) > most)
    return "the discriminator's hidden layers are too wide for a multiprocessor's shared memory";
  if (!cuda::device_attribute(cudaDevAttrCooperativeLaunch, device))
    return "the GPU has no cooperative launches";
  return "";
}

}  // namespace gan
