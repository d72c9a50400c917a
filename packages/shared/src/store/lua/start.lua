-- ARGV: …, the worker, most attempts, the error of a job whose workers were lost.
-- A running job comes here when BullMQ hands it out again because its holder's lock ran out: that attempt is over.
-- Unless the holder itself asks: it runs a job once at a time, so it has asked before and the answer was lost.
local worker, max_attempts, lost = ARGV[3], tonumber(ARGV[4]), ARGV[5]

local function start()
  local queue_us = now_us() - (redis.call('HGET', record, 'created_us') or now_us())
  redis.call('HSET', record, 'status', 'running', 'worker', worker, 'started_at', now(), 'queue_us', queue_us)
  redis.call('HINCRBY', record, 'attempts', 1)
  redis.call('ZREM', queued, id)
  redis.call('ZADD', running, now(), id)
end

local state = redis.call('HMGET', record, 'status', 'worker')
local status, asked_before = state[1], state[1] == 'running' and state[2] == worker
if status == 'running' and not asked_before then
  status = retry(max_attempts, lost)
end
if status == 'queued' then
  start()
elseif not asked_before then
  return nil
end
local job = redis.call('HMGET', record, 'attempts', 'kind', 'script', 'input', 'timeout_ms', 'memory_mb')
job[1] = tonumber(job[1])
return job
