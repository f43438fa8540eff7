#include "host/io/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <stdexcept>

#include "host/base/atomic_file.h"
#include "host/base/file.h"
#include "host/base/printable.h"
#include "host/io/safetensors_header.h"

namespace gan::io {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::uint64_t kLongestHeader = 100'000'000;  // a limit of the format
constexpr std::size_t kAlignment = 8;                  // of the first value in the file

void check(const TensorFile& file) {
  std::set<std::string_view> names{kMetadataKey};
  for (const Tensor& tensor : file.tensors) {
    if (!names.insert(tensor.name).second) {
      throw std::runtime_error(fmt::format("the tensor name {} is already taken", tensor.name));
    }
    std::int64_t count = 1;
    for (const std::int64_t dimension : tensor.shape) {
      if (dimension < 0 || __builtin_mul_overflow(count, dimension, &count)) count = -1;
      if (count < 0) break;
    }
    if (count != static_cast<std::int64_t>(tensor.values.size())) {
      throw std::runtime_error(fmt::format("the shape of tensor {} does not match its {} values",
                                           tensor.name, tensor.values.size()));
    }
  }
}

std::string header_text(const TensorFile& file) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!file.metadata.empty()) header[std::string(kMetadataKey)] = file.metadata;
  std::uint64_t offset = 0;
  for (const Tensor& tensor : file.tensors) {
    const std::uint64_t end = offset + tensor.values.size() * sizeof(float);
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  return text;
}

std::string checked_header_text(const std::filesystem::path& path, const TensorFile& file) {
  try {
    check(file);
    for (const auto& [key, value] : file.metadata)
      if (!base::is_utf8(key) || !base::is_utf8(value))
        throw std::runtime_error("its metadata " + base::printable(key) + " is not UTF-8");
    for (const Tensor& tensor : file.tensors)
      if (!base::is_utf8(tensor.name))
        throw std::runtime_error("the name of tensor " + base::printable(tensor.name) +
                                 " is not UTF-8");
    return header_text(file);
  } catch (const std::exception& error) {
    base::fail("write", path, base::reason_of(error));
  }
}

// Reads the length and the text of the header; leaves `file` at the first value.
SafetensorsHeader read_header(base::File& file, const std::filesystem::path& path) {
  const std::uint64_t file_size = file.size();
  std::uint64_t length = 0;
  if (file_size < sizeof(length))
    base::fail("read", path, "it is too short for a safetensors file");
  file.read(std::as_writable_bytes(std::span(&length, 1)));
  const std::uint64_t rest = file_size - sizeof(length);
  if (length > kLongestHeader || length > rest) {
    base::fail(
        "read", path,
        fmt::format("its header would have {} bytes: it is cut short or not a safetensors file",
                    length));
  }
  std::string text(length, '\0');
  file.read(std::as_writable_bytes(std::span(text)));
  try {
    return parse_safetensors_header(text, rest - length);
  } catch (const std::exception& error) {
    base::fail("read", path, base::reason_of(error));
  }
}

void read_values(base::File& file, ValueType type, std::span<float> values) {
  if (type == ValueType::f32) return file.read(std::as_writable_bytes(values));
  constexpr std::size_t kAtOnce = 1 << 16;
  std::vector<std::byte> bytes(std::min(values.size(), kAtOnce) * size_of(type));
  for (std::size_t first = 0; first < values.size(); first += kAtOnce) {
    const auto part = values.subspan(first, std::min(kAtOnce, values.size() - first));
    const auto stored = std::span(bytes).first(part.size() * size_of(type));
    file.read(stored);
    to_floats(type, stored, part);
  }
}

}  // namespace

const Tensor& TensorFile::at(std::string_view name) const {
  for (const Tensor& tensor : tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::runtime_error(fmt::format("the tensor {} is missing", name));
}

void save_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  const std::string header = checked_header_text(path, file);
  const std::uint64_t length = header.size();
  base::AtomicFile output(path);
  output.write(std::as_bytes(std::span(&length, 1)));
  output.write(header);
  for (const Tensor& tensor : file.tensors) output.write(std::as_bytes(std::span(tensor.values)));
  output.commit();
}

TensorFile load_safetensors(const std::filesystem::path& path) {
  base::File input = base::File::open_to_read(path);
  SafetensorsHeader header = read_header(input, path);
  TensorFile file{{}, std::move(header.metadata)};
  for (TensorEntry& entry : header.tensors) {
    Tensor& tensor = file.tensors.emplace_back(
        Tensor{std::move(entry.name), std::move(entry.shape), {}, entry.type});
    tensor.values.resize(entry.count);
    read_values(input, entry.type, tensor.values);
  }
  return file;
}

}  // namespace gan::io
