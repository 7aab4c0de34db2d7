using System.Collections.Concurrent;
using Aegis.Policies;
using Microsoft.Extensions.Logging;

namespace Aegis.Alerting;

/// <summary>Does what rules say beside the event: logs, calls the app, sends. Each rule has a queue of its own, so that one receiver that hangs delays nobody else. Thread-safe.</summary>
/// <param name="webhook">What sends; null: nothing does.</param>
/// <param name="callbacks">Whom to call, for one rule or (null) for all.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class AlertOutlets(IAlertWebhook? webhook, IReadOnlyList<(string? Rule, Func<Alert, CancellationToken, ValueTask> Call)> callbacks, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, AlertLane> _lanes = new(StringComparer.Ordinal);
    private long _goneDropped;
    private long _goneUndelivered;

    /// <summary>What sends; null: nothing does.</summary>
    public IAlertWebhook? Webhook => webhook;

    /// <summary>Alerts that found their queue full.</summary>
    public long Dropped => _lanes.Values.Sum(static lane => lane.Dropped);

    /// <summary>How the queues are, those of rules that are gone included.</summary>
    public AlertHealth Health
    {
        get
        {
            var sum = new AlertHealth(Interlocked.Read(ref _goneUndelivered), Interlocked.Read(ref _goneDropped), 0, 0, null);
            foreach (var (rule, lane) in _lanes)
            {
                sum = new(sum.Undelivered + lane.Undelivered, sum.Dropped + lane.Dropped, sum.Waiting + lane.Waiting, 0, sum.Failing ?? (lane.Failing is { } failing ? $"{rule}: {failing}" : null));
            }

            return sum;
        }
    }

    /// <summary>Whether somebody is called for a rule.</summary>
    public bool HasCallback(string rule) => callbacks.Any(callback => Concerns(callback.Rule, rule));

    /// <summary>Queues what is to be done. Returns at once.</summary>
    public void Deliver(AlertRule rule, Alert alert) =>
        _lanes.GetOrAdd(rule.Id, static (_, outlets) => new(outlets.time, outlets.logger), (time, logger)).Add(new(rule.Definition.Action, alert, Work(rule, alert)));

    /// <summary>Ends the queues of rules that are gone. What is in them still goes out.</summary>
    public void Keep(IReadOnlyList<AlertRule> rules)
    {
        var ids = rules.Select(static rule => rule.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var id in _lanes.Keys.Where(id => !ids.Contains(id)))
        {
            if (_lanes.TryRemove(id, out var lane))
            {
                Interlocked.Add(ref _goneDropped, lane.Dropped);
                Interlocked.Add(ref _goneUndelivered, lane.Undelivered);
                lane.End();
            }
        }
    }

    /// <summary>Ends all queues. What is in them still goes out, while the process runs.</summary>
    public void Dispose() => Keep([]);

    private Func<CancellationToken, ValueTask> Work(AlertRule rule, Alert alert) => rule.Definition.Action switch
    {
        AlertAction.Webhook when webhook is not null && rule.Target is { } target => token => webhook.SendAsync(alert, target, token),
        AlertAction.Callback => token => CallAsync(rule.Id, alert, token),
        _ => _ => Log(alert),
    };

    private async ValueTask CallAsync(string rule, Alert alert, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        foreach (var (_, call) in callbacks.Where(callback => Concerns(callback.Rule, rule)))
        {
            try
            {
                await call(alert, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e)   // the others are called all the same
            {
                failure ??= e;
            }
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private ValueTask Log(Alert alert)
    {
        AlertLog.Tell(logger, alert);
        return default;
    }

    private static bool Concerns(string? of, string rule) => of is null || string.Equals(of, rule, StringComparison.Ordinal);
}
