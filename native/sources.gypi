{
  "sources": [
    "scsi/bytes.cpp",
    "scsi/cdb.cpp",
    "scsi/sense.cpp",
    "scsi/inquiry.cpp",
    "stream/ring.cpp",
    "addon/addon.cpp"
  ],
  "include_dirs": [
    ".",
    "../node_modules/node-addon-api",
    "../node_modules/xxhash-addon/xxHash"
  ],
  "defines": [
    "NAPI_VERSION=9",
    "NAPI_DISABLE_CPP_EXCEPTIONS"
  ],
  "cflags_cc": [
    "-std=gnu++20",
    "-O2",
    "-fvisibility=hidden",
    "-fno-exceptions",
    "-Wall",
    "-Wextra",
    "-Wshadow",
    "-Wconversion",
    "-Wno-sign-conversion"
  ],
  "libraries": [
    "-lpthread"
  ]
}
