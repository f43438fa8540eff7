// Zip archives, written by libzip: records stored as they are.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace gan::io {

struct ZipRecord {
  std::string name;
  std::span<const std::byte> bytes;
};

// The archive as bytes: equal records give equal bytes, since all bear the date 1 January 1980.
// Every record's bytes begin at a multiple of 64 in it, so that readers can map them, as PyTorch's
// archives have it.  Throws std::runtime_error with libzip's reason.
std::vector<std::byte> zip_of(std::span<const ZipRecord> records);

}  // namespace gan::io
