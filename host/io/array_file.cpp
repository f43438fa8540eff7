#include "host/io/array_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>

#include "host/base/file.h"
#include "host/base/printable.h"
#include "host/io/file_kind.h"
#include "host/io/zip_archive.h"

namespace gan::io {

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
constexpr std::int64_t kMostArrays = 64;           // that are looked at in an archive

class PlainSource : public ArrayFile::Source {
 public:
  explicit PlainSource(const std::filesystem::path& path) : file_(base::File::open_to_read(path)) {}
  std::uint64_t size() const override { return file_.size(); }
  void read(std::span<std::byte> bytes) override { file_.read(bytes); }
  void finish() override {}

 private:
  base::File file_;
};

class ZippedSource : public ArrayFile::Source {
 public:
  ZippedSource(const ZipArchive& archive, const std::string& name)
      : size_(size_of_entry(archive, name)), reader_(archive, name) {}
  std::uint64_t size() const override { return size_; }
  void read(std::span<std::byte> bytes) override { reader_.read(bytes); }
  void finish() override { reader_.finish(); }

 private:
  static std::uint64_t size_of_entry(const ZipArchive& archive, const std::string& name) {
    const ZipArchive::Entry entry = archive.entry(name);
    if (entry.method != ZIP_CM_STORE && entry.method != ZIP_CM_DEFLATE)
      throw std::runtime_error(
          fmt::format("{} is compressed in a way that NumPy never does", base::printable(name)));
    return entry.size;
  }

  std::uint64_t size_;
  ZipArchive::Reader reader_;
};

// One array of an archive that it owns.
class ArchivedSource : public ArrayFile::Source {
 public:
  ArchivedSource(std::unique_ptr<ZipArchive> archive, const std::string& name)
      : archive_(std::move(archive)), source_(*archive_, name) {}
  std::uint64_t size() const override { return source_.size(); }
  void read(std::span<std::byte> bytes) override { source_.read(bytes); }
  void finish() override { source_.finish(); }

 private:
  std::unique_ptr<ZipArchive> archive_;
  ZippedSource source_;
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
    throw std::runtime_error("it is not a NumPy array");
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

void read_values(ArrayFile::Source& source, ValueType type, std::span<float> values, float white) {
  std::vector<std::byte> raw(std::min(values.size(), kAtOnce) * size_of(type));
  for (std::size_t first = 0; first < values.size(); first += kAtOnce) {
    const auto part = values.subspan(first, std::min(kAtOnce, values.size() - first));
    const auto read = std::span(raw).first(part.size() * size_of(type));
    source.read(read);
    to_floats(type, read, part);
    if (white != 1)
      std::ranges::transform(part, part.begin(), [white](float v) { return v / white; });
  }
}

// The arrays of an archive: their names and, as far as they can be read, their shapes.
struct Listed {
  std::string name, shape;
  bool meant;
};

std::vector<Listed> list_arrays(const ZipArchive& archive, const ArrayFile::IsMeant& is_meant) {
  std::vector<Listed> arrays;
  for (std::int64_t i = 0; i < archive.count(); ++i) {
    Listed array{archive.name(i), "?", false};
    try {
      ZippedSource source(archive, array.name);
      const NpyHeader header = read_header(source);
      array.shape = fmt::format("({})", fmt::join(header.shape, ", "));
      array.meant = is_meant(header.shape);
    } catch (const std::runtime_error&) {  // labels of another type, or no array at all
    }
    arrays.push_back(std::move(array));
  }
  return arrays;
}

std::string only_array(const ZipArchive& archive, const ArrayFile::IsMeant& is_meant) {
  if (archive.count() == 1) return archive.name(0);
  if (!is_meant || archive.count() > kMostArrays)
    throw std::runtime_error(
        fmt::format("it holds {} arrays; save the images as the only one", archive.count()));
  const std::vector<Listed> arrays = list_arrays(archive, is_meant);
  const auto meant = std::ranges::count_if(arrays, &Listed::meant);
  if (meant == 1) return std::ranges::find_if(arrays, &Listed::meant)->name;
  std::vector<std::string> names;
  for (const Listed& array : arrays)
    names.push_back(fmt::format("{} {}", base::printable(array.name), array.shape));
  throw std::runtime_error(
      fmt::format("it holds {} arrays, {} of them images of the data's size; save the images as "
                  "the only one: {}",
                  arrays.size(), meant, fmt::join(names, ", ")));
}

template <class Body>
auto naming(const std::filesystem::path& path, Body body) {
  try {
    return body();
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(
        fmt::format("cannot read {}: {}", path.string(), base::reason_of(error)));
  }
}

std::unique_ptr<ArrayFile::Source> open_source(const std::filesystem::path& path,
                                               const ArrayFile::IsMeant& is_meant) {
  auto plain = std::make_unique<PlainSource>(path);  // for its reasons, if it cannot be opened
  return naming(path, [&]() -> std::unique_ptr<ArrayFile::Source> {
    const FileKind kind = kind_of(path);
    if (kind == FileKind::git_lfs || kind == FileKind::html)
      throw std::runtime_error(reason_against(kind));
    if (ending_of(path) != ".npz" && (ending_of(path) == ".npy" || kind != FileKind::zip))
      return std::move(plain);
    auto archive =
        std::make_unique<ZipArchive>(path, "it is not a zip archive, or it is cut short");
    const std::string name = only_array(*archive, is_meant);
    return std::make_unique<ArchivedSource>(std::move(archive), name);
  });
}

}  // namespace

ArrayFile::ArrayFile(const std::filesystem::path& path, const IsMeant& is_meant)
    : path_(path),
      source_(open_source(path, is_meant)),
      header_(naming(path, [this] { return read_header(*source_); })),
      left_(header_.count) {}

ArrayFile::~ArrayFile() = default;

std::vector<float> ArrayFile::read(std::uint64_t n, int white) {
  std::vector<float> values;
  naming(path_, [&] {
    if (n > left_) throw std::runtime_error("it has fewer values than its shape says");
    values.resize(n);
    const int usual = header_.type == ValueType::u8 ? 255 : 1;
    read_values(*source_, header_.type, values, static_cast<float>(white != 0 ? white : usual));
    left_ -= n;
    if (left_ == 0) source_->finish();
  });
  return values;
}

}  // namespace gan::io
