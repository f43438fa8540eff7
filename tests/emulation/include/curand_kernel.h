// Stands before the toolkit's header, which works on a CPU as it is, but declares indices of its
// own for the compilers that have none: they are given other names.
#pragma once
#pragma GCC system_header  // for #include_next
#include <cuda_runtime.h>

#define threadIdx gan_emulation_unused_thread_index
#define blockDim gan_emulation_unused_block_size
#include_next <curand_kernel.h>
#undef threadIdx
#undef blockDim
