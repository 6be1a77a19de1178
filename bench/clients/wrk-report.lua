-- One JSON line with the percentiles that wrk's own report leaves out. wrk counts in µs.
done = function(summary, latency, requests)
  local ms = function(p) return latency:percentile(p) / 1000 end
  io.write(string.format(
    '{"requests":%d,"p50Ms":%.3f,"p90Ms":%.3f,"p99Ms":%.3f,"p999Ms":%.3f,"maxMs":%.3f}\n',
    summary.requests, ms(50), ms(90), ms(99), ms(99.9), latency.max / 1000))
end
