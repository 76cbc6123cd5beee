// SPDX-License-Identifier: Apache-2.0
/** The text that `tidemark init` writes: what must be said, and the rest as comments with its defaults. */
export function configText(choice: { readonly stateFolder: string; readonly libraryFolder: string }): string {
  return `# Tidemark configuration. Relative folders start at this file's folder.

# Jobs, temporary catalogs and the catalog of finished jobs.
stateFolder = ${JSON.stringify(choice.stateFolder)}

# A real library instead, its devices named by node, or by iSCSI address; drives are matched to the changer's elements by
# serial number:
#     kind = "devices"
#     changer = "/dev/sg4"
#     drives = ["/dev/nst0", "iscsi://user%password@host/target/1"]
# Without a changer, say who brings the next cartridge: a person ("hand"), or the loader by itself ("sequential"):
#     feed = "hand"
[library]
kind = "simulated"
folder = ${JSON.stringify(choice.libraryFolder)}

# What follows are the defaults.

[library.cleaning]
# Whether a drive that asks for it is cleaned as soon as it is free.
# automatic = true
# How often a cleaning cartridge cleans, where it does not say itself.
# uses = 50

[tape]
# Size of every block on tape, for volumes labelled from now on: 16 KiB to 8 MiB.
# recordSize = "512 KiB"
# A segment (one tape file) is closed at the first member boundary past this size.
# segmentSize = "32 GiB"

[checkpoint]
# All data is forced onto the tape and the catalog onto the disk after this time or size, whichever is first.
# interval = "120 s"
# size = "32 GiB"

[pipeline]
# Memory between the readers and the drive.
# ringSize = "256 MiB"
# Threads that read files: as many as the source needs ("auto": from 2 to 64), or so many.
# readers = "auto"

[backup]
# pool = "default"
# Whether a source goes on into file systems mounted below it.
# crossMounts = false
# Drives that one job writes through at the same time.
# drives = 1

[operator]
# How long a job waits for a cartridge that only a person can bring, before it ends as interrupted (exit code 5).
# wait = "0 s"

# Pools: whether jobs go on with a pool's media set ("continue"), each begin their own ("new set"), or begin one so long
# after the last one began ("7 days"); and which jobs are kept (all, where nothing is said):
#     [pools.weekly]
#     allocation = "new set"
#     retention = { keepLast = 3, keepDaily = 7, keepWeekly = 4, keepMonthly = 12, keepYearly = 5 }
`;
}
