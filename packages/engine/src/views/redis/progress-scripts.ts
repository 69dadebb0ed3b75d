/*
 * What Redis remembers of a partition, two keys in one slot: KEYS progress, lineage of each script.
 *
 *   progress   hash: next = where the partition goes on from, <hunt id> = offset of a hunt below it
 *   lineage    a name that somebody made up when there was none: where it is another one, what was remembered
 *              before, and all that goes with it, is lost
 *
 * Without it a process that has not noticed yet that Redis was emptied would have others go on from where it is.
 */

/** ARGV the lineage if there is none. Returns the lineage, and fields and values of the progress. */
export const progressScript = `
redis.call('SET', KEYS[2], ARGV[1], 'NX')
return {redis.call('GET', KEYS[2]), redis.call('HGETALL', KEYS[1])}`;

/** ARGV lineage, then fields and values. Returns 1, or 0 and writes nothing where the lineage is another. */
export const saveProgressScript = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
return 1`;
