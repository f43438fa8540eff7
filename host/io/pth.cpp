#include "host/io/pth.h"

#include <fmt/format.h>
#include <zip.h>

#include <memory>
#include <span>
#include <stdexcept>

#include "host/io/file.h"
#include "host/io/pickle.h"
#include "host/io/printable.h"

namespace gan {
namespace {

constexpr std::uint64_t kLongestPickle = 16 << 20;  // that of 100 layers has 20 KB

// A zip archive whose records are stored as they are, which is how torch.save writes them.
class Archive {
 public:
  explicit Archive(const std::filesystem::path& path) {
    int code = 0;
    zip_.reset(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
    if (!zip_) throw std::runtime_error(reason(code));
  }

  // The folder that all records are in, with its slash.
  std::string folder() const {
    const char* const first = zip_get_name(zip_.get(), 0, ZIP_FL_ENC_RAW);
    const std::string name = first == nullptr ? "" : first;
    return name.substr(0, name.find('/') + 1);
  }

  bool has(const std::string& name) const {
    return zip_name_locate(zip_.get(), name.c_str(), ZIP_FL_ENC_RAW) >= 0;
  }

  std::uint64_t size_of(const std::string& name) const {
    zip_stat_t status;
    if (zip_stat(zip_.get(), name.c_str(), ZIP_FL_ENC_RAW, &status) < 0)
      throw std::runtime_error(fmt::format("{} is missing in it", printable(name)));
    constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if ((status.valid & kNeeded) != kNeeded || status.comp_method != ZIP_CM_STORE ||
        status.comp_size != status.size)
      throw std::runtime_error(
          fmt::format("{} is compressed, which torch.save never does", printable(name)));
    return status.size;
  }

  // The whole record, of size_of(name) bytes.
  void read(const std::string& name, std::span<std::byte> bytes) const {
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> record(
        zip_fopen(zip_.get(), name.c_str(), ZIP_FL_ENC_RAW), zip_fclose);
    std::byte beyond;  // asking for one more makes libzip look at the checksum
    if (!record ||
        zip_fread(record.get(), bytes.data(), bytes.size()) !=
            static_cast<zip_int64_t>(bytes.size()) ||
        zip_fread(record.get(), &beyond, 1) != 0)
      throw std::runtime_error(fmt::format("{} in it is damaged", printable(name)));
  }

 private:
  static std::string reason(int code) {
    if (code == ZIP_ER_NOZIP)
      return "it is no file of PyTorch 1.6 or later; load it there and torch.save it again";
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    return text;
  }

  std::unique_ptr<zip_t, void (*)(zip_t*)> zip_{nullptr, zip_discard};
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

}  // namespace

TensorFile load_pth(const std::filesystem::path& path) {
  const std::uint64_t size = File::open_to_read(path).size();
  try {
    return read_tensors(Archive(path), size);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("cannot read {}: {}", path.string(), error.what()));
  }
}

}  // namespace gan
