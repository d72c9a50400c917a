-- ARGV: prefix, how many at most of each. What time alone does: jobs expire, delayed ones are due, waiting ones are
-- released because there are more slots.
each_due(key('expiring'), ARGV[2], function(job)
  end_with(job, 'expired', EXPIRED)
end)
each_due(key('delayed'), ARGV[2], function(job)
  put(job, 'line', job.created_us)
end)
return { 'ticked', release() }
