-- ARGV: …, the worker, most attempts, the error of a job whose workers were lost.
-- A running job comes here when BullMQ hands it out again because its holder's lock ran out: that attempt is over.
local worker, max_attempts, lost = ARGV[3], tonumber(ARGV[4]), ARGV[5]

local status = redis.call('HGET', record, 'status')
if status == 'running' then
  status = retry(max_attempts, lost)
end
if status ~= 'queued' then
  return nil
end
redis.call('HSET', record, 'status', 'running', 'worker', worker, 'started_at', now())
local attempt = redis.call('HINCRBY', record, 'attempts', 1)
redis.call('ZREM', queued, id)
redis.call('ZADD', running, now(), id)
return { attempt, unpack(redis.call('HMGET', record, 'kind', 'script', 'input', 'timeout_ms', 'memory_mb')) }
