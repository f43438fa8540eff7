// What the calls of the runtime's counterpart share.
#pragma once
#include <cuda_runtime.h>

#include "tests/emulation/emulation.h"

namespace gan::emulation {

Counters& mutable_counters();

// Whether a profiler would record what the device does now.
bool& profiler_records();

// Remembers an error for cudaGetLastError, and returns it.
cudaError_t record(cudaError_t code);

// $GAN_EMULATION_MULTIPROCESSORS, or 4: as few as make two blocks wait for each other in every way.
int multiprocessors();

inline constexpr std::size_t kDeviceBytes = std::size_t{8} << 30;
inline constexpr std::size_t kSharedBytes = 48 << 10;         // per block, of any kernel
inline constexpr std::size_t kOptInSharedBytes = 227 << 10;   // per block, after asking for it
inline constexpr unsigned kMaxBlock = 1024, kMaxBlockZ = 64;  // threads
inline constexpr unsigned kMaxGridYZ = 65535;                 // blocks

}  // namespace gan::emulation
