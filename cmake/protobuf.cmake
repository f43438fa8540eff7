# gan_messages(NAME FILE.proto): the library gan_NAME of the messages in FILE.proto, whose header is FILE.pb.h.
find_package(Protobuf REQUIRED)

function(gan_messages name file)
  protobuf_generate_cpp(sources headers ${file})
  add_library(gan_${name} STATIC ${sources} ${headers})
  target_include_directories(gan_${name} SYSTEM PUBLIC ${CMAKE_CURRENT_BINARY_DIR})
  target_link_libraries(gan_${name} PUBLIC protobuf::libprotobuf-lite)
endfunction()
