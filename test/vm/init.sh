#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The first process of the User-mode Linux guest: makes a root file system that looks like the host's and can be
# written without the host noticing, runs inside.sh in it and powers off. The kernel's command line has given
# TIDEMARK_JOB, the folder on the host that holds what is to be done, and takes what comes of it.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
job=$TIDEMARK_JOB
mount -t proc proc /proc
. "$job/plan.sh"
modules=$uml_root/usr/lib/uml/modules/$(uname -r)

# Before /tmp is hidden, which may hold the modules.
insmod "$modules/kernel/fs/overlayfs/overlay.ko"
# The real root is read-only, so the only folder to write in is a memory file system over one that is always there.
mount -t tmpfs tmpfs /tmp
mkdir /tmp/upper /tmp/work /tmp/root
mount -t overlay overlay -o lowerdir=/,upperdir=/tmp/upper,workdir=/tmp/work /tmp/root
root=/tmp/root
mount -t proc proc $root/proc
mount -t sysfs sysfs $root/sys
mount -t devtmpfs devtmpfs $root/dev
mkdir -p $root/dev/pts $root/dev/shm $root/run
mount -t devpts devpts $root/dev/pts
mount -t tmpfs tmpfs $root/dev/shm
mount -t tmpfs tmpfs $root/run
# An overlay does not notice what the host writes later, and the host sees nothing of it: these folders go past it.
writable_folders | while read -r folder; do
  mkdir -p "$root$folder"
  # What a drive has put on its medium is there, whatever becomes of the guest's memory.
  case $folder in "$tgt_folder") how=sync, ;; *) how= ;; esac
  mount -t hostfs none "$root$folder" -o "$how$folder"
done
mkdir -p "$root/lib/modules"
ln -s "$modules" "$root/lib/modules/"

chroot $root /bin/sh "$job/inside.sh" >"$root$job/log" 2>&1
sync
echo o >/proc/sysrq-trigger
# Power off comes a moment later; when the first process ends before, the kernel panics.
while :; do sleep 1; done
