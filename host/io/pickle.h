// The pickle of a PyTorch state dict, read without executing anything.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gan {

// A tensor as the pickle describes it.  Its values lie row-major in a storage, a record of its own.
struct PickledTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::size_t count;         // number of values, the product of the shape
  std::string storage;       // key of the record
  std::size_t storage_size;  // values in it
  std::size_t offset;        // of the first value; offset + count ≤ storage_size
};

// The tensors of a dictionary name → float tensor, as torch.save(module.state_dict(), …) pickles
// it.  A pickle is a program; this machine knows only the instructions that such a dictionary takes
// and the three names it needs, and refuses everything else: std::runtime_error with the reason,
// without the name of the file.
std::vector<PickledTensor> parse_state_dict(std::string_view pickle);

}  // namespace gan
