-- One slice of load for wrk: sends the requests of a file in turn, and reads every answer.
-- Each line of the file is "authorization<TAB>body"; %KEY% in a body becomes a text of its own.

local threads = {}
local format, find = string.format, string.find

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  requests, nth, wrong, sample = {}, 0, 0, ""
  prefix = format("%d-%d", os.time(), math.floor(os.clock() * 1e9))
  for line in io.lines(args[1]) do
    local authorization, body = line:match("^([^\t]*)\t(.*)$")
    local headers = {["Authorization"] = authorization, ["Content-Type"] = "application/json"}
    if find(body, "%KEY%", 1, true) then
      requests[#requests + 1] = function(key)
        return wrk.format("POST", "/graphql", headers, (body:gsub("%%KEY%%", key)))
      end
    else
      local whole = wrk.format("POST", "/graphql", headers, body)
      requests[#requests + 1] = function() return whole end
    end
  end
end

function request()
  nth = nth + 1
  return requests[nth % #requests + 1](prefix .. "-" .. nth)
end

function response(status, headers, body)
  if status ~= 200 or find(body, '"errors"', 1, true) or find(body, '"userErrors":[{', 1, true) then
    wrong = wrong + 1
    sample = body:sub(1, 300)
  end
end

function done(summary, latency)
  local wrong, sample = 0, ""
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
    sample = thread:get("sample")
  end
  local broken = summary.errors
  local failed = broken.connect + broken.read + broken.write + broken.timeout
  io.stderr:write(sample .. "\n")
  io.write(format("\nFOUND %d %d %d %d %d %d\n", summary.requests, summary.duration, wrong, failed,
    latency:percentile(50), latency:percentile(99)))
end
