// How commands are decided, and what is known by then: for threads and programs that fold.
export { HuntFold, huntApplication } from './hunt-application.ts';
export { type HuntTables, teamColumn, treasureColumn } from './hunt-tables.ts';
export { forEachTeam, queryHunts, queryTeam, queryTreasure } from './queries.ts';
