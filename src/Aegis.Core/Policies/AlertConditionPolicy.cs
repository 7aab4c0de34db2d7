namespace Aegis.Policies;

/// <summary>When an alert rule fires: when there is more than <paramref name="Threshold"/> in any window of this length.</summary>
/// <param name="Type">What is counted.</param>
/// <param name="Threshold">More than this: a whole number up to 100,000; of <see cref="AlertConditionType.CostAnomaly"/> a sum; of <see cref="AlertConditionType.ScanBlockRate"/> a share from 0 to below 1.</param>
/// <param name="Window">In any window of this length.</param>
public sealed record AlertConditionPolicy(AlertConditionType Type, decimal Threshold, TimeSpan Window)
{
    /// <summary>Which events <see cref="AlertConditionType.RateSpike"/> counts: one of <see cref="Events.EventTypes"/>.</summary>
    /// <value><see langword="null"/>, which it refuses.</value>
    public string? Event { get; init; }

    /// <summary>How many texts <see cref="AlertConditionType.ScanBlockRate"/> wants before a share means something, 1 to 1,000,000.</summary>
    /// <value><see langword="null"/>: 20.</value>
    public int? Minimum { get; init; }
}
