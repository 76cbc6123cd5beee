# SPDX-License-Identifier: Apache-2.0
# Second half of the guest's start, in its own root: a tape library behind the kernel's iSCSI initiator, then the
# command. plan.sh has been written for this run by guest.ts and says which library and which command.
set -u
job=$TIDEMARK_JOB
. "$job/plan.sh"

fail() {
  echo "$*" >"$job/failure"
  exit 1
}

# now: whole seconds since the guest started, without starting a process, which is slow here.
now() {
  read -r uptime _ </proc/uptime
  seconds=${uptime%.*}
}

# until_true SECONDS WHAT COMMAND...
until_true() {
  now
  bound=$((seconds + $1))
  what=$2
  shift 2
  until "$@"; do
    now
    [ "$seconds" -lt "$bound" ] || fail "waited in vain for $what"
    sleep 0.02
  done
}

# find_node SERIAL VARIABLE: exports VARIABLE_SG, and VARIABLE_NST for a drive, once the nodes are there. Their numbers
# differ from boot to boot, so the unit serial number (SPC-5 clause 7.7.19) decides.
find_node() {
  for device in /sys/class/scsi_generic/sg*/device; do
    serial=
    # The page is not a line: read fails at its end and has read it nevertheless; it leaves NULs out.
    read -r serial <"$device/vpd_pg80" 2>/dev/null || :
    case $serial in
    *"$1") ;;
    *) continue ;;
    esac
    node=${device%/device}
    node=/dev/${node##*/}
    [ -c "$node" ] || return 1
    export "$2_SG=$node"
    read -r type <"$device/type"
    # 8 is a medium changer (SPC-5 table 149); a tape drive also has a node that does not rewind.
    [ "$type" = 8 ] && return 0
    for node in "$device"/scsi_tape/nst*[0-9]; do
      [ -c "/dev/${node##*/}" ] || return 1
      export "$2_NST=/dev/${node##*/}"
      return 0
    done
  done
  return 1
}

ip link set lo up || fail "the loopback interface could not be set up"
modprobe -a sg st ch iscsi_tcp || fail "the kernel modules could not be loaded"
mkdir -p "$tgt_folder"
# Not in that folder, which may be the host's: the guest can make no socket there.
export TGT_IPC_SOCKET=/run/tgt-ipc
[ -d "$tgt_folder/media" ] || make_media || fail "the media could not be made"
start_daemon >"$tgt_folder/log" 2>&1 &
until_true 20 "tgtd to answer" show_portal
serve_library || fail "tgt could not be set up"
# iscsistart wants it for a lock of its own.
mkdir -p /run/lock
log_in || fail "the login at the library failed"
while read -r serial variable; do
  until_true 20 "the device with serial number $serial" find_node "$serial" "$variable"
done <"$job/units"
now
echo "$uptime" >"$job/ready"
(run_command) >"$job/stdout" 2>"$job/stderr" </dev/null
echo $? >"$job/status"
