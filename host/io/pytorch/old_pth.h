#pragma once
#include <filesystem>
#include <vector>

#include "host/io/pytorch/state_dict.h"

namespace gan::io {

// The state dicts of a file as PyTorch wrote it before 1.6, and writes it still with
// _use_new_zipfile_serialization=False: five pickles (a magic number, a version, the machine, the
// dictionaries, the keys of the storages), then of each storage, by its key, the number of its
// values and the values.  Throws std::runtime_error without the name of the file.
std::vector<StateDict> read_old_pytorch(const std::filesystem::path& path);

}  // namespace gan::io
