#include "host/io/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>
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

std::string header_text(const TensorFile& file, ValueType type) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!file.metadata.empty()) header[std::string(kMetadataKey)] = file.metadata;
  std::uint64_t offset = 0;
  for (const Tensor& tensor : file.tensors) {
    const std::uint64_t end = offset + tensor.values.size() * size_of(type);
    header[tensor.name] = {{"dtype", safetensors_name(type)},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  return text;
}

std::string checked_header_text(const std::filesystem::path& path, const TensorFile& file,
                                ValueType type) {
  try {
    check(file);
    for (const auto& [key, value] : file.metadata)
      if (!base::is_utf8(key) || !base::is_utf8(value))
        throw std::runtime_error("its metadata " + base::printable(key) + " is not UTF-8");
    for (const Tensor& tensor : file.tensors)
      if (!base::is_utf8(tensor.name))
        throw std::runtime_error("the name of tensor " + base::printable(tensor.name) +
                                 " is not UTF-8");
    return header_text(file, type);
  } catch (const std::exception& error) {
    base::fail("write", path, base::reason_of(error));
  }
}

// A file, or its bytes in memory, read from the front.
struct Source {
  std::filesystem::path name;
  std::uint64_t size;
  std::function<void(std::span<std::byte>)> read;
};

// Reads the length and the text of the header; leaves `source` at the first value.
SafetensorsHeader read_header(const Source& source) {
  std::uint64_t length = 0;
  if (source.size < sizeof(length))
    base::fail("read", source.name, "it is too short for a safetensors file");
  source.read(std::as_writable_bytes(std::span(&length, 1)));
  const std::uint64_t rest = source.size - sizeof(length);
  if (length > kLongestHeader || length > rest) {
    base::fail(
        "read", source.name,
        fmt::format("its header would have {} bytes: it is cut short or not a safetensors file",
                    length));
  }
  std::string text(length, '\0');
  source.read(std::as_writable_bytes(std::span(text)));
  try {
    return parse_safetensors_header(text, rest - length);
  } catch (const std::exception& error) {
    base::fail("read", source.name, base::reason_of(error));
  }
}

constexpr std::size_t kAtOnce = 1 << 16;  // values that are converted in one piece

void read_values(const Source& source, ValueType type, std::span<float> values) {
  if (type == ValueType::f32) return source.read(std::as_writable_bytes(values));
  std::vector<std::byte> bytes(std::min(values.size(), kAtOnce) * size_of(type));
  for (std::size_t first = 0; first < values.size(); first += kAtOnce) {
    const auto part = values.subspan(first, std::min(kAtOnce, values.size() - first));
    const auto stored = std::span(bytes).first(part.size() * size_of(type));
    source.read(stored);
    to_floats(type, stored, part);
  }
}

TensorFile read_tensors(const Source& source) {
  SafetensorsHeader header = read_header(source);
  TensorFile file{{}, std::move(header.metadata)};
  for (TensorEntry& entry : header.tensors) {
    Tensor& tensor = file.tensors.emplace_back(
        Tensor{std::move(entry.name), std::move(entry.shape), {}, entry.type});
    tensor.values.resize(entry.count);
    read_values(source, entry.type, tensor.values);
  }
  return file;
}

void write_values(base::AtomicFile& output, ValueType type, std::span<const float> values) {
  if (type == ValueType::f32) return output.write(std::as_bytes(values));
  std::vector<std::uint16_t> halves(values.size());
  std::ranges::transform(values, halves.begin(), to_half);
  output.write(std::as_bytes(std::span(halves)));
}

}  // namespace

const Tensor& TensorFile::at(std::string_view name) const {
  for (const Tensor& tensor : tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::runtime_error(fmt::format("the tensor {} is missing", name));
}

void save_safetensors(const std::filesystem::path& path, const TensorFile& file, ValueType type) {
  const std::string header = checked_header_text(path, file, type);
  const std::uint64_t length = header.size();
  base::AtomicFile output(path);
  output.write(std::as_bytes(std::span(&length, 1)));
  output.write(header);
  for (const Tensor& tensor : file.tensors) write_values(output, type, tensor.values);
  output.commit();
}

TensorFile load_safetensors(const std::filesystem::path& path) {
  base::File input = base::File::open_to_read(path);
  return read_tensors({path, input.size(), [&](std::span<std::byte> to) { input.read(to); }});
}

TensorFile parse_safetensors(std::span<const std::byte> bytes, const std::string& name) {
  return read_tensors({name, bytes.size(), [&](std::span<std::byte> to) {
                         std::ranges::copy(bytes.first(to.size()), to.begin());
                         bytes = bytes.subspan(to.size());
                       }});
}

}  // namespace gan::io
