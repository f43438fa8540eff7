#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace gan::io {

// Writes an array of uint8 atomically, as numpy.savez(path, values) does:
// numpy.load(path)["arr_0"]. values: row-major, of this shape.  Equal arrays give equal bytes.
void save_npz(const std::filesystem::path& path, std::span<const std::uint8_t> values,
              const std::vector<std::int64_t>& shape);

}  // namespace gan::io
