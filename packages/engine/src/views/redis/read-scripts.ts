import { orderLua, tieBytes } from './order-lua.ts';

/**
 * Rank of the member at a position: one above the number of those with more points or a lower tie. In a
 * packed order only equals have the same score.
 */
const rankLua = `${orderLua}
local function rankAt(order, rule, position, score, tie)
  local above = redis.call('ZCOUNT', order, '-inf', '(' .. score)
  if not isWide(rule) or above == position then return above + 1 end
  local function equal(at)
    local found = redis.call('ZRANGE', order, at, at, 'WITHSCORES')
    return tonumber(found[2]) == tonumber(score) and string.sub(found[1], 1, ${tieBytes}) == tie
  end
  if not equal(position - 1) then return position + 1 end
  local low, high = above, position - 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if equal(middle) then high = middle else low = middle + 1 end
  end
  return high + 1
end`;

/**
 * KEYS as in order-lua.ts; ARGV first and last position. Returns version, rule, rank of the first, then
 * ids and states.
 */
export const pageScript = `${rankLua}
local version = tonumber(redis.call('HGET', hunt, 'v') or '0')
local rule, order = ruleOf(hunt), orderKey(false)
local members = redis.call('ZRANGE', order, ARGV[1], ARGV[2])
if #members == 0 then return {version, rule, 0, '', ''} end
local ids = {}
for i, member in ipairs(members) do ids[i] = string.sub(member, -8) end
local states = redis.call('HMGET', teams, unpack(ids))
local score = redis.call('ZSCORE', order, members[1])
local rank = rankAt(order, rule, tonumber(ARGV[1]), score, string.sub(members[1], 1, ${tieBytes}))
return {version, rule, rank, table.concat(ids), table.concat(states)}`;

/** KEYS as in order-lua.ts; ARGV team id. Returns version, rank (0: no such team) and state. */
export const teamScript = `${rankLua}
local version = tonumber(redis.call('HGET', hunt, 'v') or '0')
local state = redis.call('HGET', teams, ARGV[1])
if not state then return {version, 0, ''} end
local rule, order = ruleOf(hunt), orderKey(false)
local _, penalty, last = struct.unpack('>ddd', state)
local tie = isWide(rule) and tieOf(penalty, last, rule) or ''
local member = tie .. ARGV[1]
local score = redis.call('ZSCORE', order, member)
if not score then return {version, 0, ''} end
local position = isWide(rule) and redis.call('ZRANK', order, member) or 0
return {version, rankAt(order, rule, position, score, tie), state}`;
