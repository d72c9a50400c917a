-- Ahead of every script.
-- Redis's own clock: one for all hosts. In µs, and in ms.
local function now_us()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function now()
  return math.floor(now_us() / 1000)
end

