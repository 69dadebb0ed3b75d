/*
 * The standings of a hunt in Redis: three keys in one slot.
 *
 *   teams  hash: team id (8 bytes) → points, penalty seconds, last score at (f64 each), solved (u32)
 *   order  sorted set: score = -points; member = tie (9 bytes) + team id (8 bytes), so that members of
 *          equal points stand in the order of their bytes
 *   hunt   hash: t = ties, v = version, c<partition> = offset the partition goes on from,
 *          s/w/g<partition> = solved, wrong, granted
 *
 * A tie is the tie-breaker as bytes that compare like it, big endian: 1 and the f64 where it is not
 * negative, 0 and 2^52 + the whole number (u64) where it is. So no sum of points and times has to fit
 * into the one f64 of a score. Exact for whole points up to 2^53 either way, for any tie-breaker from 0
 * on, and for whole negative ones down to -2^52. All members with score 0 would let ZLEXCOUNT count ranks,
 * but every comparison would then fetch a member.
 */
export const teamStateBytes = 28;
export const tieBytes = 9;

/** Longest list of arguments that Lua can hand over safely is about 8,000. */
const lua = `
local chunk = 1000
local function tieOf(penalty, last, ties)
  local tie = last
  if ties == 'penalty' then tie = penalty end
  if tie >= 0 then return '\\1' .. struct.pack('>d', tie) end
  return '\\0' .. struct.pack('>I8', 4503599627370496 + tie)
end
local function call(command, key, items)
  if #items > 0 then redis.call(command, key, unpack(items)) end
end
local function reorder(hunt, order, teams, ties)
  if redis.call('HGET', hunt, 't') == ties then return false end
  redis.call('HSET', hunt, 't', ties)
  redis.call('DEL', order)
  local cursor = '0'
  repeat
    local page = redis.call('HSCAN', teams, cursor, 'COUNT', chunk)
    cursor = page[1]
    local items = {}
    for i = 1, #page[2], 2 do
      local points, penalty, last = struct.unpack('>ddd', page[2][i + 1])
      items[#items + 1] = -points
      items[#items + 1] = tieOf(penalty, last, ties) .. page[2][i]
      if #items >= 2 * chunk then
        call('ZADD', order, items)
        items = {}
      end
    end
    call('ZADD', order, items)
  until cursor == '0'
  return true
end`;

/**
 * KEYS hunt, order, teams; ARGV partition, from, to, updates, solved, wrong, granted, ties or '', mode.
 * `updates` holds 36 bytes a team, each team once: id, what is added to points and penalty, the last
 * score (f64 each), 2 × solved + 1 if the team is registered here (u32).
 *
 * Changes all or nothing, and only where the partition's offset is exactly `from`. Mode 's' (seed)
 * overwrites instead of adding, wherever the offset is below `to`; 'sl' is the last of a seed: it also
 * overwrites the partition's counters and sets the offset. Returns what came of it (0 done, 1 was done before, 2 other offset than
 * expected, 3 a team is not registered), the offset now and the version.
 */
