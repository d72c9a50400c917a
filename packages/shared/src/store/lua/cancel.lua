-- ARGV: prefix, the id, the tenant, whether a running job is ended here and now ('now') or by its worker ('ask').
-- Returns the job's status after that; nothing for a job that this tenant does not have.
local job = load(ARGV[2])
if not job or job.tenant ~= ARGV[3] then
  return { false, {} }
end
if job.status == 'queued' or (job.status == 'running' and ARGV[4] == 'now') then
  end_with(job, 'cancelled', CANCELLED)
elseif job.status == 'running' then
  redis.call('HSET', job.record, 'cancel_asked', 1)
  redis.call('PUBLISH', key('cancel'), job.id)
end
return { job.status, release() }
