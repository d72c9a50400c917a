-- ARGV: prefix, the delivery's id, how many attempts there were before this one. What a sender needs for it; nothing
-- where this attempt is over, or is not to be made.
local delivery = load_delivery(ARGV[2])
if not delivery or delivery.attempts ~= tonumber(ARGV[3]) or not redis.call('ZSCORE', key('sending'), delivery.id) then
  return { false, {} }
end
if redis.call('EXISTS', key('job', delivery.job)) == 0 then -- deleted past these scripts: there is nothing to tell
  end_sending(delivery)
  forget(delivery)
  return { false, release_deliveries({}) }
end
local fields = redis.call('HMGET', delivery.record, 'job', 'url', 'type', 'ended_at')
local job = redis.call('HMGET', key('job', delivery.job), 'webhook_secret', 'webhook_headers')
return { { delivery.tries, fields[1], fields[2], fields[3], fields[4], job[1] or '', job[2] or '{}' }, {} }
