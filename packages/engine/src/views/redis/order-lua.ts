/*
 * The standings of a hunt in Redis: four keys in one slot, KEYS hunt, teams, order0, order1 of each script.
 *
 *   hunt    hash: r = rule of the order that is shown, o = which of the orders that is (0 unless 1),
 *           b = base of times, v = version, c<partition> = offset the partition goes on from,
 *           s/w/g<partition> = solved, wrong, granted; while another order is being made:
 *           n = its rule, m = the cursor in teams
 *   teams   hash: team id (8 bytes) → points, penalty seconds, last score at (f64 each), solved (u32)
 *   order   sorted set of the teams
 *
 * The rules of an order are one letter: ties by l(ast score) or p(enalty), and small where it is packed,
 * capital where it is wide.
 *
 * Packed: member = id, score = tie - points × 2^33, one whole number that a double holds exactly: so
 * a change is one ZADD in place, and a rank one ZCOUNT. It takes whole points below 2^20 either way, and as
 * tie whole seconds from 0 to 2^33, or the last score in whole milliseconds since the base (99 days; 0: none).
 *
 * Wide: score = -points; member = tie (9 bytes) + id, so that members of equal points stand in the order of
 * their bytes. A tie is the tie-breaker as bytes that compare like it, big endian: 1 and the f64 where it is
 * not negative, 0 and 2^52 + the whole number (u64) where it is. Exact for whole points up to 2^53 either
 * way, for any tie-breaker from 0 on, and for whole negative ones down to -2^52. A hunt gets a
 * wide order before it takes in the first value that a packed one would not hold.
 *
 * Another order is made beside the one that is shown, a slice of teams at a time; until it is whole, every
 * update changes both.
 */
export const teamStateBytes = 28;
export const tieBytes = 9;
export const idBytes = 8;

/** Points of a packed order are below it, either way. */
export const packedPointsMax = 2 ** 20;
/** Ties of a packed order are below it. */
export const packedTies = 2 ** 33;

/** Teams that one script takes into a new order: some 5 ms in which Redis answers nobody else. */
const sliceTeams = 1_000;

/** Longest list of arguments that Lua can hand over safely is about 8,000. */
export const orderLua = `
local hunt, teams = KEYS[1], KEYS[2]
local slice = ${sliceTeams}
local missing = string.rep('\\255', ${teamStateBytes})
local lower, upper = string.lower, string.upper
local function isWide(rule) return rule == upper(rule) end
local function ruleOf(hunt) return redis.call('HGET', hunt, 'r') or 'l' end
local function orderKey(other)
  local second = redis.call('HGET', hunt, 'o') == '1'
  if other then second = not second end
  return second and KEYS[4] or KEYS[3]
end
local function tieOf(penalty, last, rule)
  local tie = last
  if rule == 'P' then tie = penalty end
  if tie >= 0 then return '\\1' .. struct.pack('>d', tie) end
  return '\\0' .. struct.pack('>I8', 4503599627370496 + tie)
end
local function packed(points, penalty, last, rule, base)
  local tie = 0
  if rule == 'p' then tie = penalty
  elseif last ~= 0 then
    if not base or last % 1 ~= 0 then return nil end
    tie = last - tonumber(base) + 1
    if tie < 1 then return nil end
  end
  if tie < 0 or tie >= ${packedTies} or tie % 1 ~= 0 then return nil end
  if points <= -${packedPointsMax} or points >= ${packedPointsMax} or points % 1 ~= 0 then return nil end
  return tie - points * ${packedTies}
end
local function readRows(states)
  local rows = {}
  for at = 1, #states, 36 do
    local id, points, penalty, last = struct.unpack('>c8ddd', states, at)
    rows[#rows + 1] = {id, points, penalty, last}
  end
  return rows
end
local function fits(rows, rule, base)
  for _, row in ipairs(rows) do
    if not packed(row[2], row[3], row[4], rule, base) then return false end
  end
  return true
end
local function call(command, key, items)
  if #items > 0 then redis.call(command, key, unpack(items)) end
end
local function readOld(rows)
  for first = 1, #rows, slice do
    local ids = {}
    for i = first, math.min(first + slice - 1, #rows) do ids[#ids + 1] = rows[i][1] end
    local states = redis.call('HMGET', teams, unpack(ids))
    for i, state in ipairs(states) do rows[first + i - 1][5] = state end
  end
end
local function placeRows(order, rule, base, rows)
  for first = 1, #rows, slice do
    local removed, added = {}, {}
    for i = first, math.min(first + slice - 1, #rows) do
      local id, points, penalty, last, old = unpack(rows[i])
      if isWide(rule) then
        local new = tieOf(penalty, last, rule)
        if old then
          local _, oldPenalty, oldLast = struct.unpack('>ddd', old)
          local oldTie = tieOf(oldPenalty, oldLast, rule)
          if oldTie ~= new then removed[#removed + 1] = oldTie .. id end
        end
        added[#added + 1] = -points
        added[#added + 1] = new .. id
      else
        added[#added + 1] = packed(points, penalty, last, rule, base)
        added[#added + 1] = id
      end
    end
    call('ZREM', order, removed)
    call('ZADD', order, added)
  end
end
local function passOn(key, command, bytes, format, size)
  local at, rest = 1, #bytes / size
  while rest > 0 do
    local count = math.min(rest, 200)
    local items = {struct.unpack(string.rep(format, count), bytes, at)}
    at = table.remove(items)
    rest = rest - count
    redis.call(command, key, unpack(items))
  end
end
local function beginOrder(rule)
  redis.call('UNLINK', orderKey(true))
  redis.call('HSET', hunt, 'n', rule, 'm', '0')
  return rule
end
local function setTies(ties)
  local wanted = string.sub(ties, 1, 1)
  redis.call('HSETNX', hunt, 'v', '0')
  local building = redis.call('HGET', hunt, 'n')
  if lower(building or ruleOf(hunt)) == wanted then return end
  if building and lower(ruleOf(hunt)) == wanted then
    redis.call('UNLINK', orderKey(true))
    redis.call('HDEL', hunt, 'n', 'm')
  else
    beginOrder(wanted)
  end
end
local function continueOrder()
  local building, cursor, base = unpack(redis.call('HMGET', hunt, 'n', 'm', 'b'))
  if not building then return 0 end
  local order = orderKey(true)
  local page = redis.call('HSCAN', teams, cursor, 'COUNT', slice)
  local rows = {}
  for i = 1, #page[2], 2 do
    local points, penalty, last = struct.unpack('>ddd', page[2][i + 1])
    rows[#rows + 1] = {page[2][i], points, penalty, last}
  end
  if not isWide(building) and not fits(rows, building, base) then
    beginOrder(upper(building))
    return 1
  end
  placeRows(order, building, base, rows)
  if page[1] ~= '0' then
    redis.call('HSET', hunt, 'm', page[1])
    return 1
  end
  redis.call('UNLINK', orderKey(false))
  redis.call('HSET', hunt, 'r', building, 'o', order == KEYS[4] and '1' or '0')
  redis.call('HDEL', hunt, 'n', 'm')
  redis.call('HINCRBY', hunt, 'v', 1)
  return 0
end`;
