#include "host/io/array_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>

#include "host/io/file.h"
#include "host/io/printable.h"
#include "host/io/zip_archive.h"

namespace gan {

class ArrayFile::Source {
 public:
  virtual ~Source() = default;
  virtual std::uint64_t size() const = 0;
  virtual void read(std::span<std::byte> bytes) = 0;
  virtual void finish() = 0;  // after the last byte
};

namespace {

static_assert(std::endian::native == std::endian::little,
              "the types that are read are little-endian");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::uint32_t kLongestHeader = 1 << 16;  // NumPy itself refuses longer ones by default
constexpr std::size_t kAtOnce = 1 << 16;           // values that are converted at a time

class PlainSource : public ArrayFile::Source {
 public:
  explicit PlainSource(const std::filesystem::path& path) : file_(File::open_to_read(path)) {}
  std::uint64_t size() const override { return file_.size(); }
  void read(std::span<std::byte> bytes) override { file_.read(bytes); }
  void finish() override {}

 private:
  File file_;
};

class ZippedSource : public ArrayFile::Source {
 public:
  explicit ZippedSource(const std::filesystem::path& path)
      : archive_(path, "it is no zip archive, or it is cut short"),
        name_(only_array(archive_)),
        size_(size_of(archive_, name_)),
        reader_(archive_, name_) {}
  std::uint64_t size() const override { return size_; }
  void read(std::span<std::byte> bytes) override { reader_.read(bytes); }
  void finish() override { reader_.finish(); }

 private:
  static std::string only_array(const ZipArchive& archive) {
    if (archive.count() != 1)
      throw std::runtime_error(
          fmt::format("it holds {} arrays; save the images as the only one", archive.count()));
    return archive.name(0);
  }
  static std::uint64_t size_of(const ZipArchive& archive, const std::string& name) {
    const ZipArchive::Entry entry = archive.entry(name);
    if (entry.method != ZIP_CM_STORE && entry.method != ZIP_CM_DEFLATE)
      throw std::runtime_error(
          fmt::format("{} is compressed in a way that NumPy never does", printable(name)));
    return entry.size;
  }

  ZipArchive archive_;
  std::string name_;
  std::uint64_t size_;
  ZipArchive::Reader reader_;
};

template <class T>
T take(ArrayFile::Source& source) {
  T value;
  source.read(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

// Reads all before the first value.
NpyHeader read_header(ArrayFile::Source& source) {
  std::uint64_t before = kMagic.size() + 2 + sizeof(std::uint16_t);
  if (source.size() < before) throw std::runtime_error("it is too short for an array of NumPy");
  std::array<char, 8> start;  // the magic bytes and the version
  source.read(std::as_writable_bytes(std::span(start)));
  if (std::string_view(start.data(), kMagic.size()) != kMagic)
    throw std::runtime_error("it is no array of NumPy");
  std::uint32_t length = 0;
  if (start[6] == 1) {
    length = take<std::uint16_t>(source);
  } else if (start[6] == 2 || start[6] == 3) {
    length = take<std::uint32_t>(source);
    before += sizeof(length) - sizeof(std::uint16_t);
  } else {
    throw std::runtime_error(fmt::format("it is of version {} of the format", int{start[6]}));
  }
  if (length > kLongestHeader || before + length > source.size())
    throw std::runtime_error(
        fmt::format("its header would have {} bytes: it is cut short or damaged", length));
  std::string text(length, '\0');
  source.read(std::as_writable_bytes(std::span(text)));
  const NpyHeader header = parse_npy_header(text);
  const std::uint64_t rest = source.size() - before - length;
  if (rest != header.bytes())
    throw std::runtime_error(
        fmt::format("it has {} bytes of values, but its shape needs {}", rest, header.bytes()));
  return header;
}

template <class T>
void read_values(ArrayFile::Source& source, std::span<float> values, T scale) {
  std::vector<T> raw(std::min(values.size(), kAtOnce));
  for (std::size_t first = 0; first < values.size(); first += raw.size()) {
    const auto part = values.subspan(first, std::min(raw.size(), values.size() - first));
    const std::span<T> read = std::span(raw).first(part.size());
    source.read(std::as_writable_bytes(read));
    std::ranges::transform(read, part.begin(), [scale](T value) {
      return static_cast<float>(value) / static_cast<float>(scale);
    });
  }
}

template <class Body>
auto naming(const std::filesystem::path& path, Body body) {
  try {
    return body();
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("cannot read {}: {}", path.string(), reason_of(error)));
  }
}

std::unique_ptr<ArrayFile::Source> open_source(const std::filesystem::path& path) {
  auto plain = std::make_unique<PlainSource>(path);  // for its reasons, if it cannot be opened
  if (path.extension() != ".npz") return plain;
  return naming(path, [&] { return std::make_unique<ZippedSource>(path); });
}

}  // namespace

ArrayFile::ArrayFile(const std::filesystem::path& path)
    : path_(path),
      source_(open_source(path)),
      header_(naming(path, [this] { return read_header(*source_); })),
      left_(header_.count) {}

ArrayFile::~ArrayFile() = default;

std::vector<float> ArrayFile::read(std::uint64_t n) {
  std::vector<float> values(n);
  naming(path_, [&] {
    if (n > left_) throw std::runtime_error("it has not so many values");
    switch (header_.type) {
      case NpyType::uint8:
        read_values<std::uint8_t>(*source_, values, 255);
        break;
      case NpyType::float32:
        read_values<float>(*source_, values, 1);
        break;
      case NpyType::float64:
        read_values<double>(*source_, values, 1);
        break;
    }
    left_ -= n;
    if (left_ == 0) source_->finish();
  });
  return values;
}

}  // namespace gan
