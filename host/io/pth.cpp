#include "host/io/pth.h"

#include <fmt/format.h>

#include <span>
#include <stdexcept>

#include "host/io/atomic_file.h"
#include "host/io/file.h"
#include "host/io/pickle.h"
#include "host/io/pickle_writer.h"
#include "host/io/printable.h"
#include "host/io/zip_archive.h"
#include "host/io/zip_writer.h"

namespace gan {
namespace {

constexpr std::uint64_t kLongestPickle = 16 << 20;  // that of 100 layers has 20 KB

// A zip archive whose records are stored as they are, which is how torch.save writes them.
class Archive {
 public:
  explicit Archive(const std::filesystem::path& path)
      : zip_(path, "it is no file of PyTorch 1.6 or later; load it there and torch.save it again") {
  }

  // The folder that all records are in, with its slash.
  std::string folder() const {
    const std::string name = zip_.name(0);
    return name.substr(0, name.find('/') + 1);
  }

  bool has(const std::string& name) const { return zip_.has(name); }

  std::uint64_t size_of(const std::string& name) const {
    const ZipArchive::Entry entry = zip_.entry(name);
    if (entry.method != ZIP_CM_STORE || entry.packed_size != entry.size)
      throw std::runtime_error(
          fmt::format("{} is compressed, which torch.save never does", printable(name)));
    return entry.size;
  }

  // The whole record, of size_of(name) bytes.
  void read(const std::string& name, std::span<std::byte> bytes) const {
    ZipArchive::Reader record(zip_, name);
    record.read(bytes);
    record.finish();
  }

 private:
  ZipArchive zip_;
};

std::string read_text(const Archive& archive, const std::string& name, std::uint64_t longest) {
  const std::uint64_t size = archive.size_of(name);
  if (size > longest)
    throw std::runtime_error(
        fmt::format("{} has {} bytes, more than any state dict needs", printable(name), size));
  std::string text(size, '\0');
  archive.read(name, std::as_writable_bytes(std::span(text)));
  return text;
}

std::vector<float> read_values(const Archive& archive, const std::string& record,
                               const PickledTensor& tensor) {
  // Division: storage_size is the file's claim and may overflow as bytes.
  if (archive.size_of(record) / sizeof(float) != tensor.storage_size ||
      archive.size_of(record) % sizeof(float) != 0)
    throw std::runtime_error(fmt::format("{} has not the {} values that it should",
                                         printable(record), tensor.storage_size));
  std::vector<float> storage(tensor.storage_size);
  archive.read(record, std::as_writable_bytes(std::span(storage)));
  if (tensor.count == storage.size()) return storage;
  const auto first = storage.begin() + static_cast<std::ptrdiff_t>(tensor.offset);
  return {first, first + static_cast<std::ptrdiff_t>(tensor.count)};
}

TensorFile read_tensors(const Archive& archive, std::uint64_t file_size) {
  const std::string folder = archive.folder();
  if (!archive.has(folder + "data.pkl"))
    throw std::runtime_error("it is a zip archive, but not one of torch.save");
  if (archive.has(folder + "byteorder") && read_text(archive, folder + "byteorder", 16) != "little")
    throw std::runtime_error("its numbers are big-endian; save it on a little-endian machine");
  const std::string pickle = read_text(archive, folder + "data.pkl", kLongestPickle);

  TensorFile file;
  std::uint64_t left = file_size;
  for (const PickledTensor& tensor : parse_state_dict(pickle)) {
    const std::string record = folder + "data/" + tensor.storage;
    // A record may be named many times over, and records may lie on top of each other.
    const std::uint64_t bytes = archive.size_of(record);
    if (bytes > left) throw std::runtime_error("its tensors share storages; save clones of them");
    left -= bytes;
    file.tensors.push_back({tensor.name, tensor.shape, read_values(archive, record, tensor)});
  }
  return file;
}

std::vector<std::byte> archive_of(std::span<const Tensor> tensors) {
  const auto text = [](const std::string& value) { return std::as_bytes(std::span(value)); };
  const std::string pickle = pickle_state_dict(tensors), order = "little", version = "3\n";
  std::vector<ZipRecord> records{{"archive/data.pkl", text(pickle)},
                                 {"archive/byteorder", text(order)}};
  for (std::size_t key = 0; key < tensors.size(); ++key)
    records.push_back(
        {fmt::format("archive/data/{}", key), std::as_bytes(std::span(tensors[key].values))});
  records.push_back({"archive/version", text(version)});
  return zip_of(records);
}

}  // namespace

TensorFile load_pth(const std::filesystem::path& path) {
  const std::uint64_t size = File::open_to_read(path).size();
  try {
    return read_tensors(Archive(path), size);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("cannot read {}: {}", path.string(), reason_of(error)));
  }
}

void save_pth(const std::filesystem::path& path, const TensorFile& file) {
  write_file(path, archive_of(file.tensors));
}

}  // namespace gan
