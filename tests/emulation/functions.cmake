# gan_emulated_test(name KERNELS a.cu … SOURCES test.cpp … [LINK …] [MODES …]): test programs that run CUDA code on the
# CPU, by default in the modes
#
#   test_<name>_plain    in three orders of threads: results
#   test_<name>_asan     AddressSanitizer and UBSan in everything
#   test_<name>_checker  the kernels are watched by tests/emulation/checker/
#
# and, for the emulation's own tests, ucontext: plain, with the portable fibers.
# ALONE pattern variable=value: the tests that take long are left out, and run once, plain, as the ctest <name>.plain.alone,
# in the environment that they need.
# KERNELS are the files with device code; SOURCES everything else, compiled as it is: tests, the CUDA backend.
# Nothing is built where tests/emulation/CMakeLists.txt found that it cannot be.
function(gan_emulated_test name)
  cmake_parse_arguments(ARG "" "" "KERNELS;SOURCES;LINK;MODES;ALONE" ${ARGN})
  set(others "*")
  if(ARG_ALONE)
    list(POP_FRONT ARG_ALONE alone)
    set(others "-${alone}")
  endif()
  if(NOT ARG_MODES)
    set(ARG_MODES plain asan checker)
  endif()
  if(NOT TARGET gan_emulation_plain)
    return()
  endif()
  set_source_files_properties(${ARG_KERNELS} PROPERTIES LANGUAGE CXX)
  foreach(mode ${ARG_MODES})
    set(target test_${name}_${mode})
    add_library(${target}_kernels OBJECT ${ARG_KERNELS})
    target_link_libraries(${target}_kernels PRIVATE gan_emulation_${mode} ${ARG_LINK})
    if(mode STREQUAL "checker")
      # Compiled for ThreadSanitizer, but linked to our own callbacks.  Vectors stay whole, to see their alignment.
      target_compile_options(${target}_kernels PRIVATE -O1 -g -fno-tree-sra -fsanitize=thread
        --param=tsan-instrument-func-entry-exit=0)
    endif()
    # All else is the same in every mode but one, and compiled once.
    set(sources test_${name}_sources)
    if(mode STREQUAL "asan")
      set(sources ${sources}_asan)
    endif()
    if(NOT TARGET ${sources})
      add_library(${sources} OBJECT ${ARG_SOURCES} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/listener.cpp)
      target_compile_options(${sources} PRIVATE ${GAN_TEST_OPTIONS})
      target_link_libraries(${sources} PRIVATE gan_emulation_${mode} ${ARG_LINK} GTest::gmock)
    endif()
    # The kernels' objects come first: of an inline function that others use too, the linker keeps the first.
    add_executable(${target} $<TARGET_OBJECTS:${target}_kernels> $<TARGET_OBJECTS:${sources}>)
    target_link_libraries(${target} PRIVATE gan_emulation_${mode} ${ARG_LINK} GTest::gmock GTest::gtest_main)
    set(orders forward)
    if(mode STREQUAL "plain")
      list(APPEND orders reverse random)
    endif()
    foreach(order ${orders})
      add_test(NAME ${name}.${mode}.${order} COMMAND ${target} --gtest_filter=${others})
      set_tests_properties(${name}.${mode}.${order} PROPERTIES
        LABELS "${name};emulation" TIMEOUT 1200 ENVIRONMENT GAN_EMULATION_ORDER=${order})
    endforeach()
  endforeach()
  if(ARG_ALONE)
    add_test(NAME ${name}.plain.alone COMMAND test_${name}_plain --gtest_filter=${alone})
    set_tests_properties(${name}.plain.alone PROPERTIES
      LABELS "${name};emulation" TIMEOUT 600 ENVIRONMENT "GAN_EMULATION_ORDER=forward;${ARG_ALONE}")
  endif()
endfunction()
