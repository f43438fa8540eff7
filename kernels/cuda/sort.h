// A stable sort on the GPU.
#pragma once
#include <cstddef>
#include <cstdint>

struct CUstream_st;  // cudaStream_t points to it

namespace gan::cuda {

// Returns the bytes of storage that sort_pairs needs for n pairs.
std::size_t sort_pairs_storage(int n);

// Sorts keys_in into keys_out, and values_in into values_out in the same order.  Equal keys keep
// their order.  All arrays are on the device; keys, values: (n); storage: `bytes` ≥
// sort_pairs_storage(n), aligned to 256.  Asynchronous on `stream`; allocates nothing.
void sort_pairs(void* storage, std::size_t bytes, const std::uint64_t* keys_in,
                std::uint64_t* keys_out, const std::uint32_t* values_in, std::uint32_t* values_out,
                int n, CUstream_st* stream);

}  // namespace gan::cuda
