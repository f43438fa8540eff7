// The parts of a step, between the GPUs of several ranks, over NCCL.
#pragma once
#include <memory>
#include <string>

#include "host/model/sharded_step.h"

namespace gan::gpu {

// Whether this program was built with NCCL, which a program without CUDA is not.
bool has_nccl();

struct NcclRank {
  int number, count;
  int gpu;
};

// What rank 0 tells the others to connect with.
std::string nccl_id();

// All ranks must call it, with the id of rank 0.  `is_exact`: see Exchange.  Throws
// std::runtime_error when NCCL is missing or fails.
std::unique_ptr<model::Exchange<float>> make_nccl_exchange(const NcclRank& rank,
                                                           const std::string& id, bool is_exact);

}  // namespace gan::gpu
