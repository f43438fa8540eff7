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

std::string sha256_of(const std::filesystem::path& path) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> digest(EVP_MD_CTX_new(),
                                                                  EVP_MD_CTX_free);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned length = 0;
  bool done = digest && EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) == 1;
  File file = File::open_to_read(path);
  std::vector<std::byte> block(1 << 20);
  for (std::uint64_t left = file.size(); done && left > 0;) {
    const auto part = std::span(block).first(std::min<std::uint64_t>(left, block.size()));
    file.read(part);
    done = EVP_DigestUpdate(digest.get(), part.data(), part.size()) == 1;
    left -= part.size();
  }
  if (!done || EVP_DigestFinal_ex(digest.get(), hash.data(), &length) != 1)
    throw std::runtime_error("OpenSSL cannot compute a SHA-256 here");
  std::string text;
  for (const unsigned char byte : std::span(hash).first(length))
    text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace gan::base
