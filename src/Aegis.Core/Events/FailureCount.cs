namespace Aegis.Events;

/// <summary>How often somebody who was to answer has not, since the guard was made.</summary>
/// <param name="Rule">The rule that says so, for example <c>judge/timeout</c>; <c>session/local-share</c> for what an instance has spent without the store of sessions.</param>
/// <param name="IsOpen">Whether what was asked about went on all the same, as the policy chose; else it was blocked.</param>
/// <param name="Count">How often.</param>
/// <param name="Last">When last, in UTC.</param>
/// <param name="IsRecent">Whether that was less than five minutes ago.</param>
public sealed record FailureCount(string Rule, bool IsOpen, long Count, DateTimeOffset Last, bool IsRecent);
