-- The outbox of webhooks. Ahead of common.lua, which ends jobs, and of the scripts that change a delivery's state.
-- ARGV[1]: the prefix of all keys.
--
-- A delivery is pending, then delivered or dead. While it is pending it stands in the line of its receiver (`at` is when
-- it is due), or is `sending`: its id goes to BullMQ, or is there. A delivery lives and is deleted with its job's record.
local function key(...)
  return table.concat({ ARGV[1], ... }, ':')
end

-- Deliveries that are sent at once, by all senders; of one tenant; to one receiver, and to one that did not answer the
-- last time: those that keep a sender waiting must leave room for the others.
local MOST_SENDING = { all = 100, tenant = 50, receiver = 8, silent = 1 }

local function load_delivery(id)
  local record = key('delivery', id)
  local fields = redis.call('HMGET', record, 'status', 'tenant', 'receiver', 'job', 'seq', 'attempts', 'tries')
  if not fields[1] then
    return nil
  end
  return {
    id = id, record = record, status = fields[1], tenant = fields[2], receiver = fields[3], job = fields[4],
    seq = fields[5], attempts = tonumber(fields[6]), tries = tonumber(fields[7]),
  }
end

-- When the receiver is to be looked at: when the first of its line is due. Returns that.
local function expect(receiver)
  local _, due = unpack(redis.call('ZRANGE', key('line', receiver), 0, 0, 'WITHSCORES'))
  if due then
    redis.call('ZADD', key('receivers'), due, receiver)
  else
    redis.call('ZREM', key('receivers'), receiver)
  end
  return tonumber(due)
end

local function wait_until(delivery, at)
  redis.call('HSET', delivery.record, 'next_attempt_at', at)
  redis.call('ZADD', key('line', delivery.receiver), at, delivery.id)
  expect(delivery.receiver)
end

-- Of those that are being sent: how many of this tenant's, or to this receiver.
local function sending_of(name)
  return tonumber(redis.call('HGET', key('sending', 'count'), name) or 0)
end

local function count(delivery, by)
  for _, name in ipairs({ 'tenant:' .. delivery.tenant, 'receiver:' .. delivery.receiver }) do
    if redis.call('HINCRBY', key('sending', 'count'), name, by) <= 0 then
      redis.call('HDEL', key('sending', 'count'), name)
    end
  end
end

-- It is not being sent any more. What had to wait for it is looked at again.
local function end_sending(delivery)
  if redis.call('ZREM', key('sending'), delivery.id) == 0 then
    return
  end
  count(delivery, -1)
  expect(delivery.receiver)
  repeat -- there is room for one: the first that has something due
    local other = redis.call('SPOP', key('held', delivery.tenant))
    local due = other and expect(other)
  until not other or due and due <= now()
end

local function may_send_more(receiver)
  local silent = redis.call('SISMEMBER', key('silent'), receiver) == 1
  return sending_of('receiver:' .. receiver) < (silent and MOST_SENDING.silent or MOST_SENDING.receiver)
end

-- The first due delivery to this receiver, if it may be sent now. The receiver is looked at again when that changes.
local function next_to(receiver)
  local id, due = unpack(redis.call('ZRANGE', key('line', receiver), 0, 0, 'WITHSCORES'))
  local delivery = id and load_delivery(id)
  redis.call('ZREM', key('receivers'), receiver)
  if id and not delivery then -- its record was deleted past these scripts
    redis.call('ZREM', key('line', receiver), id)
    expect(receiver)
  elseif id and tonumber(due) > now() then
    expect(receiver)
  elseif id and sending_of('tenant:' .. delivery.tenant) >= MOST_SENDING.tenant then
    redis.call('SADD', key('held', delivery.tenant), receiver)
  elseif id and may_send_more(receiver) then
    return delivery
  end
end

-- What BullMQ has of a delivery: each attempt is an id of its own there.
local function attempt_id(delivery)
  return delivery.id .. '.' .. delivery.attempts
end

-- Goes round the receivers, those first who have waited longest. Adds attempt, 'delivery', … to `released`.
local function release_deliveries(released)
  local room = MOST_SENDING.all - redis.call('ZCARD', key('sending'))
  while room > 0 do
    local receiver = redis.call('ZRANGEBYSCORE', key('receivers'), '-inf', now(), 'LIMIT', 0, 1)[1]
    if not receiver then
      break
    end
    local delivery = next_to(receiver)
    if delivery then
      redis.call('ZREM', key('line', receiver), delivery.id)
      redis.call('ZADD', key('sending'), now(), delivery.id)
      count(delivery, 1)
      expect(receiver)
      table.insert(released, attempt_id(delivery))
      table.insert(released, 'delivery')
      room = room - 1
    end
  end
  return released
end

local function deliveries_of(delivery, status)
  return key('tenant', delivery.tenant, 'deliveries', status)
end

local function set_status(delivery, status)
  if delivery.status then
    redis.call('ZREM', deliveries_of(delivery, delivery.status), delivery.id)
  end
  redis.call('ZADD', deliveries_of(delivery, status), delivery.seq, delivery.id)
  redis.call('HSET', delivery.record, 'status', status)
  delivery.status = status
end

-- Writes the outbox entry of a job that has just ended: by the same script, so that none is lost and none made up.
local function open_delivery(job, status, at)
  local id, receiver, url = unpack(redis.call('HMGET', job.record, 'delivery', 'receiver', 'webhook_url'))
  if not id then
    return
  end
  local delivery = { id = id, record = key('delivery', id), tenant = job.tenant, receiver = receiver,
    seq = redis.call('INCR', key('delivery_seq')) }
  redis.call('HSET', delivery.record, 'tenant', job.tenant, 'job', job.id, 'receiver', receiver, 'url', url,
    'type', 'job.' .. status, 'seq', delivery.seq, 'attempts', 0, 'tries', 0, 'ended_at', at)
  redis.call('ZADD', deliveries_of(delivery, 'all'), delivery.seq, id)
  set_status(delivery, 'pending')
  wait_until(delivery, at)
end

-- Until when the delivery needs its job's record: its body is made of it. Nothing without a delivery.
local function needed_until(job)
  local id = redis.call('HGET', job.record, 'delivery')
  local status, kept_until = unpack(id and redis.call('HMGET', key('delivery', id), 'status', 'kept_until') or {})
  return status == 'pending' and math.huge or status and tonumber(kept_until)
end

local function forget(delivery)
  redis.call('ZREM', deliveries_of(delivery, 'all'), delivery.id)
  redis.call('ZREM', deliveries_of(delivery, delivery.status), delivery.id)
  redis.call('DEL', delivery.record)
end

-- With its job's record.
local function delete_delivery(job)
  local id = redis.call('HGET', job.record, 'delivery')
  local delivery = id and load_delivery(id)
  if delivery then
    forget(delivery)
  end
end
