-- ARGV: prefix, the delivery's id, the tenant, most attempts. Sends a delivery once more, now, with all its retries; one
-- that waits for its next attempt makes it now. Returns its status before that, or `attempts` for one that was tried too
-- often; nothing for one that this tenant does not have.
local delivery = load_delivery(ARGV[2])
if not delivery or delivery.tenant ~= ARGV[3] then
  return { false, {} }
end
local before = delivery.status
if before ~= 'pending' and delivery.attempts >= tonumber(ARGV[4]) then
  return { 'attempts', {} }
end
if before ~= 'pending' then
  set_status(delivery, 'pending')
  redis.call('HSET', delivery.record, 'tries', 0)
  redis.call('HDEL', delivery.record, 'kept_until')
end
if not redis.call('ZSCORE', key('sending'), delivery.id) then
  wait_until(delivery, now())
end
return { before, release_deliveries({}) }
