{
  "targets": [
    {
      "target_name": "tidemark",
      "includes": ["native/sources.gypi"],
      "variables": {
        # iSCSI is built in where libiscsi's headers are there. TIDEMARK_ISCSI=off leaves it out: what is given to other
        # computers must not need a library that they may not have.
        "tidemark_iscsi%": "<!(if [ \"$TIDEMARK_ISCSI\" != off ] && echo '#include <iscsi/iscsi.h>' | ${CXX:-c++} -x c++ -E - >/dev/null 2>&1; then echo on; else echo off; fi)"
      },
      # These warnings are for our sources, and CMake gives them: here they would come from Node-API's headers.
      "cflags_cc!": ["-std=gnu++17", "-Wshadow", "-Wconversion"],
      "conditions": [
        ["tidemark_iscsi=='on'", { "defines": ["TIDEMARK_ISCSI"], "libraries": ["-liscsi"] }]
      ]
    }
  ]
}
