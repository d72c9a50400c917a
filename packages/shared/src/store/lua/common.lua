-- Ahead of every script that changes a job's or a delivery's state, after clock.lua and deliveries.lua.
-- ARGV[1]: the prefix of all keys. Every such script returns { its answer, what it released }.
--
-- A queued job stands in one place: `delayed` until it is due, then in a `line` of its tenant, then `ready`: its id goes
-- to BullMQ, or is there. `at` is its score there: when it is due, else its place in the order. Tenants with jobs in a
-- line take turns; `release` goes round.

-- Jobs with a caller who waits, and the others: each lane has its own turns, and its own room.
local LINES = { execute = { 'execute' }, background = { 'high', 'normal', 'low' } }
local EXPIRED = '{"code":"expired","message":"Its ttl_ms passed before it could start"}'
local CANCELLED = '{"code":"cancelled","message":"The job was cancelled"}'

-- What a running job has printed so far.
local function live_key(job, stream)
  return key('live', job.id, stream)
end

-- For those who follow the job: it has printed something, or it started or waits again.
local function tell(job)
  redis.call('PUBLISH', key('live'), job.id)
end

local function tenant_key(job, name)
  return key('tenant', job.tenant, name)
end

-- What the scripts look at of a record; nil when there is none.
local function load(id)
  local record = key('job', id)
  local fields = redis.call('HMGET', record, 'status', 'tenant', 'lane', 'line', 'place', 'created_us', 'worker', 'attempts',
    'cancel_asked', 'expires_at')
  if not fields[1] then
    return nil
  end
  return {
    id = id, record = record, status = fields[1], tenant = fields[2], lane = fields[3], line = fields[4], place = fields[5],
    created_us = fields[6], worker = fields[7], attempts = tonumber(fields[8]), cancel_asked = fields[9],
    expires_at = fields[10] and tonumber(fields[10]) or math.huge,
  }
end

-- Whether this worker's attempt is the one that runs: the compare of every compare-and-set.
local function holds(job, worker, attempt)
  return job and job.status == 'running' and job.worker == worker and job.attempts == tonumber(attempt)
end

local function add_bytes(job, size)
  if size == 0 then
    return -- minus nothing is no number to Redis
  end
  redis.call('HINCRBY', job.record, 'bytes', size)
  redis.call('HINCRBY', key('tenant', job.tenant), 'bytes', size)
  redis.call('INCRBY', key('bytes'), size)
end

local function delete_field(job, field)
  add_bytes(job, -redis.call('HSTRLEN', job.record, field))
  redis.call('HDEL', job.record, field)
end

-- Turns.

local function is_waiting(tenant, lane)
  local lines = {}
  for i, line in ipairs(LINES[lane]) do
    lines[i] = key('tenant', tenant, line)
  end
  return redis.call('EXISTS', unpack(lines)) > 0
end

-- The tenant's turn comes after those that wait already, but before the one that was served last.
local function join(tenant, lane)
  redis.call('ZADD', key('turns', lane), 'NX', (redis.call('GET', key('turn')) or 0) - 0.5, tenant)
end

-- A tenant that was passed over because it ran as many jobs as it may is back: it runs one less.
local function unpark(tenant)
  if redis.call('SREM', key('parked'), tenant) == 0 then
    return
  end
  for lane in pairs(LINES) do
    if is_waiting(tenant, lane) then
      join(tenant, lane)
    end
  end
end

-- Calls `use` with each job whose score in the sorted set is past, and at most `count`. An id whose record was deleted
-- past these scripts is dropped, else it would stand in the way for ever.
local function each_due(set, count, use)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', set, '-inf', now(), 'LIMIT', 0, count)) do
    redis.call('ZREM', set, id)
    local job = load(id)
    if job then
      use(job)
    end
  end
end

-- Places.

local function put(job, place, at)
  if place == 'delayed' then
    redis.call('ZADD', key('delayed'), at, job.id)
  elseif place == 'line' then
    redis.call('ZADD', tenant_key(job, job.line), at, job.id)
    join(job.tenant, job.lane)
  else
    redis.call('ZADD', key('ready', job.lane), now(), job.id)
    redis.call('ZADD', tenant_key(job, 'ready:' .. job.line), at, job.id)
  end
  redis.call('HSET', job.record, 'place', place)
  job.place = place
end

local function take_out(job)
  if job.place == 'delayed' then
    redis.call('ZREM', key('delayed'), job.id)
  elseif job.place == 'line' then
    redis.call('ZREM', tenant_key(job, job.line), job.id)
  else
    redis.call('ZREM', key('ready', job.lane), job.id)
    redis.call('ZREM', tenant_key(job, 'ready:' .. job.line), job.id)
  end
end

local function may_run_more(tenant, slots)
  local limit = redis.call('HGET', key('tenant', tenant), 'jobs_at_once')
  if limit == 'all' then
    return true
  end
  if limit == 'half' then
    limit = math.max(1, math.floor(slots / 2))
  end
  local used = redis.call('ZCARD', key('tenant', tenant, 'running'))
  for _, lines in pairs(LINES) do
    for _, line in ipairs(lines) do
      used = used + redis.call('ZCARD', key('tenant', tenant, 'ready', line))
    end
  end
  return used < tonumber(limit)
