// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tidemark {

/// A reader thread's descriptors. Where the kernel allows it the thread leaves the process's table
/// and working directory behind: then it shares no lock with other threads for each open and close,
/// can close many files with one call, and can enter the directory it reads. Opened by the thread
/// itself only.
class ThreadDescriptors {
 public:
  ThreadDescriptors() = default;
  ThreadDescriptors(const ThreadDescriptors&) = delete;
  ThreadDescriptors& operator=(const ThreadDescriptors&) = delete;

  /// Once, first thing on the thread.
  void separate();
  bool own_working_directory() const { return own_working_directory_; }

  /// Files that will be closed later are opened after `directory` and numbered above it.
  void begin_directory(int directory);
  /// At once, or together with others.
  void close_later(int descriptor);
  /// Before a directory is closed or another one is opened.
  void close_pending();

 private:
  bool own_table_ = false;
  bool own_working_directory_ = false;
  int floor_ = 0;
  int pending_ = 0;
};

}  // namespace tidemark
