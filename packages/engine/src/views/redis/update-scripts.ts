import { orderLua } from './order-lua.ts';

/**
 * KEYS as in order-lua.ts. ARGV partition, from, to, scores, states, solved, wrong, granted, ties or '',
 * mode, rule, base or ''. `scores` holds 25 bytes a team, as `rule` and `base` say: 17 digits, id; it may
 * be empty. `states` holds 36 bytes a team, each team once: id, state.
 *
 * Changes all or nothing, and only where the partition's offset is exactly `from`. Mode 's' (seed) is
 * taken wherever the offset is below `to`; 'sl' is the last of a seed: it also overwrites the partition's
 * counters and sets the offset. Returns what came of it (0 done, 1 was done before, 2 other offset than
 * expected, 3 only a wide order holds such values), the offset now, the version, the rule and base, and 1
 * where an order is still being made.
 */
export const applyScript = `${orderLua}
local partition, states, mode = ARGV[1], ARGV[5], ARGV[10]
local offset = redis.call('HGET', hunt, 'c' .. partition) or '0'
local function answer(outcome)
  local version, base, building = unpack(redis.call('HMGET', hunt, 'v', 'b', 'n'))
  return {outcome, tonumber(offset), tonumber(version or '0'), ruleOf(hunt), base or '', building and 1 or 0}
end
if tonumber(offset) >= tonumber(ARGV[3]) then return answer(1) end
if mode == '' and tonumber(offset) ~= tonumber(ARGV[2]) then return answer(2) end
local base = redis.call('HGET', hunt, 'b')
local newBase = not base and ARGV[12] ~= ''
if newBase then base = ARGV[12] end
local rule = ruleOf(hunt)
local scored = rule == ARGV[11] and #ARGV[4] > 0 and (lower(rule) == 'p' or base == ARGV[12])
local rows
if not scored then
  rows = readRows(states)
  if not isWide(rule) and not fits(rows, rule, base) then return answer(3) end
end
if newBase then redis.call('HSET', hunt, 'b', base) end
if ARGV[9] ~= '' then setTies(ARGV[9]) end
local building = redis.call('HGET', hunt, 'n')
if building and not isWide(building) then
  rows = rows or readRows(states)
  if not fits(rows, building, base) then building = beginOrder(upper(building)) end
end
if isWide(rule) or (building and isWide(building)) then
  rows = rows or readRows(states)
  readOld(rows)
end
if scored then passOn(orderKey(false), 'ZADD', ARGV[4], 'c17c8', 25)
else placeRows(orderKey(false), rule, base, rows) end
if building then placeRows(orderKey(true), building, base, rows) end
passOn(teams, 'HSET', states, 'c8c28', 36)
if mode == 'sl' then
  redis.call('HDEL', hunt, 's' .. partition, 'w' .. partition, 'g' .. partition)
end
for i, name in ipairs({'s', 'w', 'g'}) do
  if ARGV[5 + i] ~= '0' then redis.call('HINCRBY', hunt, name .. partition, ARGV[5 + i]) end
end
if mode ~= 's' then
  redis.call('HSET', hunt, 'c' .. partition, ARGV[3])
  offset = ARGV[3]
end
redis.call('HINCRBY', hunt, 'v', 1)
if building then continueOrder() end
return answer(0)`;

/**
 * KEYS as in order-lua.ts; ARGV 'last-score' or 'penalty' (the ties from now on), 'wide' (the order must
 * hold any values), or '' (as it is). Makes a slice of the order that is then wanted, if it is not there.
 * Returns the version and 1 while there is more to make.
 */
export const orderScript = `${orderLua}
local rule, building = ruleOf(hunt), redis.call('HGET', hunt, 'n')
if ARGV[1] == 'wide' then
  if not isWide(building or rule) then beginOrder(upper(building or rule)) end
elseif ARGV[1] ~= '' then setTies(ARGV[1]) end
local more = continueOrder()
return {tonumber(redis.call('HGET', hunt, 'v') or '0'), more}`;

/**
 * KEYS as in order-lua.ts; ARGV partition, ids (8 bytes each). Returns the partition's offset, the rule and
 * base of the order, and a state for each id; one that is not there has all bits set.
 */
export const statesScript = `${orderLua}
local found = {}
local at, rest = 1, #ARGV[2] / 8
while rest > 0 do
  local count = math.min(rest, slice)
  local ids = {struct.unpack(string.rep('c8', count), ARGV[2], at)}
  at = table.remove(ids)
  rest = rest - count
  local states = redis.call('HMGET', teams, unpack(ids))
  for i = 1, count do found[#found + 1] = states[i] or missing end
end
local offset = redis.call('HGET', hunt, 'c' .. ARGV[1])
return {tonumber(offset or '0'), ruleOf(hunt), redis.call('HGET', hunt, 'b') or '', table.concat(found)}`;
