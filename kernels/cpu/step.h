// The first and the last operation of a training step: gather, finish_step and advance.
#pragma once
#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector.h"

namespace gan {

template <class T>
GAN_VECTORISED void gather_rows(T* x, const std::uint8_t* images, const std::uint32_t* order,
                                std::size_t rows, std::size_t pixels) {
  for (std::size_t r = 0; r < rows; ++r, x += pixels) {
    const std::uint8_t* image = images + order[r] * pixels;
    for (std::size_t i = 0; i < pixels; ++i) x[i] = static_cast<T>(image[i]) / 255;
  }
}
// Returns the image numbers of the batch of step clock->step.
inline const std::uint32_t* batch_of(const ImageSet& set, const Clock& clock, int batch) {
  const auto per_epoch = static_cast<std::uint64_t>((set.count + batch - 1) / batch);
  return set.order + clock.step % per_epoch * static_cast<std::uint64_t>(batch);
}

template <class T>
void CpuOps<T>::gather(T* x, ImageSet set, const Clock* clock, int B, int batch) const {
  if (B == 0) return;
  const std::uint32_t* const order = batch_of(set, *clock, batch);
  const auto pixels = static_cast<std::size_t>(set.pixels);
  for_rows(static_cast<std::size_t>(B), pixels, [=](std::size_t r, std::size_t end) {
    gather_rows(x + r * pixels, set.images, order + r, end - r, pixels);
  });
}

template <class T>
void CpuOps<T>::gather_labels(std::uint8_t* labels, ImageSet set, const Clock* clock, int B,
                              int batch, int copies) const {
  if (B == 0) return;
  const std::uint32_t* const order = batch_of(set, *clock, batch);
  for (int copy = 0; copy < copies; ++copy)
    for (int r = 0; r < B; ++r) *labels++ = set.labels[order[r]];
}

template <class T>
void CpuOps<T>::finish_step(StepLosses<T>* ring, int ring_size, const StepLosses<T>* losses,
                            Clock* clock, ClockSettings settings) const {
  ring[clock->step % static_cast<std::uint64_t>(ring_size)] = *losses;
  advance(clock, settings);
}

template <class T>
void CpuOps<T>::advance(Clock* clock, ClockSettings settings) const {
  *clock = clock_at(clock->step + 1, settings);
}

}  // namespace gan
