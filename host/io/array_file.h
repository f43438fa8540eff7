// Arrays as NumPy writes them: a .npy file (numpy.save), or the only array in a .npz file
// (numpy.savez, numpy.savez_compressed).
#pragma once
#include <filesystem>
#include <memory>
#include <vector>

#include "host/io/npy_header.h"

namespace gan {

// An array that is read from its beginning on.  Takes memory for what is read, whatever the file
// claims to hold, so a zip bomb costs nothing.  Errors are std::runtime_errors of one line: they
// name the file.
class ArrayFile {
 public:
  explicit ArrayFile(const std::filesystem::path& path);
  ~ArrayFile();

  const std::vector<std::int64_t>& shape() const { return header_.shape; }
  std::uint64_t count() const { return header_.count; }  // of values

  // The next n values, row-major; those of type uint8 are divided by 255.  There must be as many.
  std::vector<float> read(std::uint64_t n);

  class Source;  // where the bytes come from

 private:
  std::filesystem::path path_;
  std::unique_ptr<Source> source_;
  NpyHeader header_;
  std::uint64_t left_;  // values that are not yet read
};

}  // namespace gan
