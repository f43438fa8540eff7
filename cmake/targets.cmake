# How every target of the project is built: one place for the language, the warnings and the sanitizers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(gan_settings INTERFACE)
target_include_directories(gan_settings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(gan_settings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -fno-math-errno -fno-trapping-math -ffp-contract=off>)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(gan_settings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)  # false alarms in std::string (GCC bug 105651)
endif()
if(GAN_WERROR)
  target_compile_options(gan_settings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
if(GAN_SANITIZE)
  target_compile_options(gan_settings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${GAN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer>)
  target_link_options(gan_settings INTERFACE -fsanitize=${GAN_SANITIZE})
endif()

# For code that runs for seconds and compiles for minutes. UBSan's code triples the time that the optimiser takes.
if(GAN_SANITIZE)
  set(GAN_SHORT_LIVED $<$<COMPILE_LANGUAGE:CXX>:-O0>)
else()
  set(GAN_SHORT_LIVED $<$<COMPILE_LANGUAGE:CXX>:-O1>)
endif()

# gan_library(room SOURCES … [LINK …] [SHORT_LIVED]): the static library gan_<room>.
function(gan_library room)
  cmake_parse_arguments(ARG "SHORT_LIVED" "" "SOURCES;LINK" ${ARGN})
  add_library(gan_${room} STATIC ${ARG_SOURCES})
  target_link_libraries(gan_${room} PUBLIC gan_settings ${ARG_LINK})
  set_target_properties(gan_${room} PROPERTIES UNITY_BUILD ${GAN_UNITY})
  if(ARG_SHORT_LIVED)
    target_compile_options(gan_${room} PRIVATE ${GAN_SHORT_LIVED})
  endif()
endfunction()

# gan_test(room SOURCES … [LINK …] [PROPERTIES …]): the GoogleTest program test_<room>, each of its tests known to ctest,
# with these properties.
function(gan_test room)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PROPERTIES" ${ARGN})
  add_executable(test_${room} ${ARG_SOURCES})
  target_compile_options(test_${room} PRIVATE ${GAN_SHORT_LIVED})
  target_link_libraries(test_${room} PRIVATE gan_settings ${ARG_LINK} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(test_${room} TEST_PREFIX ${room}. DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS ${room} ${ARG_PROPERTIES})
endfunction()
