// The pickle of a state dict: the counterpart of parse_state_dicts in host/io/pytorch/pickle.h.
#pragma once
#include <span>
#include <string>

#include "host/io/safetensors.h"

namespace gan::io {

// An OrderedDict of float32 tensors in pickle's protocol 2 (PEP 307), as torch.save makes it:
// tensor i is a torch.FloatStorage with the key "i", seen whole and row by row.  Throws
// std::runtime_error when a tensor has more values than an int of 32 bits.
std::string pickle_state_dict(std::span<const Tensor> tensors);

}  // namespace gan::io
