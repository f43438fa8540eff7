#pragma once
#include <filesystem>
#include <string>

namespace gan::base {

// The SHA-256 of a file's bytes (FIPS 180-4) in hexadecimal digits, as sha256sum prints it.
std::string sha256_of(const std::filesystem::path& path);

}  // namespace gan::base