end

-- The next job of the tenant in this lane gets ready: the first of its first line that has one. Returns its id.
-- (An id without a record is there only if somebody deleted that past these scripts. It must take no room.)
local function release_next(tenant, lane)
  for _, line in ipairs(LINES[lane]) do
    repeat
      local id, created_us = unpack(redis.call('ZPOPMIN', key('tenant', tenant, line)))
      local record = id and key('job', id)
      if id and redis.call('EXISTS', record) == 1 then
        put({ id = id, record = record, tenant = tenant, lane = lane, line = line }, 'ready', created_us)
        return id
      end
    until not id
  end
end

-- Goes round the tenants while there is room: in each lane as many ids are ready as there are slots, which with those
-- that run is twice the slots. Returns id, lane, id, lane, …, and after these the deliveries that may be sent now.
local function release()
  local slots, released = tonumber(redis.call('GET', key('slots')) or 0), {}
  for _, lane in ipairs({ 'execute', 'background' }) do
    local turns = key('turns', lane)
    local room = slots - redis.call('ZCARD', key('ready', lane))
    while room > 0 do
      local tenant = redis.call('ZRANGE', turns, 0, 0)[1]
      if not tenant then
        break
      end
      if not may_run_more(tenant, slots) then
        redis.call('ZREM', turns, tenant)
        redis.call('SADD', key('parked'), tenant)
      else
        local id = release_next(tenant, lane)
        if id then
          redis.call('ZADD', turns, redis.call('INCR', key('turn')), tenant)
          table.insert(released, id)
          table.insert(released, lane)
          room = room - 1
        else
          redis.call('ZREM', turns, tenant)
        end
      end
    end
  end
  return release_deliveries(released)
end

-- States.

local function move(job, status)
  redis.call('ZREM', tenant_key(job, job.status), job.id)
  redis.call('ZADD', tenant_key(job, status), job.created_us, job.id)
  redis.call('HSET', job.record, 'status', status)
  job.status = status
end

local function leave(job)
  if job.status == 'queued' then
    redis.call('SREM', key('queued'), job.id)
    take_out(job)
  else
    redis.call('ZREM', key('running'), job.id)
    redis.call('DEL', live_key(job, 'stdout'), live_key(job, 'stderr'))
  end
  if job.expires_at < math.huge then
    redis.call('ZREM', key('expiring'), job.id)
  end
end

-- Of an outcome that is told with its record: more would cost all who hear of it more than a read costs one.
local MOST_TOLD_BYTES = 65536
local NOT_TOLD = { script = true, input = true, webhook_secret = true, webhook_headers = true }

-- Tells the process that waits for this job all that it would read next.
local function tell_record(job, size)
  local reply_to = size <= MOST_TOLD_BYTES and redis.call('HGET', job.record, 'reply_to')
  if not reply_to then
    return
  end
  local told, fields = { id = job.id }, redis.call('HGETALL', job.record)
  for at = 1, #fields, 2 do
    if not NOT_TOLD[fields[at]] then
      told[fields[at]] = fields[at + 1]
    end
  end
  redis.call('PUBLISH', key('outcome', reply_to), cjson.encode(told))
end

-- Writes the one terminal state and its webhook, tells who waits, and sets the end of the retention.
local function end_job(job, status, size, fields)
  local at = now()
  local retained_until = at + redis.call('HGET', job.record, 'retention_ms')
  leave(job)
  move(job, status)
  redis.call('HSET', job.record, 'finished_at', at, 'retained_until', retained_until, unpack(fields))
  redis.call('ZADD', key('retained'), retained_until, job.id)
  add_bytes(job, size)
  open_delivery(job, status, at)
  tell_record(job, size)
  redis.call('PUBLISH', key('finished'), job.id)
  unpark(job.tenant)
end

-- Without an outcome of the sandbox. What the job has printed is kept as far as it was told.
local function end_with(job, status, error)
  local size, fields = #error, { 'error', error }
  for _, stream in ipairs(job.status == 'running' and { 'stdout', 'stderr' } or {}) do
    local text = redis.call('GET', live_key(job, stream))
    if text then
      size = size + #text
      table.insert(fields, stream)
      table.insert(fields, text)
    end
  end
  end_job(job, status, size, fields)
end

-- BullMQ has its id still, so it is ready again, but for none to wait for. A job that was cancelled meanwhile is not
-- started another time.
local function requeue(job)
  if job.cancel_asked then
    return end_with(job, 'cancelled', CANCELLED)
  end
  leave(job)
  move(job, 'queued')
  redis.call('HDEL', job.record, 'worker', 'started_at')
  redis.call('SADD', key('queued'), job.id)
  put(job, 'ready', '+inf')
  tell(job)
end

-- The end of an attempt that failed by a fault of Jobcell's: another one, or the end. Returns the new status.
local function retry(job, max_attempts, error)
  if job.attempts >= max_attempts and not job.cancel_asked then
    end_with(job, 'failed', error)
  else
    requeue(job)
  end
  return job.status
end
