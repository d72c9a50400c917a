-- ARGV: prefix, the id, the worker, its attempt, the terminal status, bytes of the outcome, field, value, field, value, …
local job = load(ARGV[2])
if not holds(job, ARGV[3], ARGV[4]) then
  return { 0, {} }
end
end_job(job, ARGV[5], tonumber(ARGV[6]), { unpack(ARGV, 7) })
return { 1, release() }
