// The device sort's counterpart, for a host compiler cannot read CUB.  It uses its storage no more
// than to check that it is there and nobody else's.
#include "kernels/cuda/sort.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "tests/emulation/engine/findings.h"
#include "tests/emulation/engine/observer.h"
#include "tests/emulation/runtime/device_memory.h"
#include "tests/emulation/runtime/stream.h"

namespace gan::cuda {
namespace {

template <class T>
bool is_on_device(const char* name, const T* address, std::size_t n) {
  if (emulation::device_memory().holds(address, n * sizeof(T))) return true;
  emulation::report(std::string("sort_pairs: ") + name + " reaches outside of device memory");
  return false;
}

// CUB writes its storage whenever it likes.
template <class T>
void check_apart(const char* name, const T* address, std::size_t n, const void* storage,
                 std::size_t bytes) {
  const auto* const first = reinterpret_cast<const char*>(address);
  const auto* const begin = static_cast<const char*>(storage);
  if (first < begin + bytes && begin < first + n * sizeof(T))
    emulation::report(std::string("sort_pairs: its storage overlaps ") + name);
}

template <class T>
void check_written(const char* name, const T* address, std::size_t n) {
  if (emulation::observer() != nullptr &&
      !emulation::observer()->is_written(address, n * sizeof(T)))
    emulation::report(std::string("sort_pairs: ") + name + " was not written throughout");
}

}  // namespace

std::size_t sort_pairs_storage(int n) {
  return static_cast<std::size_t>(n) * sizeof(std::uint32_t) + 1;
}

void sort_pairs(void* storage, std::size_t bytes, const std::uint64_t* keys_in,
                std::uint64_t* keys_out, const std::uint32_t* values_in, std::uint32_t* values_out,
                int n, CUstream_st* stream) {
  const auto count = static_cast<std::size_t>(n);
  if (bytes < sort_pairs_storage(n)) emulation::report("sort_pairs: too little storage");
  if (!is_on_device("its storage", static_cast<const char*>(storage), bytes) ||
      !is_on_device("keys_in", keys_in, count) || !is_on_device("keys_out", keys_out, count) ||
      !is_on_device("values_in", values_in, count) ||
      !is_on_device("values_out", values_out, count))
    return;
  check_apart("keys_in", keys_in, count, storage, bytes);
  check_apart("keys_out", keys_out, count, storage, bytes);
  check_apart("values_in", values_in, count, storage, bytes);
  check_apart("values_out", values_out, count, storage, bytes);
  emulation::submit(stream, [=] {
    check_written("keys_in", keys_in, count);
    check_written("values_in", values_in, count);
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [keys_in](std::uint32_t i, std::uint32_t j) {
      return keys_in[i] < keys_in[j];
    });
    for (std::size_t i = 0; i < count; ++i) {
      keys_out[i] = keys_in[order[i]];
      values_out[i] = values_in[order[i]];
    }
    if (emulation::observer() != nullptr) {
      emulation::observer()->written(keys_out, count * sizeof *keys_out);
      emulation::observer()->written(values_out, count * sizeof *values_out);
    }
    return cudaSuccess;
  });
}

}  // namespace gan::cuda