export const applyScript = `${lua}
local hunt, order, teams = KEYS[1], KEYS[2], KEYS[3]
local partition, updates, mode = ARGV[1], ARGV[4], ARGV[9]
local offset = redis.call('HGET', hunt, 'c' .. partition) or '0'
local seeding = mode ~= ''
local function answer(outcome)
  return {outcome, tonumber(offset), tonumber(redis.call('HGET', hunt, 'v') or '0')}
end
if tonumber(offset) >= tonumber(ARGV[3]) then return answer(1) end
if not seeding and tonumber(offset) ~= tonumber(ARGV[2]) then return answer(2) end
local count = #updates / 36
local before = {}
for first = 1, count, chunk do
  local ids = {}
  for i = first, math.min(first + chunk - 1, count) do
    ids[#ids + 1] = string.sub(updates, 36 * i - 35, 36 * i - 28)
  end
  local states = redis.call('HMGET', teams, unpack(ids))
  for i = 1, #ids do
    if not states[i] and not seeding and string.byte(updates, 36 * (first + i - 1)) % 2 == 0 then
      return answer(3)
    end
    before[first + i - 1] = states[i]
  end
end
if ARGV[8] ~= '' then reorder(hunt, order, teams, ARGV[8]) end
local ties = redis.call('HGET', hunt, 't') or 'last-score'
for first = 1, count, chunk do
  local removed, added, stored = {}, {}, {}
  for i = first, math.min(first + chunk - 1, count) do
    local id, points, penalty, last, solved = struct.unpack('>c8dddI4', updates, 36 * i - 35)
    solved = math.floor(solved / 2)
    local oldScore, old
    if before[i] then
      local oldPoints, oldPenalty, oldLast, oldSolved = struct.unpack('>dddI4', before[i])
      oldScore, old = -oldPoints, tieOf(oldPenalty, oldLast, ties)
      if not seeding then
        points, penalty, solved = points + oldPoints, penalty + oldPenalty, solved + oldSolved
        if oldLast > last then last = oldLast end
      end
    end
    local new = tieOf(penalty, last, ties)
    if new ~= old or -points ~= oldScore then
      if old and old ~= new then removed[#removed + 1] = old .. id end
      added[#added + 1] = -points
      added[#added + 1] = new .. id
    end
    stored[#stored + 1] = id
    stored[#stored + 1] = struct.pack('>dddI4', points, penalty, last, solved)
  end
  call('ZREM', order, removed)
  call('ZADD', order, added)
  call('HSET', teams, stored)
end
if mode == 'sl' then
  redis.call('HDEL', hunt, 's' .. partition, 'w' .. partition, 'g' .. partition)
end
for i, name in ipairs({'s', 'w', 'g'}) do
  if ARGV[4 + i] ~= '0' then redis.call('HINCRBY', hunt, name .. partition, ARGV[4 + i]) end
end
if mode ~= 's' then
  redis.call('HSET', hunt, 'c' .. partition, ARGV[3])
  offset = ARGV[3]
end
redis.call('HINCRBY', hunt, 'v', 1)
return answer(0)`;

/** KEYS hunt, order, teams; ARGV ties. Sorts anew where they are others: some 5 µs a team. Returns the version. */
export const tiesScript = `${lua}
if reorder(KEYS[1], KEYS[2], KEYS[3], ARGV[1]) then redis.call('HINCRBY', KEYS[1], 'v', 1) end
return tonumber(redis.call('HGET', KEYS[1], 'v') or '0')`;

/** Rank of the member at a position: one above the number of those with more points or a lower tie. */
const rankLua = `
local function rankAt(order, position, points, tie)
  local function equal(at)
    local found = redis.call('ZRANGE', order, at, at, 'WITHSCORES')
    return tonumber(found[2]) == -points and string.sub(found[1], 1, 9) == tie
  end
  if position == 0 or not equal(position - 1) then return position + 1 end
  local low = redis.call('ZCOUNT', order, '-inf', '(' .. string.format('%.17g', -points))
  local high = position - 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if equal(middle) then high = middle else low = middle + 1 end
  end
  return high + 1
end`;

/** KEYS hunt, order, teams; ARGV first and last position. Returns version, rank of the first, then members, then states. */
export const pageScript = `${rankLua}
local version = tonumber(redis.call('HGET', KEYS[1], 'v') or '0')
local members = redis.call('ZRANGE', KEYS[2], ARGV[1], ARGV[2])
if #members == 0 then return {version, 0, '', ''} end
local ids = {}
for i, member in ipairs(members) do ids[i] = string.sub(member, 10) end
local states = redis.call('HMGET', KEYS[3], unpack(ids))
local points = struct.unpack('>d', states[1])
local rank = rankAt(KEYS[2], tonumber(ARGV[1]), points, string.sub(members[1], 1, 9))
return {version, rank, table.concat(members), table.concat(states)}`;

/** KEYS hunt, order, teams; ARGV team id. Returns version, rank (0: no such team) and state. */
export const teamScript = `${lua}${rankLua}
local version = tonumber(redis.call('HGET', KEYS[1], 'v') or '0')
local state = redis.call('HGET', KEYS[3], ARGV[1])
if not state then return {version, 0, ''} end
local points, penalty, last = struct.unpack('>ddd', state)
local tie = tieOf(penalty, last, redis.call('HGET', KEYS[1], 't') or 'last-score')
local position = redis.call('ZRANK', KEYS[2], tie .. ARGV[1])
return {version, rankAt(KEYS[2], position, points, tie), state}`;
