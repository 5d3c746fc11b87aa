-- Asks what stands in `asks`, each as often as it weighs; its callers take turns. `every`: milliseconds from
-- one request to the next on the average, whoever makes it; 0 is as fast as they are answered. `look`: whether to
-- count what came from a cache.
local ffi = require("ffi")
local DAY, FIRST = 86400, 1735689600
local drawn, turn, ranges = {}, 0, seed
local looked, hits, threads = 0, 0, {}

math.randomseed(seed)
for _, ask in ipairs(asks) do
  for _ = 1, ask.weight do drawn[#drawn + 1] = ask end
end

-- Days that nobody has asked for: another beginning each time, and after all beginnings another length.
local function days()
  ranges = ranges + 1
  local first = FIRST + (ranges % 600) * DAY
  local last = first + (math.floor(ranges / 600) % 100) * DAY
  return "?from=" .. os.date("!%Y-%m-%d", first) .. "&to=" .. os.date("!%Y-%m-%d", last)
end

function setup(thread)
  threads[#threads + 1] = thread
end

function request()
  turn = turn + 1
  local ask = drawn[math.random(#drawn)]
  local path = ask.ranged and ask.path .. days() or ask.path
  return wrk.format(ask.method, path, ask.headers[turn % #ask.headers + 1], ask.body ~= "" and ask.body or nil)
end

ffi.cdef("typedef struct { long seconds, nanoseconds; } instant; int clock_gettime(int clock, instant *now);")
local instant = ffi.new("instant")

local function now()
  ffi.C.clock_gettime(1, instant)
  return tonumber(instant.seconds) * 1e3 + tonumber(instant.nanoseconds) / 1e6
end

-- People come when they come, and wait for nobody else's answer.
if every > 0 then
  local due = now()
  function delay()
    due = due - every * math.log(1 - math.random())
    return math.max(0, math.floor(due - now() + 0.5))
  end
end

if look then
  function response(status, headers)
    looked = looked + 1
    for name, value in pairs(headers) do
      if name:lower() == "x-cache" and value ~= "MISS" then hits = hits + 1 end
    end
    seen = looked .. " " .. hits
  end
end

function done(summary, latency)
  local all, found = 0, 0
  for _, thread in ipairs(threads) do
    local one, other = (thread:get("seen") or "0 0"):match("(%d+) (%d+)")
    all, found = all + tonumber(one), found + tonumber(other)
  end
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  local told = '\nTOLD {"asked": %d, "seconds": %f, "failed": %d, "looked": %d, "hits": %d, "p50": %f, "p95": %f, "p99": %f}'
  io.write(told:format(summary.requests, summary.duration / 1e6, failed, all, found,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
