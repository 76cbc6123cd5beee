{
  "targets": [
    {
      "target_name": "tidemark",
      "includes": ["native/sources.gypi"],
      # These warnings are for our sources, and CMake gives them: here they would come from Node-API's headers.
      "cflags_cc!": ["-std=gnu++17", "-Wshadow", "-Wconversion"]
    }
  ]
}
