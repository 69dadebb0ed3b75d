export {
  type BackupOptions,
  type BackupProgress,
  type BackupReport,
  makeBackup,
} from './make-backup.ts';
export { type RestoreOptions, type RestoreReport, restoreBackup } from './restore-backup.ts';
