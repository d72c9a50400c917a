-- Ahead of every script that changes what workers there are, after clock.lua.
-- KEYS: workers (sorted by the last heartbeat), what they say, how many slots each has, how many they have in all.
local workers, said, slots_of, slots = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local function forget(id)
  redis.call('ZREM', workers, id)
  redis.call('HDEL', said, id)
  redis.call('HDEL', slots_of, id)
end

local function count_slots(within_ms)
  local sum = 0
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', workers, now() - within_ms, '+inf')) do
    sum = sum + (redis.call('HGET', slots_of, id) or 0)
  end
  redis.call('SET', slots, sum)
end
