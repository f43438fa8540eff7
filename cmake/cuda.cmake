# The CUDA compiler: architectures, warnings, and the flag of a standard that CMake 3.25 does not know for CUDA.
# A program for any GPU carries PTX for those to come; ./gan_cuda asks for the architecture of this machine alone.
if(NOT CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 90-real 90-virtual)
endif()
enable_language(CUDA)
find_package(CUDAToolkit REQUIRED)
set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
target_compile_options(gan_settings INTERFACE
  "$<$<COMPILE_LANGUAGE:CUDA>:-lineinfo;-Xcompiler=-Wall,-Wextra,-Wshadow>")
if(GAN_WERROR)
  target_compile_options(gan_settings INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:--Werror=all-warnings>)
endif()
