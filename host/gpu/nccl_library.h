// The calls of NCCL.  The library has some 200 MB, so it is loaded when it is first needed.
#pragma once
#include <nccl.h>

namespace gan::gpu {

struct NcclCalls {
  decltype(&ncclGetUniqueId) get_unique_id;
  decltype(&ncclCommInitRank) comm_init_rank;
  decltype(&ncclCommDestroy) comm_destroy;
  decltype(&ncclAllGather) all_gather;
  decltype(&ncclAllReduce) all_reduce;
  decltype(&ncclGetErrorString) get_error_string;
};

// Throws std::runtime_error when the library, or a call in it, is missing.
const NcclCalls& nccl_calls();

}  // namespace gan::gpu
