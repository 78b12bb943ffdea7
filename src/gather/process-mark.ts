import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Names one process on one machine, so that a later run can tell whether whoever made an object still lives. Without
 * the process namespace two containers with one host name would take each other's ids for their own.
 */
export function ownProcessMark(pid: number = process.pid): string {
  return `${machineMark()}/${pid}`;
}

/** True when the process that a mark names is known to be gone; false when it lives, or runs where we cannot look. */
export function isProcessGone(mark: string): boolean {
  const cut = mark.lastIndexOf('/');
  const pid = Number(mark.slice(cut + 1));
  if (mark.slice(0, cut) !== machineMark() || !Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it lives, as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

function machineMark(): string {
  const parts = [
    () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    () => readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, ''),
  ].map((read) => {
    try {
      return read();
    } catch {
      return ''; // no /proc on macOS and Windows, where the host name has to do
    }
  });
  return [hostname(), ...parts].join('/');
}
