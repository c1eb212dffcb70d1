import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An ext4 in a file, whose power can be cut. Needs root, xfsprogs and e2fsprogs. */
export interface LoopDisk {
  /** Where it is mounted. */
  readonly folder: string;
  /** Nothing reaches the disk any more, as after a power failure; its contents remain. */
  cut(): void;
  /** Recovers the file system and mounts it, as a machine does when it starts again. */
  remount(): void;
  remove(): void;
}

export function createLoopDisk({ megabytes }: { megabytes: number }): LoopDisk {
  if (process.getuid?.() !== 0) throw new Error('only root can create a loop disk');
  const home = mkdtempSync(join(tmpdir(), 'tollgate-disk-'));
  const image = join(home, 'image');
  const folder = join(home, 'mounted');
  writeFileSync(image, '');
  truncateSync(image, megabytes * 2 ** 20);
  mkdirSync(folder);
  run('mkfs.ext4', ['-q', image]);
  // The kernel releases the loop device with the last unmount.
  const mount = () => run('mount', ['-o', 'loop', image, folder]);
  mount();
  return {
    folder,
    // Without `-f`, which would flush the journal first.
    cut: () => run('xfs_io', ['-x', '-c', 'shutdown', folder]),
    remount: () => {
      run('umount', [folder]);
      mount();
    },
    remove: () => {
      run('umount', [folder]);
      rmSync(home, { recursive: true });
    },
  };
}

function run(command: string, args: string[]): void {
  execFileSync(command, args, { stdio: 'pipe' });
}
