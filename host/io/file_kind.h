// What a file is by its first bytes, whatever it is called.
#pragma once
#include <filesystem>
#include <string>

namespace gan::io {

enum class FileKind {
  empty,
  zip,          // PyTorch's since 1.6, and NumPy's .npz
  old_pytorch,  // pickles, as before PyTorch 1.6
  safetensors,
  numpy,    // .npy
  git_lfs,  // a text in place of a file that Git LFS has
  html,
  hdf5,  // Keras's weights
  other,
};

// Throws std::runtime_error when the file cannot be read.
FileKind kind_of(const std::filesystem::path& path);

// For a kind that is never weights or images, what the file is and what to do: "it is …, …";
// empty for the other kinds.
std::string reason_against(FileKind kind);

// The file's ending in small letters, with its dot.
std::string ending_of(const std::filesystem::path& path);

}  // namespace gan::io
