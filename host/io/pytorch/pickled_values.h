// The values of the tensors that a pickle describes.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "host/io/pytorch/pickle.h"
#include "host/io/pytorch/state_dict.h"

namespace gan::io {

// Where storages lie.  The functions take the key of one, and throw when there is none.
struct StorageSource {
  std::string folder;                                         // of the storages, for messages
  std::function<std::uint64_t(const std::string& key)> size;  // in bytes
  std::function<void(const std::string& key, std::span<std::byte> bytes)> read;  // all of them
};

// Reads each storage once, however many tensors are views of it.  `file_size` bounds the memory:
// a storage or a tensor may be named many times over, and records may lie on top of each other.
std::vector<StateDict> with_values(const std::vector<PickledState>& states, std::uint64_t file_size,
                                   const StorageSource& source);

}  // namespace gan::io
