using System.Collections.Concurrent;
using Aegis.Alerting;

namespace Aegis.Core.Tests.Alerting;

/// <summary>Shared windows that answer what a test says, when it says so.</summary>
internal sealed class FakeWindows : IAlertWindows
{
    public static readonly SharedCount Few = new(1, Exceeds: false, Claimed: false, "", TimeSpan.FromSeconds(1));

    public TimeSpan Patience => TimeSpan.FromMilliseconds(80);

    /// <summary>What to answer to a count that suggests this id.</summary>
    public Func<string, Task<SharedCount>> Counts { get; set; } = static _ => Task.FromResult(Few);

    /// <summary>What to answer to whoever looks whether this alert is over.</summary>
    public Func<string, Task<SharedCount>> Looks { get; set; } = static _ => Task.FromResult(Few with { Claimed = true });

    /// <summary>Ids of counts that were asked for.</summary>
    public ConcurrentQueue<string> Counted { get; } = [];

    /// <summary>Alerts that were asked about.</summary>
    public ConcurrentQueue<string> Looked { get; } = [];

    public static SharedCount Claimed(string alert) => new(9, Exceeds: true, Claimed: true, alert, TimeSpan.FromSeconds(1));

    public ValueTask<SharedCount> CountAsync(AlertRule rule, SessionId key, long amount, long rest, string alert)
    {
        Counted.Enqueue(alert);
        return new(Counts(alert));
    }

    public ValueTask<SharedCount> LookAsync(AlertRule rule, SessionId key, string alert)
    {
        Looked.Enqueue(alert);
        return new(Looks(alert));
    }
}
