#include "host/io/pytorch/pth.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>

#include "host/base/atomic_file.h"
#include "host/base/file.h"
#include "host/base/json_text.h"
#include "host/base/printable.h"
#include "host/io/file_kind.h"
#include "host/io/pytorch/old_pth.h"
#include "host/io/pytorch/pickle.h"
#include "host/io/pytorch/pickle_writer.h"
#include "host/io/pytorch/pickled_values.h"
#include "host/io/zip_archive.h"
#include "host/io/zip_writer.h"

namespace gan::io {
namespace {

constexpr std::uint64_t kLongestPickle = 16 << 20;  // that of 100 layers has 20 KB

// A zip archive whose records are stored as they are, which is how torch.save writes them.
class Archive {
 public:
  explicit Archive(const std::filesystem::path& path)
      : zip_(path, kind_of(path) == FileKind::zip
                       ? "it is cut short or damaged; download or save it again"
                       : "it is not a file of PyTorch 1.6 or later; load it there and torch.save "
                         "it again") {}

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
          fmt::format("{} is compressed, which torch.save never does", base::printable(name)));
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
    throw std::runtime_error(fmt::format("{} has {} bytes, more than any state dict needs",
                                         base::printable(name), size));
  std::string text(size, '\0');
  archive.read(name, std::as_writable_bytes(std::span(text)));
  return text;
}

constexpr const char* kMetadata = "extra/gan_cuda.json";
constexpr std::uint64_t kLongestMetadata = 64 << 10;

// What save_pth wrote; nothing of a file that another program made.
std::map<std::string, std::string> read_metadata(const Archive& archive) {
  const std::string name = archive.folder() + kMetadata;
  if (!archive.has(name)) return {};
  const std::string text = read_text(archive, name, kLongestMetadata);
  std::map<std::string, std::string> metadata;
  const auto json = base::parse_json_or_null<nlohmann::json>(text);
  if (!json.is_object()) throw std::runtime_error("its metadata are damaged");
  for (const auto& [key, value] : json.items())
    if (value.is_string()) metadata[key] = value.get<std::string>();
  return metadata;
}

void require_state_dict(const Archive& archive) {
  const std::string folder = archive.folder();
  if (archive.has(folder + "constants.pkl"))
    throw std::runtime_error("it is a TorchScript program; save model.state_dict() alone");
  if (!archive.has(folder + "data.pkl"))
    throw std::runtime_error("it is a zip archive, but not one of torch.save");
  if (archive.has(folder + "byteorder") && read_text(archive, folder + "byteorder", 16) != "little")
    throw std::runtime_error("its numbers are big-endian; save it on a little-endian machine");
}

std::vector<StateDict> read_states(const Archive& archive, std::uint64_t file_size) {
  require_state_dict(archive);
  const std::string pickle = read_text(archive, archive.folder() + "data.pkl", kLongestPickle);
  const std::string data = archive.folder() + "data/";
  const StorageSource source{
      data, [&](const std::string& key) { return archive.size_of(data + key); },
      [&](const std::string& key, std::span<std::byte> bytes) { archive.read(data + key, bytes); }};
  std::vector<StateDict> states = with_values(parse_state_dicts(pickle), file_size, source);
  const std::map<std::string, std::string> metadata = read_metadata(archive);
  for (StateDict& state : states) state.file.metadata = metadata;
  return states;
}

std::vector<std::byte> archive_of(const TensorFile& file) {
  const std::span<const Tensor> tensors = file.tensors;
  const auto text = [](const std::string& value) { return std::as_bytes(std::span(value)); };
  const std::string pickle = pickle_state_dict(tensors), order = "little", version = "3\n";
  std::vector<ZipRecord> records{{"archive/data.pkl", text(pickle)},
                                 {"archive/byteorder", text(order)}};
  for (std::size_t key = 0; key < tensors.size(); ++key)
    records.push_back(
        {fmt::format("archive/data/{}", key), std::as_bytes(std::span(tensors[key].values))});
  records.push_back({"archive/version", text(version)});
  const std::string metadata =
      nlohmann::json(file.metadata).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (!file.metadata.empty())
    records.push_back({fmt::format("archive/{}", kMetadata), text(metadata)});
  return zip_of(records);
}

}  // namespace

std::vector<StateDict> load_pth_states(const std::filesystem::path& path) {
  const std::uint64_t size = base::File::open_to_read(path).size();
  try {
    if (kind_of(path) == FileKind::old_pytorch) return read_old_pytorch(path);
    return read_states(Archive(path), size);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(
        fmt::format("cannot read {}: {}", path.string(), base::reason_of(error)));
  }
}

TensorFile load_pth(const std::filesystem::path& path) {
  return only_state(load_pth_states(path), path);
}

void save_pth(const std::filesystem::path& path, const TensorFile& file) {
  base::write_file(path, archive_of(file));
}

}  // namespace gan::io
