/**
 * One announce, carried out by Redis at once: peers that fell silent go, the peer is entered or
 * dropped, and others are chosen. All keys of a torrent share its hash tag, so that a cluster keeps
 * them in one slot.
 *
 * KEYS: for IPv4, IPv6 and the web each the seeders and the leechers, as sorted sets by the second
 * of the last announce; then the count of completed downloads.
 * ARGV: kind (1 to 3), peer, "s" | "l" | "x" (stops), now, oldest, wanted, "1" for leechers only,
 * wanted kinds as three digits, seconds until the keys go, most peers of a kind, "1" for completed.
 * @returns seeders, leechers, completed, and the peers of each kind, concatenated.
 */
export const ANNOUNCE_SCRIPT = `
local kind, peer, mode, now, want = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[6])
for i = 1, 6 do redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', '(' .. ARGV[5]) end
local seeders, leechers = KEYS[kind * 2 - 1], KEYS[kind * 2]

-- The peer leaves before others are chosen, so that it is not given itself.
local wasSeeder = redis.call('ZREM', seeders, peer)
local wasLeecher = redis.call('ZREM', leechers, peer)
local chosen = {'', '', ''}
for k = 1, 3 do
  if want > 0 and string.sub(ARGV[8], k, k) == '1' then
    local s, l = redis.call('ZCARD', KEYS[k * 2 - 1]), redis.call('ZCARD', KEYS[k * 2])
    if ARGV[7] == '1' then s = 0 end
    local count = math.min(want, s + l)
    local ofSeeders = 0
    if s > 0 then ofSeeders = math.max(count - l, math.floor(count * s / (s + l) + 0.5)) end
    local names = {}
    if ofSeeders > 0 then
      for _, name in ipairs(redis.call('ZRANDMEMBER', KEYS[k * 2 - 1], ofSeeders)) do
        names[#names + 1] = name
      end
    end
    if count > ofSeeders then
      for _, name in ipairs(redis.call('ZRANDMEMBER', KEYS[k * 2], count - ofSeeders)) do
        names[#names + 1] = name
      end
    end
    chosen[k] = table.concat(names)
  end
end

if mode ~= 'x' then
  local to = leechers
  if mode == 's' then to = seeders end
  redis.call('ZADD', to, now, peer)
  if wasLeecher == 1 and mode == 's' and ARGV[11] == '1' then redis.call('INCR', KEYS[7]) end
  if wasSeeder + wasLeecher == 0 then
    local s, l = redis.call('ZCARD', seeders), redis.call('ZCARD', leechers)
    if s + l > tonumber(ARGV[10]) then
      local crowd = seeders
      if l > s then crowd = leechers end
      redis.call('ZREM', crowd, redis.call('ZRANDMEMBER', crowd))
    end
  end
  redis.call('EXPIRE', to, ARGV[9])
  redis.call('EXPIRE', KEYS[7], ARGV[9])
end

local figures = {0, 0}
for i = 1, 6 do
  local role = (i - 1) % 2 + 1
  figures[role] = figures[role] + redis.call('ZCARD', KEYS[i])
end
local completed = tonumber(redis.call('GET', KEYS[7]) or '0')
return {figures[1], figures[2], completed, chosen[1], chosen[2], chosen[3]}
`;
