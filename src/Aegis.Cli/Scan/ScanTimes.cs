using System.Text;
using System.Text.Json.Nodes;

namespace Aegis.Cli.Scan;

/// <summary>How long texts took.</summary>
internal sealed class ScanTimes(TimeProvider time)
{
    private readonly List<TimeSpan> _times = [];
    private long _bytes;

    public long Start() => time.GetTimestamp();

    public void Stop(long began, string text)
    {
        _times.Add(time.GetElapsedTime(began));
        _bytes += Encoding.UTF8.GetByteCount(text);
    }

    /// <summary>The figures; MB are 10^6 bytes.</summary>
    public JsonObject ToJson()
    {
        _times.Sort();
        var seconds = _times.Sum(static time => time.TotalSeconds);
        return new()
        {
            ["count"] = _times.Count,
            ["bytes"] = _bytes,
            ["seconds"] = Math.Round(seconds, 6),
            ["mb_per_s"] = seconds > 0 ? Math.Round(_bytes / seconds / 1_000_000, 3) : 0,
            ["p50_us"] = Percentile(0.5),
            ["p99_us"] = Percentile(0.99),
        };
    }

    private double Percentile(double share) => _times.Count == 0 ? 0 : Math.Round(_times[Math.Min(_times.Count - 1, (int)(_times.Count * share))].TotalMicroseconds, 1);
}
