// What the model asks of a backend: the operations of kernels/ops.h, and memory on the device they
// work on.
#pragma once
#include <concepts>
#include <cstddef>

#include "host/model/array.h"
#include "kernels/ops.h"

namespace gan::model {

// B::Array<T> is an Array of the device.
template <class B>
concept Backend = Operations<B> &&
    requires(const B& backend, float* device, const float* source, float* host, std::size_t n) {
  // n values, not yet written.
  { backend.template allocate<float>(n) } -> std::same_as<typename B::template Array<float>>;
  // Set n values to zero bytes.
  {backend.zero(device, n)};
  // Copy n values to or from the device.  Complete on return, with all work enqueued before.
  {backend.upload(device, source, n)};
  {backend.download(host, source, n)};
  // Calls work(ops).  What `work` enqueues on these ops starts after all that was enqueued so far,
  // and may run beside what is enqueued next, until join().
  {backend.fork([](const auto&) {})};
  {backend.join()};
  // The seconds that the device takes for what `enqueue` enqueues; waits for it.
  {
    backend.seconds([] {})
    } -> std::same_as<double>;
  // Names what is enqueued until the result goes out of scope, for a profiler.
  {backend.phase("name")};
};

template <Backend B, class T>
typename B::template Array<T> zeroed(const B& backend, std::size_t n) {
  auto array = backend.template allocate<T>(n);
  backend.zero(array.get(), n);
  return array;
}

}  // namespace gan::model
