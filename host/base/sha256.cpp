#include "host/base/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "host/base/file.h"

namespace gan::base {
namespace {

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    check(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void add(std::span<const std::byte> bytes) {
    check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  std::string text() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
    unsigned length = 0;
    check(EVP_DigestFinal_ex(context_.get(), hash.data(), &length) == 1);
    std::string text;
    for (const unsigned char byte : std::span(hash).first(length))
      text += fmt::format("{:02x}", byte);
    return text;
  }

 private:
  static void check(bool done) {
    if (!done) throw std::runtime_error("OpenSSL cannot compute a SHA-256 here");
  }
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

std::string sha256_of(const std::filesystem::path& path) {
  Digest digest;
  File file = File::open_to_read(path);
  std::vector<std::byte> block(1 << 20);
  for (std::uint64_t left = file.size(); left > 0;) {
    const auto part = std::span(block).first(std::min<std::uint64_t>(left, block.size()));
    file.read(part);
    digest.add(part);
    left -= part.size();
  }
  return digest.text();
}

std::string sha256_of(std::span<const std::byte> bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.text();
}

}  // namespace gan::base
