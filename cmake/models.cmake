# model_bytes.cpp: data/models/*.safetensors as bytes of the program, so that it draws with them from anywhere.
file(GLOB models CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/data/models/*.safetensors)
set(GAN_MODEL_BYTES ${PROJECT_BINARY_DIR}/generated/model_bytes.cpp)
set(symbols "")
set(declared "")
set(listed "")
foreach(model IN LISTS models)
  cmake_path(GET model STEM name)
  string(MAKE_C_IDENTIFIER "gan_model_${name}" symbol)
  string(APPEND symbols "    \".global ${symbol}, ${symbol}_end\\n${symbol}: .incbin \\\"${model}\\\"\\n${symbol}_end: .byte 0\\n\"\n")
  string(APPEND declared "extern const std::byte ${symbol}[], ${symbol}_end[];\n")
  string(APPEND listed "    {\"${name}\", {${symbol}, ${symbol}_end}},\n")
endforeach()
file(CONFIGURE OUTPUT ${GAN_MODEL_BYTES} @ONLY CONTENT [[
#include "host/io/built_in_models.h"

asm(".pushsection .rodata\n.balign 16\n"
@symbols@    ".popsection\n");

extern "C" {
@declared@}

namespace gan::io {

const std::vector<BuiltInModel>& built_in_models() {
  static const std::vector<BuiltInModel> all = {
@listed@  };
  return all;
}

}  // namespace gan::io
]])
set_source_files_properties(${GAN_MODEL_BYTES} PROPERTIES OBJECT_DEPENDS "${models}" SKIP_UNITY_BUILD_INCLUSION ON)
