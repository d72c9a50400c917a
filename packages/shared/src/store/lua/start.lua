-- ARGV: prefix, the id, the worker, most attempts, the error of a job whose workers were lost, ms that an older job of
-- the same line is waited for (0 for none).
-- A running job comes here when BullMQ hands it out again because its holder's lock ran out: that attempt is over.
-- Unless the holder itself asks: it runs a job once at a time, so it has asked before and the answer was lost.
local worker, max_attempts, lost, in_order_ms = ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local job = load(ARGV[2])

local function start()
  leave(job)
  move(job, 'running')
  redis.call('HSET', job.record, 'worker', worker, 'started_at', now(), 'queue_us', now_us() - job.created_us)
  redis.call('HINCRBY', job.record, 'attempts', 1)
  redis.call('HINCRBY', job.record, 'starts', 1) -- those too that a shutdown has taken back
  redis.call('HDEL', job.record, 'expires_at', 'place')
  redis.call('ZADD', key('running'), now(), job.id)
  tell(job)
end

-- Ids get to BullMQ from whoever released them, so they may change places on the way by some ms.
local function has_older()
  if in_order_ms == 0 or job.lane == 'execute' then
    return false
  end
  local first = redis.call('ZRANGE', tenant_key(job, 'ready:' .. job.line), 0, 0)[1]
  return first and first ~= job.id and job.attempts == 0
    and tonumber(redis.call('ZSCORE', key('ready', job.lane), first)) > now() - in_order_ms
end

local asked_before = job and job.status == 'running' and job.worker == worker
if job and job.status == 'running' and not asked_before then
  retry(job, max_attempts, lost)
end
if job and job.status == 'queued' then
  if job.expires_at <= now() then
    end_with(job, 'expired', EXPIRED)
  elseif has_older() then
    return { 'early', {} }
  else
    start()
  end
end
if not job or job.status ~= 'running' then
  return { false, release() }
end
local fields = redis.call('HMGET', job.record, 'attempts', 'kind', 'script', 'input', 'timeout_ms', 'memory_mb')
fields[1] = tonumber(fields[1])
return { fields, release() }
