export { readArchivedLog } from '../archive/archived-log.ts';
export { verifyData } from './verify-data.ts';
