import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

/** A log file that stays small: past `MOST_BYTES` it becomes `<path>.1`, in place of the one before. */
export type LogFile = { write(text: string): void; close(): void };

const MOST_BYTES = 8 * 1024 * 1024;

export function openLogFile(path: string, mostBytes: number = MOST_BYTES): LogFile {
  let fd = openSync(path, 'a', 0o600);
  let bytes = statSync(path).size;
  return {
    write(text) {
      if (bytes > mostBytes) {
        closeSync(fd);
        renameSync(path, `${path}.1`);
        fd = openSync(path, 'a', 0o600);
        bytes = 0;
      }
      bytes += writeSync(fd, text);
    },
    close: () => closeSync(fd),
  };
}
