#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace gan::base {

// The SHA-256 of a file's or of these bytes (FIPS 180-4) in hexadecimal digits, as sha256sum prints
// it.
std::string sha256_of(const std::filesystem::path& path);
std::string sha256_of(std::span<const std::byte> bytes);

}  // namespace gan::base
