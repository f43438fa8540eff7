// Arrays as NumPy writes them: a .npy file (numpy.save), or an array in a .npz file (numpy.savez,
// numpy.savez_compressed).
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "host/io/npy_header.h"

namespace gan::io {

// An array that is read from its beginning on.  Takes memory for what is read, whatever the file
// claims to hold, so a zip bomb costs nothing.  Errors are std::runtime_errors of one line: they
// name the file.
class ArrayFile {
 public:
  // Whether an array of this shape is the one that is meant.
  using IsMeant = std::function<bool(const std::vector<std::int64_t>& shape)>;

  // Of an archive with several arrays the only one that is meant; with none said, an archive must
  // hold one alone.
  explicit ArrayFile(const std::filesystem::path& path, const IsMeant& is_meant = {});
  ~ArrayFile();

  const std::vector<std::int64_t>& shape() const { return header_.shape; }
  std::uint64_t count() const { return header_.count; }  // of values
  ValueType type() const { return header_.type; }

  // The next n values, row-major, divided by `white`; 0 stands for 255 where they are of type
  // uint8, and for 1 otherwise.  There must be as many.
  std::vector<float> read(std::uint64_t n, int white = 0);

  class Source;  // where the bytes come from

 private:
  std::filesystem::path path_;
  std::unique_ptr<Source> source_;
  NpyHeader header_;
  std::uint64_t left_;  // values that are not yet read
};

}  // namespace gan::io
