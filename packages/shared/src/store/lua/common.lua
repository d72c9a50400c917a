-- Ahead of every script that changes a job's state, after clock.lua.
-- KEYS: the job's record, queued, running, retained (sorted sets of ids), bytes (of all live records).
-- ARGV: the job's id, the channel of finished jobs, then what the script needs.
local record, queued, running, retained, bytes = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local id, finished = ARGV[1], ARGV[2]

-- Whether this worker's attempt is the one that runs: the compare of every compare-and-set.
local function holds(worker, attempt)
  local state = redis.call('HMGET', record, 'status', 'worker', 'attempts')
  return state[1] == 'running' and state[2] == worker and state[3] == attempt
end

local function add_bytes(size)
  redis.call('HINCRBY', record, 'bytes', size)
  redis.call('INCRBY', bytes, size)
end

-- Writes the one terminal state, tells who waits, and sets the end of the retention.
local function end_job(status, size, fields)
  local at = now()
  local retained_until = at + redis.call('HGET', record, 'retention_ms')
  redis.call('HSET', record, 'status', status, 'finished_at', at, 'retained_until', retained_until, unpack(fields))
  redis.call('ZREM', queued, id)
  redis.call('ZREM', running, id)
  redis.call('ZADD', retained, retained_until, id)
  add_bytes(size)
  redis.call('PUBLISH', finished, id)
end

local function requeue()
  redis.call('HSET', record, 'status', 'queued')
  redis.call('HDEL', record, 'worker', 'started_at')
  redis.call('ZREM', running, id)
  redis.call('ZADD', queued, redis.call('HGET', record, 'created_at'), id)
end

-- The end of an attempt that failed by a fault of Jobcell's: another one, or the end.
local function retry(max_attempts, error)
  if tonumber(redis.call('HGET', record, 'attempts')) >= max_attempts then
    end_job('failed', #error, { 'error', error })
    return 'failed'
  end
  requeue()
  return 'queued'
end
