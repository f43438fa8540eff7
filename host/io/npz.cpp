#include "host/io/npz.h"

#include <fmt/format.h>

#include <string>

#include "host/base/atomic_file.h"
#include "host/io/zip_writer.h"

namespace gan::io {
namespace {

// NumPy's format 1.0: a preamble of 10 bytes, then a dictionary that is padded to a multiple of 64.
std::string npy_preamble(const std::vector<std::int64_t>& shape) {
  std::string lengths;
  for (const std::int64_t length : shape) lengths += fmt::format("{}, ", length);
  std::string header =
      fmt::format("{{'descr': '|u1', 'fortran_order': False, 'shape': ({}), }}", lengths);
  constexpr std::size_t kPreamble = 10, kAlignment = 64;
  const std::size_t whole = kPreamble + header.size() + 1;
  header.append((kAlignment - whole % kAlignment) % kAlignment, ' ');
  header += '\n';
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size() & 0xff);
  text += static_cast<char>(header.size() >> 8);
  return text + header;
}

}  // namespace

void save_npz(const std::filesystem::path& path, std::span<const std::uint8_t> values,
              const std::vector<std::int64_t>& shape) {
  std::string array = npy_preamble(shape);
  array.append(reinterpret_cast<const char*>(values.data()), values.size());
  const ZipRecord record{"arr_0.npy", std::as_bytes(std::span(array))};
  base::write_file(path, zip_of(std::span(&record, 1)));
}

}  // namespace gan::io
