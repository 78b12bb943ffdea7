/**
 * What runs inside a gather pod. Both scripts are fixed text: what a person asked for arrives in environment variables
 * and is never spliced into them. They need bash alone; `df` and `du` are used where the image has them.
 */

/** Folder, on a small volume of its own, through which a running gather is told to stop. */
export const CONTROL_DIR = '/.muster';

/** In the control folder: why the gather shall stop. While it is empty its maker has yet to write (seen on a busy machine). */
export const STOP_FILE = 'stop';

/** In the control folder: there once the command has ended, however it did. */
export const ENDED_FILE = 'ended';

/** Lines in a gather's log with this start are Muster's own words to the person. */
export const WRAPPER_MARK = '[muster] ';

/** Seconds between TERM and KILL when a gather is stopped. */
export const STOP_GRACE_SECONDS = 10;

/**
 * PID 1 of the `gather` container: runs `MUSTER_COMMAND` in a process group of its own, and stops it at the deadline,
 * at the disk limit, when the stop file appears, or on TERM. It exits with the command's own code, and writes why it
 * stopped the command into the termination message, which arrives with the pod's status. When PID 1 goes, the kernel
 * ends what is left in the container, so neither setsid nor ps nor pkill is needed.
 *
 * The disk limit is a share of what was free on the volume when the gather began, held against what the gather wrote:
 * oc compares with how full the node's disk is, and so kills at once on a node that was full before (measured on
 * `oc adm must-gather` 4.22).
 */
export const GATHER_SCRIPT = `
command=$MUSTER_COMMAND source_dir=$MUSTER_SOURCE_DIR control_dir=$MUSTER_CONTROL_DIR
deadline=$MUSTER_TIMEOUT_SECONDS percent=$MUSTER_VOLUME_PERCENTAGE
unset MUSTER_COMMAND MUSTER_SOURCE_DIR MUSTER_CONTROL_DIR MUSTER_TIMEOUT_SECONDS MUSTER_VOLUME_PERCENTAGE
exec 9<> <(:)
nap() { read -r -t "$1" -u 9; }
volume() { # used and free KiB of the volume, and how full it is
  { read -r _ && read -r _ _ used_kib free_kib full _; } < <(df -P -k "$source_dir" 2>/dev/null)
}
written() {
  local kib
  if read -r kib _ < <(du -s -k "$source_dir" 2>/dev/null) && [[ -n $kib ]]; then written_kib=$kib
  else volume && written_kib=$((used_kib - used_at_start)); fi
}
limit_kib=0
if volume && [[ -n \${free_kib:-} ]]; then
  limit_kib=$((free_kib * percent / 100)) used_at_start=$used_kib
  (( \${full%\\%} > percent )) && echo "${WRAPPER_MARK}warning: the volume was already $full full when the gather began"
else
  echo "${WRAPPER_MARK}warning: this image has no df: nothing guards the volume"
fi
# With job control bash writes of a job that ended at once on its own stderr ("[1] Exit 3 …", in one of 14 runs under load):
# that would stand in the gather's log. What follows has nothing to say there.
exec 8>&2 2>/dev/null
set -m # a process group for each of the two
/bin/bash -c "$command" </dev/null 2>&8 8>&- &
child=$!
stop() { # REASON
  printf '%s' "$1" >/dev/termination-log
  echo "${WRAPPER_MARK}stopping the gather: $1"
  kill -TERM -- "-$child" 2>/dev/null
  for (( i = 0; i < ${STOP_GRACE_SECONDS} * 5; i++ )); do
    kill -0 "$child" 2>/dev/null || return
    nap 0.2
  done
  kill -KILL -- "-$child" 2>/dev/null
}
watch() {
  local next_check=2 began
  while :; do
    if [[ -s $control_dir/${STOP_FILE} ]]; then stop "$(<"$control_dir/${STOP_FILE}")"; return; fi
    if (( SECONDS >= deadline )); then stop Timeout; return; fi
    if (( limit_kib > 0 && SECONDS >= next_check )); then
      began=$SECONDS
      written
      if (( written_kib > limit_kib )); then stop DiskLimit; return; fi
      next_check=$((SECONDS + 3 + 10 * (SECONDS - began)))
    fi
    nap 0.5
  done
}
watch 8>&- &
watcher=$!
set +m
disown "$watcher"
trap 'stop PodDeleted; told=1' TERM
while :; do
  told=0
  wait "$child"
  code=$?
  (( told )) || break
done
kill -KILL -- "-$watcher" 2>/dev/null
# What the command left behind dies with PID 1 anyway: no file changes any more when the end is told.
kill -KILL -- "-$child" 2>/dev/null
: >"$control_dir/${ENDED_FILE}"
exit "$code"
`.trim();

/** PID 1 of the \`copy\` container: waits to be asked, through exec, for what was gathered. */
export const COPY_SCRIPT = `
trap 'exit 0' TERM INT
exec 9<> <(:)
while :; do read -r -t 3600 -u 9; done
`.trim();
