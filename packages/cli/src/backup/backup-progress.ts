import type { BackupProgress } from '@hunt/engine/backup';

const phases = {
  read: 'reading',
  copy: 'copying',
  check: 'checking',
  files: 'reading files,',
} as const;

export function progressText({ phase, done, of }: BackupProgress): string {
  const unit = phase === 'files' ? 'bytes' : 'records';
  return `${phases[phase]} ${done} of ${of} ${unit}`;
}
