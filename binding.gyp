{
  "targets": [
    {
      "target_name": "tidemark",
      "includes": ["native/sources.gypi"],
      "cflags_cc!": ["-std=gnu++17", "-O3"],
    }
  ]
}
