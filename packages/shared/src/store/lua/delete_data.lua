-- ARGV: prefix, the id, the tenant. Deletes what the caller and the script wrote of a terminal job.
-- Returns the job's status; nothing for a job that this tenant does not have.
local job = load(ARGV[2])
if not job or job.tenant ~= ARGV[3] then
  return { false, {} }
end
if job.status ~= 'queued' and job.status ~= 'running' then
  for _, field in ipairs({ 'script', 'input', 'stdout', 'stderr', 'result' }) do
    delete_field(job, field)
  end
end
return { job.status, {} }
