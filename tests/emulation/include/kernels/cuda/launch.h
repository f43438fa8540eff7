// The emulated twin of kernels/cuda/launch.h.
#pragma once
#include <cuda_runtime.h>

#include <tuple>
#include <type_traits>
#include <utility>

#include "tests/emulation/runtime/stream.h"

namespace gan::emulation {

// A kernel and its arguments.  Copied byte by byte, as on the way to a device.
template <class... Parameters>
struct KernelCall {
  static_assert((std::is_trivially_copyable_v<Parameters> && ...));
  void (*kernel)(Parameters...);
  std::tuple<Parameters...> parameters;

  static void invoke(const void* call) {
    const auto& self = *static_cast<const KernelCall*>(call);
    std::apply(self.kernel, self.parameters);
  }
};

template <class... Parameters, class... Arguments>
cudaError_t submit_kernel(LaunchKind kind, void (*kernel)(Parameters...), dim3 grid, dim3 block,
                          std::size_t shared, CudaStream stream, Arguments&&... arguments) {
  using Call = KernelCall<Parameters...>;
  const Call call{kernel, {std::forward<Arguments>(arguments)...}};
  const Launch launch{grid, block, shared, kind, stream.start, Call::invoke, &call, sizeof(Call)};
  return submit_launch(launch, reinterpret_cast<const void*>(kernel), stream);
}

}  // namespace gan::emulation

namespace gan::cuda {

template <class T>
T* dynamic_shared() {
  return static_cast<T*>(emulation::dynamic_shared());
}

// Here the predecessor has ended already, and what a kernel does in front of this is found.
inline void await_predecessor() {
  emulation::await_predecessor();
}

template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared,
                   CudaStream stream, Arguments&&... arguments) {
  return emulation::submit_kernel(emulation::LaunchKind::ordinary, kernel, grid, block, shared,
                                  stream, std::forward<Arguments>(arguments)...);
}

template <class... Parameters, class... Arguments>
cudaError_t launch_cooperative(void (*kernel)(Parameters...), dim3 grid, dim3 block,
                               std::size_t shared, CudaStream stream, Arguments&&... arguments) {
  return emulation::submit_kernel(emulation::LaunchKind::cooperative, kernel, grid, block, shared,
                                  stream, std::forward<Arguments>(arguments)...);
}

}  // namespace gan::cuda
